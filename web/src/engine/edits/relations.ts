/** Relations between objects: changes of them as steps of the log, and what goes with an object that is taken away. */
import type { Editor } from "../editor";
import { saysTheSame } from "../ontology";
import type { Relation } from "../types";
import type { EntryDelta, RelationDelta } from "./delta";
import type { LabelDocument } from "./document";
import { msg } from "../text";

/** Adds a relation or puts another in its place, as one step. False, with a remark, where it cannot be. */
export function setRelation(editor: Editor, relation: Relation, name?: string): boolean {
  const { document, ontology } = editor;
  if (relation.from_id === relation.to_id || !document.find(relation.from_id) || !document.find(relation.to_id)) {
    editor.say(msg`A relation joins two objects.`);
    return false;
  }
  if (document.relations.some((r) => r.relation_id !== relation.relation_id && saysTheSame(r, relation, ontology))) {
    editor.say(msg`These two are related so already.`);
    return false;
  }
  const type = ontology.relation_types?.find((t) => t.relation_type_id === relation.relation_type_id);
  const before = document.findRelation(relation.relation_id);
  const said = name ?? (before ? msg`Change relation to ${type?.name ?? relation.relation_type_id}` : msg`Relate: ${type?.name ?? relation.relation_type_id}`);
  editor.enact(said, [], [], [{ id: relation.relation_id, before, after: relation }]);
  return true;
}

/** Takes relations away, as one step. */
export function removeRelation(editor: Editor, ids: string | Iterable<string>, name = msg`Delete relation`): void {
  const relations = (typeof ids === "string" ? [ids] : [...ids]).flatMap((id): RelationDelta[] => {
    const before = editor.document.findRelation(id);
    return before ? [{ id, before, after: null }] : [];
  });
  editor.enact(name, [], [], relations);
}

/** The relations that go with objects which a step takes away, unless the step speaks of them itself. */
export function orphaned(document: LabelDocument, entries: readonly EntryDelta[], told: readonly RelationDelta[]): RelationDelta[] {
  const gone = new Set(entries.flatMap((e) => (e.after ? [] : [e.id])));
  if (!gone.size) return [];
  const spoken = new Set(told.map((r) => r.id));
  return document.relations.flatMap((r) => ((gone.has(r.from_id) || gone.has(r.to_id)) && !spoken.has(r.relation_id) ? [{ id: r.relation_id, before: r, after: null }] : []));
}
