/** Keys of the workbench: from a press to an action, with due respect for text fields and buttons. */
import { chordOf } from "../engine/keys/chord";
import type { Keymap, Scope } from "../engine/keys/keymap";
import { Presses, SECOND_PRESS_MS } from "../engine/keys/presses";

/** What still works while somebody types. */
const WHILE_TYPING: ReadonlySet<string> = new Set(["task.submit", "task.save", "task.takeBack", "help.palette", "help.keys", "task.problem", "panel.next", "panel.fold", "panel.only", "document.play", "document.rewind", "document.forward"]);
/** Keys that belong to the focused control. */
const CONTROL_KEYS: ReadonlySet<string> = new Set(["space", "enter", "tab", "shift+tab", "left", "right", "up", "down"]);

export class Keyboard {
  isSpaceHeld = $state(false);
  /** The first press of two, while the second is waited for. */
  waiting = $state<string | null>(null);
  readonly #presses = new Presses();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly keymap: () => Keymap,
    private readonly scopes: () => readonly Scope[],
    private readonly toCanvas: () => void,
    /** Told of every key, as a sign of life. */
    private readonly onKey: () => void,
  ) {}

  /** Starts to listen; returns how to stop. */
  listen(): () => void {
    const down = (event: KeyboardEvent): void => this.#down(event);
    const up = (event: KeyboardEvent): void => {
      if (event.code === "Space") this.isSpaceHeld = false;
    };
    const blur = (): void => {
      this.isSpaceHeld = false;
      this.#forget();
    };
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", blur);
    return () => {
      this.#forget();
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", blur);
    };
  }

  #down(event: KeyboardEvent): void {
    this.onKey();
    const chord = chordOf(event);
    if (chord === null || event.defaultPrevented || event.isComposing) return;
    const focus = focusKind(event.target);
    if (focus === "text" && chord === "esc") return this.toCanvas();
    if (focus === "control" && CONTROL_KEYS.has(chord)) return;
    if (focus === "text") return this.#typed(event, chord);
    const heard = this.#presses.hear(chord, performance.now(), this.keymap(), this.scopes());
    this.#show(heard.kind === "waiting" ? heard.first : null);
    if (heard.kind === "nothing") {
      if (chord !== "space" || focus !== "canvas") return;
      event.preventDefault();
      this.isSpaceHeld = true;
      return;
    }
    event.preventDefault();
    if (heard.kind === "action" && (!event.repeat || heard.action.repeats)) heard.action.run();
  }

  #typed(event: KeyboardEvent, chord: string): void {
    const action = this.keymap().resolve(chord, this.scopes());
    // A key that types a letter types it, whatever it does elsewhere.
    if (!action || !WHILE_TYPING.has(action.id) || chord.replace("shift+", "").length === 1) return;
    event.preventDefault();
    if (!event.repeat || action.repeats) action.run();
  }

  #forget(): void {
    this.#presses.forget();
    this.#show(null);
  }

  #show(first: string | null): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = first === null ? null : setTimeout(() => this.#forget(), SECOND_PRESS_MS);
    this.waiting = first;
  }
}

function focusKind(target: EventTarget | null): "text" | "control" | "canvas" {
  if (!(target instanceof HTMLElement)) return "canvas";
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return "text";
  if (target instanceof HTMLInputElement) return ["checkbox", "radio", "button", "range", "color"].includes(target.type) ? "control" : "text";
  return target.closest("button, a, [role=button], [role=listitem], [role=option], summary, audio, video") ? "control" : "canvas";
}
