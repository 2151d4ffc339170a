/** The merge in a person's hands: what is looked at, what was chosen, and how the picture looks with it. */
import { Editor } from "../../engine/editor";
import { type MergeChoice, type MergedAnswer, type MergedObject, answerKey, changesTo } from "../../engine/edits/merge";
import { findClass } from "../../engine/ontology";
import type { Overlay } from "../../engine/render/objects";
import { boundsOfGeometry, shapeOf } from "../../engine/shapes/registry";
import type { Annotation, AttributeValue } from "../../engine/types";
import type { MergeHand } from "../../workbench/actions/merge";
import { Bench } from "../../workbench/bench.svelte";
import type { MergeCase } from "../../workbench/merge-case";
import { msg } from "../../engine/text";

export const MINE_COLOR = "#56b4e9";
export const THEIRS_COLOR = "#e69f00";
const BASE_COLOR = "#9aa0a8";

export interface MergeRow {
  readonly key: string;
  readonly object: MergedObject | null;
  readonly answer: MergedAnswer | null;
  readonly isConflict: boolean;
  readonly name: string;
}

export interface Said {
  readonly what: string;
  readonly base: string;
  readonly mine: string;
  readonly theirs: string;
}

export class MergeDesk implements MergeHand {
  readonly rows: readonly MergeRow[];
  readonly bench: Bench;
  currentKey = $state<string | null>(null);
  /** What was put together by itself is listed too. */
  showsSettled = $state(false);
  #version = $state(0);
  #copies = 0;

  constructor(readonly merging: MergeCase) {
    const { editor } = merging;
    const preview = new Editor({ frame: editor.frame, ontology: editor.ontology, base: merging.result(this.#newId), isReadonly: true, now: Date.now, newId: this.#newId });
    this.bench = new Bench(preview);
    const objects = merging.merge.objects.map((object): MergeRow => ({ key: object.id, object, answer: null, isConflict: object.isDeletionConflict || object.conflicts.length > 0, name: this.#nameOf(object) }));
    const answers = merging.merge.answers.map((answer): MergeRow => ({ key: answerKey(answer.question_id), object: null, answer, isConflict: answer.isConflict, name: this.#question(answer.question_id)?.name ?? answer.question_id }));
    const all = [...objects, ...answers];
    this.rows = [...all.filter((r) => r.isConflict), ...all.filter((r) => !r.isConflict)];
  }

  readonly conflicts: readonly MergeRow[] = $derived.by(() => this.rows.filter((r) => r.isConflict));
  readonly settled: readonly MergeRow[] = $derived.by(() => this.rows.filter((r) => !r.isConflict));
  readonly open: number = $derived.by(() => {
    void this.#version;
    return this.merging.open.length;
  });

  get current(): MergeRow | null {
    return this.rows.find((r) => r.key === this.currentKey) ?? null;
  }

  choiceOf(row: MergeRow): MergeChoice | null {
    void this.#version;
    return this.merging.choices.get(row.key) ?? null;
  }

  /** Both sides of what is looked at, and what they grew from. */
  readonly overlays: readonly Overlay[] = $derived.by(() => {
    const object = this.current?.object;
    if (!object) return [];
    const overlay = (annotation: Annotation | null, color: string, tag: string): Overlay[] => (annotation ? [{ annotation, color, tag }] : []);
    const { base, mine, theirs } = object;
    return [...overlay(base, BASE_COLOR, msg`Before`), ...overlay(mine, MINE_COLOR, this.merging.names.mine), ...overlay(theirs, THEIRS_COLOR, this.merging.names.theirs)];
  });

  look(row: MergeRow | null): void {
    this.currentKey = row?.key ?? null;
    const { editor } = this.bench;
    const shown = row?.object && (row.object.merged ?? row.object.mine ?? row.object.theirs ?? row.object.base);
    if (!shown) return;
    editor.select([row.key]);
    editor.viewport.focus(boundsOfGeometry(shown.geometry));
    editor.changed("view");
  }

  step(by: 1 | -1): void {
    if (!this.rows.length) return;
    const at = this.rows.findIndex((r) => r.key === this.currentKey);
    this.look(this.rows[at < 0 ? (by === 1 ? 0 : this.rows.length - 1) : (at + by + this.rows.length) % this.rows.length]!);
  }

  /** Chooses for what is looked at and goes on to the next that is open. */
  choose(choice: MergeChoice): void {
    const row = this.current;
    if (!row?.isConflict || (choice === "both" && !this.canTakeBoth(row))) return;
    this.merging.choose(row.key, choice);
    this.#changed();
    const next = this.conflicts.find((r) => this.choiceOf(r) === null);
    if (next) this.look(next);
  }

  chooseRest(choice: MergeChoice): void {
    this.merging.chooseRest(choice);
    this.#changed();
  }

  canTakeBoth({ object }: MergeRow): boolean {
    return object !== null && !object.isDeletionConflict && object.conflicts.length > 0;
  }

  toggleSettled(): void {
    this.showsSettled = !this.showsSettled;
  }

  /** False as long as something is to be decided. */
  finish(): boolean {
    if (this.merging.open.length) return false;
    this.merging.finish();
    return true;
  }

  destroy(): void {
    this.bench.destroy();
  }

  /** What differs, part by part, in words. */
  differencesOf(row: MergeRow): Said[] {
    if (row.answer) return [{ what: msg`Answer`, base: this.#valueOf(row, row.answer.base), mine: this.#valueOf(row, row.answer.mine), theirs: this.#valueOf(row, row.answer.theirs) }];
    const { base, mine, theirs } = row.object!;
    const part = (what: string, say: (a: Annotation) => string): Said[] => {
      const [b, m, t] = [base, mine, theirs].map((a) => (a ? say(a) : msg`not there`)) as [string, string, string];
      return b === m && m === t ? [] : [{ what, base: b, mine: m, theirs: t }];
    };
    const keys = new Set([base, mine, theirs].flatMap((a) => Object.keys(a?.attributes ?? {})));
    return [
      ...part(msg`Class`, (a) => this.#className(a)),
      ...part(msg`Shape`, (a) => sizeOf(a)),
      ...[...keys].flatMap((key) => part(this.#attributeName(mine ?? theirs ?? base!, key), (a) => this.#attributeValue(a, key))),
      ...part(msg`Marks`, (a) => [a.is_occluded && "occluded", a.is_truncated && "truncated"].filter(Boolean).join(", ") || "none"),
      ...part(msg`Group`, (a) => (a.group_id === null ? "none" : "grouped")),
    ];
  }

  #changed(): void {
    const { editor } = this.bench;
    const { entries, answers, relations } = changesTo(editor.document, this.merging.result(this.#newId));
    editor.isReadonly = false;
    editor.enact(msg`Preview`, entries, answers, relations);
    editor.isReadonly = true;
    this.#version++;
  }

  /** Copies in the preview; the real ones are named when it is finished. */
  readonly #newId = (): string => msg`copy ${++this.#copies}`;

  #question(id: string) {
    return this.merging.editor.ontology.questions.find((q) => q.attribute_id === id) ?? null;
  }

  #nameOf({ merged, mine, theirs, base }: MergedObject): string {
    const shown = merged ?? mine ?? theirs ?? base!;
    return `${this.#className(shown)} (${shapeOf(shown.geometry).name.toLowerCase()})`;
  }

  #className(a: Annotation): string {
    return findClass(this.merging.editor.ontology, a.class_id)?.name ?? a.class_id;
  }

  #attributeName(a: Annotation, key: string): string {
    return findClass(this.merging.editor.ontology, a.class_id)?.attributes.find((x) => x.attribute_id === key)?.name ?? key;
  }

  #attributeValue(a: Annotation, key: string): string {
    const attribute = findClass(this.merging.editor.ontology, a.class_id)?.attributes.find((x) => x.attribute_id === key);
    return said(a.attributes[key] ?? null, (id) => attribute?.options.find((o) => o.option_id === id)?.name);
  }

  #valueOf({ answer }: MergeRow, value: AttributeValue | null): string {
    const question = this.#question(answer!.question_id);
    return said(value, (id) => question?.options.find((o) => o.option_id === id)?.name);
  }
}

function said(value: AttributeValue | null, nameOf: (id: string) => string | undefined): string {
  if (value === null) return msg`no answer`;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? (nameOf(value) ?? value) : value.map((id) => nameOf(id) ?? id).join(", ");
}

function sizeOf(a: Annotation): string {
  const b = boundsOfGeometry(a.geometry);
  const place = msg`at ${Math.round(b.x0)}, ${Math.round(b.y0)}`;
  return a.geometry.kind === "point" ? place : msg`${Math.round(b.x1 - b.x0)} × ${Math.round(b.y1 - b.y0)} px ${place}`;
}
