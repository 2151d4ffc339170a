/** Relations between spans: one is chosen, then the other, then of which type where several are allowed. */
import { findClass, relationTypesBetween } from "../../engine/ontology";
import type { Annotation, Relation, RelationType } from "../../engine/types";
import { msg } from "../../engine/text";
import type { TextRoom } from "./room.svelte";

/** Two ends that several types may join. */
export interface Choice {
  readonly from: Annotation;
  readonly to: Annotation;
  readonly types: readonly RelationType[];
}

export class Linking {
  /** The first end, while the other is looked for. */
  fromId = $state<string | null>(null);
  /** Set while a type is chosen. */
  choice = $state.raw<Choice | null>(null);

  constructor(private readonly room: TextRoom) {}

  get isOn(): boolean {
    return this.fromId !== null;
  }

  /** Begins at the selected span, or at one that is named; with two selected, joins them. */
  begin(fromId: string | null = null): void {
    const { editor } = this.room.bench;
    if (editor.isReadonly) return;
    if (!(editor.ontology.relation_types ?? []).length) return editor.say(msg`This project has no relations.`);
    const selected = [...editor.selection];
    if (fromId === null && selected.length === 2) return this.#join(selected[0]!, selected[1]!);
    const id = fromId ?? (selected.length === 1 ? selected[0]! : null);
    if (id === null) return editor.say(msg`Select a span first; the relation begins there.`);
    if (this.fromId === id) return this.cancel();
    this.fromId = id;
  }

  finish(toId: string | null): void {
    const from = this.fromId;
    if (from === null) return;
    if (toId === null || toId === from) return this.room.bench.editor.say(msg`Choose another span for the other end.`);
    this.fromId = null;
    this.#join(from, toId);
  }

  cancel(): void {
    this.fromId = null;
    this.choice = null;
  }

  pick(type: RelationType): void {
    const { choice } = this;
    this.choice = null;
    if (choice) this.#put(choice.from, choice.to, type);
  }

  #join(fromId: string, toId: string): void {
    const { editor } = this.room.bench;
    const [from, to] = [editor.document.findAnnotation(fromId), editor.document.findAnnotation(toId)];
    if (!from || !to) return;
    const types = relationTypesBetween(editor.ontology, from, to);
    const [only] = types;
    if (!only) {
      const [one, other] = [from, to].map((a) => findClass(editor.ontology, a.class_id)?.name ?? a.class_id);
      return editor.say(msg`No relation of this project leads from ${one!} to ${other!}.`);
    }
    if (types.length === 1) this.#put(from, to, only);
    else this.choice = { from, to, types };
  }

  #put(from: Annotation, to: Annotation, type: RelationType): void {
    const { editor } = this.room.bench;
    const relation: Relation = { relation_id: editor.newId().replace(/^ann/, "rel"), relation_type_id: type.relation_type_id, from_id: from.annotation_id, to_id: to.annotation_id, score: null };
    if (editor.setRelation(relation)) editor.select([from.annotation_id]);
  }
}
