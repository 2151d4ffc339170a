/** What a person does to spans: makes them, marks all that reads the same, and moves their ends. */
import { findClass } from "../../engine/ontology";
import type { Entry } from "../../engine/edits/delta";
import { msg } from "../../engine/text";
import type { Stretch } from "./code-points";
import { type Grain, type TextRoom, shortened } from "./room.svelte";

export class TextHand {
  constructor(private readonly room: TextRoom) {}

  /** A class was chosen: what is chosen in the text gets it. */
  classChosen(): void {
    if (this.room.target) this.label();
  }

  /** Gives the class in hand to the chosen text, or to the selected spans' place. */
  label(): void {
    const { room } = this;
    const { editor } = room.bench;
    const stretch = room.target;
    if (editor.isReadonly) return;
    if (!stretch) return editor.say(msg`Choose some text first: drag over it, or use the arrow keys.`);
    const geometry = room.geometryOf(stretch);
    const entry = editor.entryFor(geometry, room.takesSpans(editor.classId) ? {} : { classId: editor.ontology.classes.find((c) => room.takesSpans(c.class_id))?.class_id ?? null });
    if (!entry) return;
    const same = this.#sameAs(stretch, entry.annotation.class_id);
    room.choose(null);
    if (same !== null) {
      editor.select([same]);
      return editor.say(msg`This is marked so already.`);
    }
    editor.put([entry], msg`Mark ${this.#nameOf(entry.annotation.class_id)}`);
    if (!room.habits.labelsAtOnce) editor.select([entry.annotation.annotation_id]);
  }

  /** Marks every place that reads like the chosen text, or like the selected span, as one step. */
  markAll(): void {
    const { room } = this;
    const { editor } = room.bench;
    if (editor.isReadonly) return;
    const { active, body } = room;
    const stretch = room.target ?? (active && room.stretchOf(active));
    if (!stretch) return editor.say(msg`Choose some text or a span first.`);
    const model = room.target ? null : active;
    const text = body.slice(stretch);
    const places = body.occurrences(text, { isExact: true, isWhole: body.isWhole(stretch) });
    const z = editor.document.topZ();
    const made = places.flatMap((place): Entry[] => {
      const entry = editor.entryFor(room.geometryOf(place), model ? { classId: model.class_id, attributes: model.attributes } : {});
      return entry && this.#sameAs(place, entry.annotation.class_id) === null ? [entry] : [];
    });
    if (!places.length || !editor.currentClass) return;
    if (!made.length) return editor.say(msg`Every “${shortened(text)}” is marked so already.`);
    room.choose(null);
    const name = this.#nameOf(made[0]!.annotation.class_id);
    editor.put(made.map((entry, i) => ({ ...entry, z: z + i })), msg`Mark ${made.length} × “${shortened(text)}” as ${name}`);
    if (!model && !room.habits.labelsAtOnce) editor.select(made.map((e) => e.annotation.annotation_id));
    editor.say(msg`Marked ${made.length} × “${shortened(text)}” as ${name}.`);
  }

  /** Moves an end of the selected span; without one, the end of what is chosen. */
  moveEnd(end: "start" | "end", by: 1 | -1, grain: Exclude<Grain, "line">): void {
    const { room } = this;
    const { editor } = room.bench;
    const { active } = room;
    const stretch = active && room.stretchOf(active);
    if (!active || !stretch || room.chosen) {
      if (end === "end") room.step(by, grain, true);
      else editor.say(msg`Select a span first.`);
      return;
    }
    if (!editor.canEdit(active.annotation_id)) return;
    const at = this.#moved(stretch, end, by, grain);
    const next = end === "start" ? { start: at, end: stretch.end } : { start: stretch.start, end: at };
    if (next.start >= next.end) return;
    this.setStretch(active.annotation_id, next, true);
    room.port?.reveal(end === "start" ? { start: at, end: at + 1 } : { start: at - 1, end: at }, false);
  }

  /** Gives a span other ends. */
  setStretch(id: string, stretch: Stretch, coalesce = false): void {
    const { editor } = this.room.bench;
    const entry = editor.document.find(id);
    if (entry) editor.put([this.#at(entry, stretch)], msg`Move an end`, coalesce);
  }

  /** Shows a span with other ends, while one is dragged. */
  previewStretch(id: string, stretch: Stretch): void {
    const { editor } = this.room.bench;
    const entry = editor.document.find(id);
    if (entry) editor.preview([this.#at(entry, stretch)]);
  }

  #at(entry: Entry, stretch: Stretch): Entry {
    return { ...entry, annotation: { ...entry.annotation, geometry: this.room.geometryOf(stretch) } };
  }

  #moved({ start, end }: Stretch, which: "start" | "end", by: 1 | -1, grain: Exclude<Grain, "line">): number {
    const { body } = this.room;
    const at = which === "start" ? start : end;
    if (grain === "sign") return body.signStep(at, by);
    const inside = body.partAt(which === "start" ? at : at - 1);
    // From within a word first to its border.
    if (inside?.isWord && which === "end" && by === 1 && inside.end > at) return inside.end;
    if (inside?.isWord && which === "start" && by === -1 && inside.start < at) return inside.start;
    const stop = by === 1 ? body.stopAfter(which === "end" ? at - 1 : at) : body.stopBefore(which === "end" ? at - 1 : at);
    if (!stop) return at;
    return which === "end" ? stop.end : stop.start;
  }

  /** The span of this class that lies just there. */
  #sameAs(stretch: Stretch, classId: string): string | null {
    const { editor } = this.room.bench;
    const { start, end } = this.room.geometryOf(stretch);
    for (const { annotation: a } of editor.document.inOrder())
      if (a.geometry.kind === "span" && a.class_id === classId && a.geometry.start === start && a.geometry.end === end) return a.annotation_id;
    return null;
  }

  #nameOf(classId: string): string {
    return findClass(this.room.bench.editor.ontology, classId)?.name ?? classId;
  }
}
