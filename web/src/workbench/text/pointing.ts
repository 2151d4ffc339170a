/** Mouse and finger on a text: what a press, a drag, and a second or third press mean. */
import type { Stretch } from "./code-points";
import type { TextDom } from "./dom";
import type { TextRoom } from "./room.svelte";

/** Less is a press of an unsteady hand. */
const DRAG_PX = 4;
/** A finger's selection is taken up when it rests. */
const TOUCH_REST_MS = 250;

interface Pressed {
  readonly x: number;
  readonly y: number;
  /** 2 for the second press in a row, and so on. */
  readonly count: number;
  readonly unit: number | null;
  readonly ids: readonly string[];
}

export class Pointing {
  /** Where the mouse is in the window; null while it is not over the text. */
  at: { readonly x: number; readonly y: number } | null = null;
  onMove: (() => void) | null = null;
  #pressed: Pressed | null = null;
  #isTouch = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly room: TextRoom, private readonly dom: () => TextDom | null) {}

  /** Starts to listen; returns how to stop. */
  listen(scroller: HTMLElement): () => void {
    const stops: (() => void)[] = [];
    const on = <E extends Event>(target: EventTarget, type: string, run: (event: E) => void): void => {
      target.addEventListener(type, run as EventListener);
      stops.push(() => target.removeEventListener(type, run as EventListener));
    };
    on<PointerEvent>(scroller, "pointerdown", (e) => (this.#isTouch = e.pointerType === "touch"));
    on<MouseEvent>(scroller, "mousedown", (e) => this.#down(e));
    on<MouseEvent>(window, "mouseup", (e) => (scroller.classList.remove("dragging"), this.#up(e)));
    on<MouseEvent>(scroller, "mousemove", (e) => this.#move(e));
    on<MouseEvent>(scroller, "mouseleave", () => this.#left());
    on<Event>(document, "selectionchange", () => this.#isTouch && this.#later());
    return () => {
      for (const stop of stops) stop();
      if (this.#timer) clearTimeout(this.#timer);
    };
  }

  #down(event: MouseEvent): void {
    if (event.button !== 0 || isOnControl(event)) return;
    const unit = this.dom()?.unitUnder(event.clientX, event.clientY) ?? null;
    this.#pressed = { x: event.clientX, y: event.clientY, count: event.detail, unit, ids: this.#idsUnder(event, unit) };
    // A word, sentence or line is chosen when the button comes up, by our own borders.
    if (event.detail > 1) event.preventDefault();
    const scroller = event.currentTarget as HTMLElement;
    scroller.focus({ preventScroll: true });
    // What lies over the text lets the drag through.
    scroller.classList.add("dragging");
  }

  #up(event: MouseEvent): void {
    const pressed = this.#pressed;
    this.#pressed = null;
    if (!pressed || event.button !== 0) return;
    const { room } = this;
    const dragged = this.#dragged(event, pressed);
    // A finger's own selection has handles of its own, which stay.
    if (!this.#isTouch && "highlights" in CSS) getSelection()?.removeAllRanges();
    if (room.linking.isOn || room.bench.editor.toolId === "pin") {
      const unit = this.dom()?.unitUnder(event.clientX, event.clientY) ?? null;
      if (unit !== null) room.click(unit, this.#idsUnder(event, unit), false);
      return;
    }
    if (event.shiftKey && room.cursor && pressed.unit !== null) return this.#choose(joinedWith(room.chosen ?? room.cursor, pressed.unit), pressed.unit < room.cursor.start);
    if (pressed.count > 1 && pressed.unit !== null) return this.#choose(this.#around(pressed.unit, pressed.count, dragged?.stretch ?? null), dragged?.isBackward ?? false);
    const fitted = dragged && room.body.fitted(dragged.stretch, room.habits.snapsToWords !== event.altKey);
    if (fitted) return this.#choose(fitted, dragged!.isBackward);
    if (pressed.unit !== null) room.click(pressed.unit, pressed.ids, event.ctrlKey || event.metaKey);
  }

  /** A word; a sentence; a line. With the drag that followed, as far as it went. */
  #around(unit: number, count: number, dragged: Stretch | null): Stretch | null {
    const { body } = this.room;
    const base = count === 2 ? body.stopAt(unit) : count === 3 ? body.sentenceAt(unit) : body.fitted(body.lineAt(unit), false);
    const further = dragged && body.fitted(dragged, true);
    return base && further ? { start: Math.min(base.start, further.start), end: Math.max(base.end, further.end) } : base;
  }

  #choose(stretch: Stretch | null, isBackward: boolean): void {
    const { room } = this;
    room.choose(stretch, isBackward);
    if (stretch && room.habits.labelsAtOnce && !room.bench.editor.isReadonly) room.hand.label();
  }

  #dragged(event: MouseEvent, pressed: Pressed): { stretch: Stretch; isBackward: boolean } | null {
    if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < DRAG_PX) return null;
    const selected = this.dom()?.selected() ?? null;
    if (selected || pressed.count === 1) return selected;
    // The browser selects nothing after a press of which we have taken the meaning.
    const unit = this.dom()?.unitUnder(event.clientX, event.clientY) ?? null;
    if (unit === null || pressed.unit === null || unit === pressed.unit) return null;
    return { stretch: { start: Math.min(unit, pressed.unit), end: Math.max(unit, pressed.unit) }, isBackward: unit < pressed.unit };
  }

  #move(event: MouseEvent): void {
    this.at = { x: event.clientX, y: event.clientY };
    this.onMove?.();
    if (event.buttons !== 0) return;
    const piece = (event.target as Element).closest<HTMLElement>("[data-id], [data-ids]");
    const id = piece?.dataset["id"] ?? piece?.dataset["ids"]?.split(" ").findLast((i) => !i.startsWith("other:"));
    this.room.bench.editor.setHover(id === undefined ? null : { on: "shape", id });
  }

  #left(): void {
    this.at = null;
    this.onMove?.();
    this.room.bench.editor.setHover(null);
  }

  #later(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const selected = this.dom()?.selected();
      const fitted = selected && this.room.body.fitted(selected.stretch, this.room.habits.snapsToWords);
      if (fitted) this.room.choose(fitted, selected.isBackward);
    }, TOUCH_REST_MS);
  }

  /** The spans under the mouse: the one whose tag it is on, else all over that place, when it is on marked text at all. */
  #idsUnder(event: MouseEvent, unit: number | null): readonly string[] {
    const target = document.elementFromPoint(event.clientX, event.clientY);
    const tagged = target?.closest<HTMLElement>("[data-id]")?.dataset["id"];
    if (tagged !== undefined && !tagged.startsWith("other:")) return [tagged];
    const under = target?.closest<HTMLElement>("[data-ids]")?.dataset["ids"]?.split(" ");
    return under && unit !== null ? this.room.pickable(under) : [];
  }
}

function isOnControl(event: Event): boolean {
  return (event.target as Element).closest("button, input, a, [data-control]") !== null;
}

function joinedWith(stretch: Stretch, unit: number): Stretch {
  return { start: Math.min(stretch.start, unit), end: Math.max(stretch.end, unit) };
}
