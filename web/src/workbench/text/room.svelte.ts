/** A text on the bench: what is chosen in it, the word cursor, and what a person does with spans. It knows no DOM. */
import { deleteSelected } from "../../engine/commands";
import { findClass, takes } from "../../engine/ontology";
import type { Annotation, SpanGeometry } from "../../engine/types";
import { msg } from "../../engine/text";
import type { Bench } from "../bench.svelte";
import { TextBody } from "./body";
import type { Stretch } from "./code-points";
import { Find } from "./find.svelte";
import { Linking } from "./linking.svelte";
import { Page } from "./page.svelte";
import { TextHand } from "./hand";

/** What the page on the screen does for the room. */
export interface TextPort {
  /** Brings a stretch into view; to the middle where it was out of sight, or always when wished. */
  reveal(stretch: Stretch, isCentred: boolean): void;
  /** The place a line above or below, straight over or under another; null at the border of the text. */
  lineStep(unit: number, by: 1 | -1): number | null;
  isRightToLeft(unit: number): boolean;
}

/** How far a step goes. */
export type Grain = "word" | "sign" | "line";

/** What was chosen from one end to the other: extending moves the second. */
interface Chosen {
  readonly anchor: Stretch;
  readonly focus: Stretch;
}

/** How a person likes to mark texts; the settings of the workbench. */
export interface TextHabits {
  readonly snapsToWords: boolean;
  readonly labelsAtOnce: boolean;
}

/** Gives a bench its text, where its item is one. */
export function withText(bench: Bench, item: { readonly kind: string; readonly text?: string | null }): Bench {
  if (item.kind === "text") bench.text = new TextRoom(bench, item.text ?? "");
  return bench;
}

export class TextRoom {
  readonly body: TextBody;
  readonly page: Page;
  readonly find: Find;
  readonly linking: Linking;
  /** The relation in hand. */
  relationId = $state<string | null>(null);
  readonly hand: TextHand;
  habits: TextHabits = { snapsToWords: true, labelsAtOnce: false };
  port: TextPort | null = null;
  #chosen = $state.raw<Chosen | null>(null);
  /** The word that the keys are at. */
  cursor = $state.raw<Stretch | null>(null);
  /** The keys were moved last, so the word at the cursor counts as chosen. */
  isByKeys = $state(false);
  readonly #stop: () => void;

  constructor(readonly bench: Bench, text: string) {
    const { editor } = bench;
    this.body = new TextBody(text);
    this.page = new Page(this);
    this.find = new Find(this);
    this.linking = new Linking(this);
    this.hand = new TextHand(this);
    // Places are shown by the page, not by the view of a picture.
    editor.viewport.follower = (area, isClose) => this.port?.reveal(this.body.points.stretchOf({ start: Math.max(0, Math.floor(area.x0)), end: Math.min(this.body.points.count, Math.ceil(area.x1)) }), isClose);
    this.#stop = editor.subscribe((aspect) => {
      if (aspect === "class") this.hand.classChosen();
      if (aspect === "tool" && editor.toolId === "pin") this.#pinHere();
      if (aspect === "selection") this.#followSelection();
    });
  }

  destroy(): void {
    this.#stop();
    this.page.destroy();
  }

  /** The text that is chosen to be marked; null for none. */
  get chosen(): Stretch | null {
    const chosen = this.#chosen;
    return chosen && joined(chosen.anchor, chosen.focus);
  }

  /** What a class would be given to: the chosen text, or the word that the keys are at. */
  get target(): Stretch | null {
    return this.chosen ?? (this.isByKeys && this.bench.editor.selection.size === 0 ? this.cursor : null);
  }

  /** Whether the line in hand runs from right to left. */
  get isRightToLeft(): boolean {
    const at = this.#chosen?.focus ?? this.cursor ?? this.#cursorOfSelection();
    return at !== null && (this.port?.isRightToLeft(at.start) ?? false);
  }

  /** Chooses text by hand; null for none. The end that moves next is the one that was chosen last. */
  choose(stretch: Stretch | null, isBackward = false): void {
    this.isByKeys = false;
    if (!stretch) {
      this.#chosen = null;
      return;
    }
    const first = this.body.stopAt(stretch.start) ?? stretch;
    const last = this.body.stopAt(stretch.end - 1) ?? stretch;
    const head = { start: stretch.start, end: Math.min(first.end, stretch.end) };
    const tail = { start: Math.max(last.start, stretch.start), end: stretch.end };
    this.#chosen = isBackward ? { anchor: tail, focus: head } : { anchor: head, focus: tail };
    this.cursor = isBackward ? head : tail;
    this.bench.editor.select([]);
  }

  /** Puts the word cursor somewhere, by hand. */
  putCursor(unit: number): void {
    this.isByKeys = false;
    this.cursor = this.body.stopAt(unit);
  }

  /** Moves the cursor, or the end of what is chosen. */
  step(by: 1 | -1, grain: Grain, isExtending: boolean): void {
    const at = this.#chosen?.focus ?? this.cursor ?? this.#cursorOfSelection();
    // The first press shows where the cursor is.
    if (!at) return this.#moveTo(this.body.stopAt(0));
    if (!isExtending && this.#chosen) this.cursor = this.#chosen.focus;
    const next = this.#next(at, by, grain, isExtending);
    if (!next) return;
    if (!isExtending) return this.#moveTo(next);
    const anchor = this.#chosen?.anchor ?? at;
    this.bench.editor.select([]);
    this.#chosen = { anchor, focus: next };
    this.cursor = next;
    this.isByKeys = true;
    this.port?.reveal(next, false);
  }

  /** To the beginning or the end of the line, or of the text. */
  leap(to: "lineStart" | "lineEnd" | "start" | "end", isExtending: boolean): void {
    const at = this.cursor ?? this.#cursorOfSelection() ?? { start: 0, end: 0 };
    const line = this.body.lineAt(at.start);
    const unit = to === "start" ? 0 : to === "end" ? this.body.length : to === "lineStart" ? line.start : line.end;
    const stop = to === "start" || to === "lineStart" ? this.body.stopAt(unit) : (this.body.stopBefore(unit) ?? this.body.stopAt(unit));
    if (!stop) return;
    if (!isExtending) return this.#moveTo(stop);
    this.#chosen = { anchor: this.#chosen?.anchor ?? at, focus: stop };
    this.bench.editor.select([]);
    this.cursor = stop;
    this.isByKeys = true;
    this.port?.reveal(stop, false);
  }

  /** The other end is moved from now on. */
  swapEnds(): void {
    if (this.#chosen) this.#chosen = { anchor: this.#chosen.focus, focus: this.#chosen.anchor };
    if (this.#chosen) this.port?.reveal(this.#chosen.focus, false);
  }

  /** The sentence, then the line around what is chosen or the cursor. */
  widen(): void {
    const now = this.target ?? this.cursor ?? this.#cursorOfSelection();
    if (!now) return;
    const sentence = this.body.sentenceAt(now.start);
    const line = this.body.fitted(this.body.lineAt(now.start), false);
    const wider = [sentence, line].find((s) => s && s.start <= now.start && s.end >= now.end && s.end - s.start > now.end - now.start);
    if (!wider) return;
    this.choose(wider);
    this.isByKeys = true;
  }

  /** One step out: what is being joined, then what is chosen, then the selected spans. False where nothing was to be left. */
  leave(): boolean {
    const { editor } = this.bench;
    if (this.linking.isOn) this.linking.cancel();
    else if (editor.toolId !== "select") editor.setTool("select");
    else if (this.#chosen) this.#chosen = null;
    else if (editor.selection.size) editor.select([]);
    else if (this.find.isOpen) this.find.close();
    else if (this.isByKeys) this.isByKeys = false;
    else return false;
    return true;
  }

  // --- spans

  stretchOf(annotation: Annotation): Stretch | null {
    return annotation.geometry.kind === "span" ? this.body.points.stretchOf(annotation.geometry) : null;
  }

  geometryOf(stretch: Stretch): SpanGeometry {
    return { kind: "span", ...this.body.points.spanOf(stretch) };
  }

  /** What a span says, on one line. */
  textOf(annotation: Annotation): string {
    const stretch = this.stretchOf(annotation);
    return stretch ? shortened(this.body.slice(stretch)) : "";
  }

  /** The spans over a place that can be picked, the innermost first. */
  spansAt(unit: number): string[] {
    return this.pickable(this.page.marksAt(unit).map((m) => m.id));
  }

  /** Those of some marks, the longest first, that can be picked; the innermost first. */
  pickable(ids: readonly string[]): string[] {
    return ids.filter((id) => (this.page.mark(id)?.look ?? "other") !== "other" && !this.bench.editor.isLocked(id)).reverse();
  }

  /** A click: the innermost span; clicked again, the one around it. On plain text nothing is selected and the cursor stands there. */
  click(unit: number, ids: readonly string[], isToggling: boolean): void {
    const { editor } = this.bench;
    this.#chosen = null;
    this.putCursor(unit);
    if (editor.toolId === "pin") return this.pinAt(unit);
    const at = ids.findIndex((id) => editor.selection.has(id));
    const id = isToggling ? ids[Math.max(0, at)] : ids[editor.selection.size === 1 && at >= 0 ? (at + 1) % ids.length : 0];
    if (id !== undefined && this.linking.isOn) return this.linking.finish(id);
    if (id === undefined) return isToggling ? undefined : editor.select([]);
    if (!isToggling) return editor.select([id]);
    editor.select(editor.selection.has(id) ? [...editor.selection].filter((s) => s !== id) : [...editor.selection, id]);
  }

  /** The span at the cursor; pressed again, the one around it. While two are joined, takes the selected one as the other end. */
  enter(): void {
    const { editor } = this.bench;
    if (this.linking.isOn) return this.linking.finish([...editor.selection].at(-1) ?? null);
    const ids = this.cursor ? this.spansAt(this.cursor.start) : [];
    const at = ids.findIndex((id) => editor.selection.has(id));
    if (ids.length) editor.select([ids[(at + 1) % ids.length]!]);
    else editor.say(msg`No span here: choose a class to make one.`);
  }

  pinAt(unit: number): void {
    const { editor } = this.bench;
    editor.setTool("select");
    editor.pinned([this.body.points.toPoint(unit) + 0.5, 0.5]);
  }

  /** The one selected span. */
  get active(): Annotation | null {
    const { editor } = this.bench;
    const [id] = editor.selection;
    return editor.selection.size === 1 ? editor.document.findAnnotation(id!) : null;
  }

  /** Takes a relation in hand and shows where it begins. */
  takeRelation(id: string): void {
    const { editor } = this.bench;
    const relation = editor.document.relations.find((r) => r.relation_id === id);
    if (!relation) return;
    editor.select([relation.from_id]);
    this.relationId = id;
  }

  /** Deletes the relation in hand, else the selected spans. */
  remove(): void {
    const { editor } = this.bench;
    const id = this.relationId;
    this.relationId = null;
    if (id !== null && editor.document.relations.some((r) => r.relation_id === id)) editor.removeRelation(id, msg`Delete the relation`);
    else deleteSelected(editor);
  }

  /** Whether a class marks spans. */
  takesSpans(classId: string | null): boolean {
    const item = classId === null ? null : findClass(this.bench.editor.ontology, classId);
    return item !== null && takes(item, { kind: "span", start: 0, end: 1 });
  }

  /** A comment is asked for: where something is chosen it goes there at once, else the next click says where. */
  #pinHere(): void {
    const active = this.active && this.stretchOf(this.active);
    const at = this.chosen ?? active ?? (this.isByKeys ? this.cursor : null);
    if (at) this.pinAt(at.start);
  }

  #followSelection(): void {
    const { editor } = this.bench;
    this.relationId = null;
    if (!editor.selection.size) return;
    this.#chosen = null;
    const stretch = this.active && this.stretchOf(this.active);
    if (!stretch) return;
    const { cursor } = this;
    if (!cursor || cursor.end <= stretch.start || cursor.start >= stretch.end) this.cursor = this.body.stopAt(stretch.start);
    this.port?.reveal(stretch, false);
  }

  #cursorOfSelection(): Stretch | null {
    const stretch = this.active && this.stretchOf(this.active);
    return stretch && this.body.stopAt(stretch.start);
  }

  #moveTo(stop: Stretch | null): void {
    if (!stop) return;
    this.#chosen = null;
    if (!this.linking.isOn) this.bench.editor.select([]);
    this.cursor = stop;
    this.isByKeys = true;
    this.port?.reveal(stop, false);
  }

  #next(at: Stretch, by: 1 | -1, grain: Grain, isExtending: boolean): Stretch | null {
    const { body } = this;
    if (grain === "line") {
      const unit = this.port?.lineStep(at.start, by);
      return unit === null || unit === undefined ? null : body.stopAt(unit);
    }
    if (grain === "word") return by === 1 ? body.stopAfter(Math.max(at.start, at.end - 1)) : body.stopBefore(at.start);
    // Sign by sign: the end that moves, or a cursor of one sign.
    if (!isExtending) {
      const start = by === 1 ? at.end : body.signStep(at.start, -1);
      return start >= body.length ? null : { start, end: body.signStep(start, 1) };
    }
    const anchor = this.#chosen?.anchor ?? at;
    const moves = this.#chosen && at.start < anchor.start ? "start" : "end";
    if (moves === "start") {
      const start = body.signStep(at.start, by);
      return { start, end: Math.max(start, Math.min(at.end, anchor.end)) };
    }
    const end = body.signStep(at.end, by);
    return end <= anchor.start ? null : { start: Math.min(at.start, body.signStep(end, -1)), end };
  }
}

/** From the first of both to the last. */
function joined(a: Stretch, b: Stretch): Stretch {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

const MOST_SHOWN = 48;

export function shortened(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length <= MOST_SHOWN ? flat : `${flat.slice(0, MOST_SHOWN - 1)}…`;
}
