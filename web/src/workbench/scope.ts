/** What one task asks for, where that is less or more than its project asks for. */
import type { TaskScope } from "../api/types";
import type { Ontology, OntologyClass } from "../engine/types";

/** The part of a project's ontology that a task asks for; the whole where the task says nothing of it. */
export function scopedOntology(ontology: Ontology, scope: TaskScope | null | undefined): Ontology {
  if (!scope) return ontology;
  const { class_ids, attribute_ids, question_ids, relation_type_ids } = scope;
  if (!class_ids && !attribute_ids && !question_ids && !relation_type_ids) return ontology;
  const isIn = (ids: readonly string[] | null): ((id: string) => boolean) => {
    if (!ids) return () => true;
    const known = new Set(ids);
    return (id) => known.has(id);
  };
  const [takesClass, takesAttribute, takesQuestion, takesRelation] = [isIn(class_ids), isIn(attribute_ids), isIn(question_ids), isIn(relation_type_ids)];
  const parents = new Map(ontology.classes.map((c) => [c.class_id, c.parent_id]));
  return {
    ...ontology,
    classes: ontology.classes.filter((c) => takesClass(c.class_id)).map((c): OntologyClass => ({
      ...c,
      parent_id: nearestParent(c.parent_id, parents, takesClass),
      attributes: attribute_ids ? c.attributes.filter((a) => takesAttribute(a.attribute_id)) : c.attributes,
    })),
    questions: ontology.questions.filter((q) => takesQuestion(q.attribute_id)),
    ...(ontology.relation_types ? { relation_types: ontology.relation_types.filter((r) => takesRelation(r.relation_type_id)) } : {}),
  };
}

/** A class whose folder is not asked for stands in the next one above that is. */
function nearestParent(id: string | null, parents: ReadonlyMap<string, string | null>, takes: (id: string) => boolean): string | null {
  for (let at = id, steps = 0; at !== null && steps <= parents.size; at = parents.get(at) ?? null, steps++) if (takes(at)) return at;
  return null;
}
