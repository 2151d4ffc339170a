/** The objects and answers of one task as they stand now: the sum of the base and all applied edits. */
import { annotationFromWire, annotationToWire, relationFromWire } from "../shapes/registry";
import type { Annotation, AttributeValue, Labelling, Relation } from "../types";
import type { Edit, Entry } from "./delta";

export class LabelDocument {
  readonly #entries = new Map<string, Entry>();
  readonly #answers = new Map<string, AttributeValue>();
  readonly #relations = new Map<string, Relation>();
  #sortedRelations: readonly Relation[] | null = null;
  #sorted: readonly Entry[] | null = null;

  /** Without `z` the objects lie in their order. */
  constructor(base: Labelling = { annotations: [], answers: {} }, z: readonly number[] | null = null) {
    base.annotations.forEach((json, i) => {
      const annotation = annotationFromWire(json);
      this.#entries.set(annotation.annotation_id, { annotation, z: z?.[i] ?? i });
    });
    for (const [id, value] of Object.entries(base.answers)) this.#answers.set(id, value);
    for (const json of base.relations ?? []) {
      // What is shown of a consensus may lack an object that is hardly there; its relations go with it.
      if (this.#entries.has(json.from_id) && this.#entries.has(json.to_id)) this.#relations.set(json.relation_id, relationFromWire(json));
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  find(id: string): Entry | null {
    return this.#entries.get(id) ?? null;
  }

  findAnnotation(id: string): Annotation | null {
    return this.#entries.get(id)?.annotation ?? null;
  }

  answer(questionId: string): AttributeValue | null {
    return this.#answers.get(questionId) ?? null;
  }

  get answers(): Readonly<Record<string, AttributeValue>> {
    return Object.fromEntries(this.#answers);
  }

  findRelation(id: string): Relation | null {
    return this.#relations.get(id) ?? null;
  }

  /** In the order of their ids, which is that in which they were made. */
  get relations(): readonly Relation[] {
    this.#sortedRelations ??= [...this.#relations.values()].sort(byRelationId);
    return this.#sortedRelations;
  }

  ids(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** In drawing order, lowest first. */
  inOrder(): readonly Entry[] {
    this.#sorted ??= [...this.#entries.values()].sort(byStack);
    return this.#sorted;
  }

  /** A z above everything. */
  topZ(): number {
    return (this.inOrder().at(-1)?.z ?? -1) + 1;
  }

  apply(edit: Edit): void {
    for (const { id, after } of edit.entries) {
      if (after) this.#entries.set(id, after);
      else this.#entries.delete(id);
    }
    for (const { question_id, after } of edit.answers) {
      if (after === null) this.#answers.delete(question_id);
      else this.#answers.set(question_id, after);
    }
    for (const { id, after } of edit.relations ?? []) {
      if (after) this.#relations.set(id, after);
      else this.#relations.delete(id);
    }
    this.#sorted = null;
    if (edit.relations) this.#sortedRelations = null;
  }

  toLabelling(): Labelling {
    const { relations } = this;
    return { annotations: this.inOrder().map((e) => annotationToWire(e.annotation)), answers: this.answers, ...(relations.length ? { relations } : {}) };
  }
}

export function byRelationId(a: Relation, b: Relation): number {
  return a.relation_id < b.relation_id ? -1 : a.relation_id > b.relation_id ? 1 : 0;
}

export function byStack(a: Entry, b: Entry): number {
  return a.z - b.z || (a.annotation.annotation_id < b.annotation.annotation_id ? -1 : 1);
}
