/**
 * What assistants propose: shown beside the labels until a person accepts or refuses it. What happened is remembered,
 * so that it can be told how often each assistant is right.
 */
import type { Editor } from "../editor";
import type { Decision, Entry } from "../edits/delta";
import type { LabelDocument } from "../edits/document";
import { decisionsIn } from "../edits/kept-log";
import { shapeOf } from "../shapes/registry";
import type { AttributeValues, Geometry } from "../types";
import type { Found, Outline } from "./outcome";
import { msg } from "../text";

export interface Suggestion {
  readonly id: string;
  /** `assist:wand`, `model:<model_version_id>`, ...; becomes the origin of the object. */
  readonly source: string;
  readonly geometry: Geometry;
  /** What is drawn of it; null for shapes that are quick to draw as they are. */
  readonly outline: Outline | null;
  /** Null: the class in hand. */
  readonly classId: string | null;
  readonly score: number | null;
  readonly attributes: AttributeValues;
  readonly shownMs: number;
}

export type Outcome = "accepted" | "fixed" | "refused";

/** One line of the record that goes with a submission. */
export interface Assistance {
  readonly source: string;
  readonly outcome: Outcome;
  readonly took_ms: number;
}

export type Offer = Pick<Suggestion, "source" | "geometry"> & Partial<Pick<Suggestion, "outline" | "classId" | "score" | "attributes" | "shownMs">>;

/** Most decisions kept of one task. */
const MOST_DECISIONS = 5000;

export class Suggestions {
  #open: readonly Suggestion[] = [];
  #currentId: string | null = null;
  readonly #decisions: Decision[];
  #made = 0;

  /** `before`: what was decided before the editor's log begins. */
  constructor(private readonly editor: Editor, before: readonly Decision[]) {
    this.#decisions = [...before, ...decisionsIn(editor.history.log)];
  }

  get open(): readonly Suggestion[] {
    return this.#open;
  }

  get current(): Suggestion | null {
    return this.#open.find((s) => s.id === this.#currentId) ?? null;
  }

  get decisions(): readonly Decision[] {
    return this.#decisions;
  }

  /** Shows more suggestions; the first of all becomes the current one. */
  offer(offers: readonly Offer[]): Suggestion[] {
    const shownMs = this.editor.now();
    const made = offers.map((offer): Suggestion => ({ outline: null, classId: null, score: null, attributes: {}, shownMs, ...offer, id: `suggestion ${++this.#made}` }));
    this.#open = [...this.#open, ...made];
    this.#currentId ??= made[0]?.id ?? null;
    this.#changed();
    return made;
  }

  /** A suggestion under way has another shape; it stays the same suggestion. */
  reshape(id: string, { geometry, outline }: Found): void {
    this.#open = this.#open.map((s) => (s.id === id ? { ...s, geometry, outline } : s));
    this.#changed();
  }

  setCurrent(id: string | null): void {
    if (id === this.#currentId) return;
    this.#currentId = id;
    this.#changed();
  }

  /** The next or previous becomes the current one, round and round. */
  step(by: 1 | -1): Suggestion | null {
    const n = this.#open.length;
    if (!n) return null;
    const at = this.#open.findIndex((s) => s.id === this.#currentId);
    this.setCurrent(this.#open[at < 0 ? 0 : (at + by + n) % n]!.id);
    return this.current;
  }

  /** Takes suggestions into the labels as one step; the ids of the new objects. */
  accept(ids: readonly string[]): string[] {
    const chosen = ids.flatMap((id) => this.#open.find((s) => s.id === id) ?? []);
    const made = chosen.map((s) => ({ suggestion: s, entry: this.editor.entryFor(s.geometry, { classId: s.classId, attributes: s.attributes, origin: s.source }) }));
    const fitting = made.flatMap(({ suggestion, entry }) => (entry ? [{ suggestion, entry }] : []));
    if (!fitting.length) return [];
    const z = this.editor.document.topZ();
    const entries = fitting.map(({ entry }, i): Entry => ({ ...entry, z: z + i }));
    const now = this.editor.now();
    fitting.forEach(({ suggestion: s }, i) => this.#decide(s.source, now - s.shownMs, entries[i]!.annotation.annotation_id, printOf(s.geometry), null));
    this.#drop(new Set(fitting.map(({ suggestion }) => suggestion.id)));
    this.editor.put(entries, fitting.length > 1 ? msg`Accept ${fitting.length} suggestions` : msg`Accept the suggestion`);
    return entries.map((e) => e.annotation.annotation_id);
  }

  refuse(ids: readonly string[]): void {
    const now = this.editor.now();
    const chosen = this.#open.filter((s) => ids.includes(s.id));
    for (const s of chosen) this.#decide(s.source, now - s.shownMs, null, printOf(s.geometry), null);
    this.#drop(new Set(ids));
    if (chosen.length) this.editor.changed("flags");
  }

  /** The same shape was refused in this task before. */
  wasRefused(geometry: Geometry): boolean {
    const print = printOf(geometry);
    return this.#decisions.some((d) => d.annotation_id === null && d.made === print);
  }

  /** Takes suggestions away as if they had not been made, such as when a new search replaces them. */
  withdraw(ids: readonly string[]): void {
    this.#drop(new Set(ids));
  }

  /** An assistant changed an object in place, such as a box that was fitted. */
  changedInPlace(source: string, annotationId: string, before: Geometry, made: Geometry, tookMs: number): void {
    this.#decide(source, tookMs, annotationId, printOf(made), printOf(before));
  }

  /** What became of all suggestions, as the labels stand now; those still open count as refused. */
  record(): Assistance[] {
    const now = this.editor.now();
    const open = this.#open.map((s): Assistance => ({ source: s.source, outcome: "refused", took_ms: Math.max(0, Math.round(now - s.shownMs)) }));
    return [...this.#decisions.map((d): Assistance => ({ source: d.source, outcome: outcomeOf(d, this.editor.document), took_ms: d.took_ms })), ...open];
  }

  /** Takes over what was decided elsewhere, such as on another device. */
  takeOver(decisions: readonly Decision[]): void {
    for (const decision of decisions) this.#note(decision);
  }

  #decide(source: string, tookMs: number, annotation_id: string | null, made: string, before: string | null): void {
    this.#note({ source, annotation_id, made, before, took_ms: Math.max(0, Math.round(tookMs)) });
  }

  #note(decision: Decision): void {
    if (this.#decisions.length >= MOST_DECISIONS) return;
    this.#decisions.push(decision);
    this.editor.history.note(decision);
  }

  #drop(ids: ReadonlySet<string>): void {
    const at = this.#open.findIndex((s) => s.id === this.#currentId);
    this.#open = this.#open.filter((s) => !ids.has(s.id));
    // The one that stood behind the current one follows it.
    if (this.#currentId !== null && ids.has(this.#currentId)) this.#currentId = this.#open[Math.min(at, this.#open.length - 1)]?.id ?? null;
    this.#changed();
  }

  #changed(): void {
    this.editor.changed("suggestions");
  }
}

/** What became of a suggestion: kept as it was made, kept with changes, or not kept. */
export function outcomeOf(decision: Decision, document: LabelDocument): Outcome {
  const now = decision.annotation_id === null ? null : document.findAnnotation(decision.annotation_id);
  if (!now) return "refused";
  const print = printOf(now.geometry);
  if (print === decision.made) return "accepted";
  return print === decision.before ? "refused" : "fixed";
}

/** A short text that is the same for the same shape as it is stored (53 bits, cyrb53). */
export function printOf(geometry: Geometry): string {
  const text = JSON.stringify(shapeOf(geometry).toWire(geometry));
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 2654435761);
    b = Math.imul(b ^ c, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}
