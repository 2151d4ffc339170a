/** What the ontology asks of an object: which attributes apply, what is still missing, which class may take a shape. */
import { shapeOf } from "./shapes/registry";
import type { Links } from "./shapes/shape";
import { fits, linksOf } from "./shapes/skeleton";
import type { Frame } from "./geometry";
import type { Annotation, Attribute, AttributeKind, AttributeValue, AttributeValues, Condition, Geometry, Labelling, Ontology, OntologyClass, Relation, RelationType, SimpleCondition } from "./types";
import { msg } from "./text";

export function findClass(ontology: Ontology, classId: string): OntologyClass | null {
  return ontology.classes.find((c) => c.class_id === classId) ?? null;
}

/** What joins the nodes of a skeleton, by the template of its class; undefined for other kinds. */
export function linksIn(ontology: Ontology, { geometry, class_id }: Annotation): Links | undefined {
  const template = geometry.kind === "skeleton" ? findClass(ontology, class_id)?.skeleton : null;
  return template ? linksOf(template) : undefined;
}

/** Whether a class takes an object as it is drawn: of its kinds, and a skeleton with just its nodes. */
export function takes(item: OntologyClass, geometry: Geometry): boolean {
  if (!item.geometry_kinds.includes(geometry.kind)) return false;
  return geometry.kind !== "skeleton" || (!!item.skeleton && fits(geometry, item.skeleton));
}

/** Parents before children, siblings in the given order: the order of the digits. */
export function classTree(ontology: Ontology): { readonly item: OntologyClass; readonly depth: number }[] {
  const rows: { item: OntologyClass; depth: number }[] = [];
  const walk = (parent: string | null, depth: number): void => {
    for (const item of ontology.classes) {
      if (item.parent_id !== parent) continue;
      rows.push({ item, depth });
      walk(item.class_id, depth + 1);
    }
  };
  walk(null, 0);
  return rows;
}

function isMet({ attribute_id, equals }: SimpleCondition, values: AttributeValues): boolean {
  const value = values[attribute_id];
  if (value === undefined) return false;
  return Array.isArray(value) ? value.some((v) => equals.includes(v as AttributeValue)) : equals.includes(value);
}

/** Whether a condition is one plain comparison, as the editor of ontologies makes them. */
export function isSimple(condition: Condition): condition is SimpleCondition {
  return "attribute_id" in condition;
}

/** The attributes that a condition looks at. */
export function lookedAt(condition: Condition): string[] {
  if (isSimple(condition)) return [condition.attribute_id];
  return ("all" in condition ? condition.all : condition.any).flatMap(lookedAt);
}

/** The attributes asked for, given the values so far; a condition on something that is itself not asked does not hold. */
export function askedAttributes(attributes: readonly Attribute[], values: AttributeValues): Attribute[] {
  const byId = new Map(attributes.map((a) => [a.attribute_id, a]));
  const isAsked = (a: Attribute, seen: ReadonlySet<string>): boolean => !a.condition || holds(a.condition, new Set([...seen, a.attribute_id]));
  const holds = (condition: Condition, seen: ReadonlySet<string>): boolean => {
    if ("all" in condition) return condition.all.every((part) => holds(part, seen));
    if ("any" in condition) return condition.any.some((part) => holds(part, seen));
    if (!isMet(condition, values)) return false;
    const parent = byId.get(condition.attribute_id);
    return !parent || seen.has(parent.attribute_id) || isAsked(parent, seen);
  };
  return attributes.filter((a) => isAsked(a, new Set()));
}

export function isAnswered(value: AttributeValue | undefined | null): boolean {
  return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

export function defaultValues(attributes: readonly Attribute[]): AttributeValues {
  return Object.fromEntries(attributes.flatMap((a) => (a.default === null ? [] : [[a.attribute_id, a.default]])));
}

/** A sentence about a value out of range, or null. */
export function valueFault(attribute: Attribute, value: AttributeValue): string | null {
  if (attribute.kind === "ranking" && !isWholeRanking(attribute, value)) return msg`${attribute.name} ranks all of its options, each once.`;
  if (attribute.kind === "date" && !isDate(value)) return msg`${attribute.name} takes a date such as 2024-02-29.`;
  if (attribute.kind !== "number") return null;
  if (typeof value !== "number" || !Number.isFinite(value)) return msg`${attribute.name} takes a number.`;
  if (attribute.minimum !== null && value < attribute.minimum) return msg`${attribute.name} is at least ${attribute.minimum}.`;
  if (attribute.maximum !== null && value > attribute.maximum) return msg`${attribute.name} is at most ${attribute.maximum}.`;
  return null;
}

function isWholeRanking(attribute: Attribute, value: AttributeValue): boolean {
  const ids = new Set(attribute.options.map((o) => o.option_id));
  return Array.isArray(value) && value.length === ids.size && new Set(value).size === ids.size && value.every((v) => ids.has(v));
}

/** A day of the calendar as yyyy-mm-dd. */
export function isDate(value: unknown): value is string {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value) || value.startsWith("0000")) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

/** Kinds whose answers are options. */
export function hasOptions(kind: AttributeKind): boolean {
  return kind === "choice" || kind === "multi_choice" || kind === "ranking";
}

/** The values that the class knows and still asks for: what is left when an object changes class. */
export function fittingValues(attributes: readonly Attribute[], values: AttributeValues): AttributeValues {
  const known = Object.fromEntries(attributes.flatMap((a) => {
    const value = values[a.attribute_id];
    return value !== undefined && fitsKind(a, value) ? [[a.attribute_id, value]] : [];
  })) as AttributeValues;
  const asked = new Set(askedAttributes(attributes, known).map((a) => a.attribute_id));
  return Object.fromEntries(Object.entries(known).filter(([id, value]) => asked.has(id) && isAnswered(value)));
}

function fitsKind(attribute: Attribute, value: AttributeValue): boolean {
  const isOption = (v: unknown): boolean => attribute.options.some((o) => o.option_id === v);
  switch (attribute.kind) {
    case "choice":
      return isOption(value);
    case "multi_choice":
    case "ranking":
      return Array.isArray(value) && value.every(isOption);
    case "number":
      return typeof value === "number";
    case "text":
    case "date":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
  }
}

/** Something that keeps a labelling from being sent. */
export interface Problem {
  /** The object it is about; null for item-level questions. */
  readonly annotationId: string | null;
  /** The attribute or question, where it is about one. */
  readonly attributeId?: string;
  readonly text: string;
}

export function problemsOf(labelling: Labelling, ontology: Ontology, frame: Frame): Problem[] {
  return [
    ...labelling.annotations.flatMap((a) => annotationProblems(a, ontology, frame)),
    ...questionProblems(labelling.answers, ontology),
    ...relationProblems(labelling, ontology),
  ];
}

/** Whether relations of a type may lead from an object of one class to one of another. */
export function joins(type: RelationType, fromClass: string, toClass: string): boolean {
  const leads = (from: string, to: string): boolean =>
    (!type.from_class_ids.length || type.from_class_ids.includes(from)) && (!type.to_class_ids.length || type.to_class_ids.includes(to));
  return leads(fromClass, toClass) || (!type.is_directed && leads(toClass, fromClass));
}

/** The relation types that may join two objects, as they stand. */
export function relationTypesBetween(ontology: Ontology, from: Annotation, to: Annotation): readonly RelationType[] {
  return (ontology.relation_types ?? []).filter((type) => joins(type, from.class_id, to.class_id));
}

/** Whether two relations say the same. */
export function saysTheSame(a: Relation, b: Relation, ontology: Ontology): boolean {
  if (a.relation_type_id !== b.relation_type_id) return false;
  if (a.from_id === b.from_id && a.to_id === b.to_id) return true;
  const type = ontology.relation_types?.find((t) => t.relation_type_id === a.relation_type_id);
  return type?.is_directed === false && a.from_id === b.to_id && a.to_id === b.from_id;
}

export function relationProblems({ annotations, relations = [] }: Pick<Labelling, "annotations" | "relations">, ontology: Ontology): Problem[] {
  const byId = new Map(annotations.map((a) => [a.annotation_id, a]));
  return relations.flatMap((relation): Problem[] => {
    const [from, to] = [byId.get(relation.from_id), byId.get(relation.to_id)];
    const type = ontology.relation_types?.find((t) => t.relation_type_id === relation.relation_type_id);
    if (!type) return [{ annotationId: relation.from_id, text: msg`A relation's type is no longer in the ontology: choose another or delete it.` }];
    if (!from || !to || joins(type, from.class_id, to.class_id)) return [];
    const [one, other] = [from, to].map((a) => findClass(ontology, a.class_id)?.name ?? a.class_id);
    return [{ annotationId: relation.from_id, text: msg`${type.name} does not lead from ${one!} to ${other!}.` }];
  });
}

export function questionProblems(answers: AttributeValues, ontology: Ontology): Problem[] {
  return valueProblems(ontology.questions, answers, null, "");
}

export function annotationProblems(a: Annotation, ontology: Ontology, frame: Frame): Problem[] {
  const annotationId = a.annotation_id;
  const item = findClass(ontology, a.class_id);
  if (!item) return [{ annotationId, text: msg`Its class is no longer in the ontology: choose another.` }];
  const problems: Problem[] = [];
  if (!item.geometry_kinds.includes(a.geometry.kind))
    problems.push({ annotationId, text: msg`${item.name} is not drawn as a ${shapeOf(a.geometry).name.toLowerCase()}.` });
  else if (!takes(item, a.geometry)) problems.push({ annotationId, text: msg`${item.name} has other nodes than this skeleton: draw it anew.` });
  const fault = shapeOf(a.geometry).fault(a.geometry, frame);
  if (fault) problems.push({ annotationId, text: fault });
  return [...problems, ...valueProblems(item.attributes, a.attributes, annotationId, `${item.name}: `)];
}

function valueProblems(
  attributes: readonly Attribute[],
  values: AttributeValues,
  annotationId: string | null,
  prefix: string,
): Problem[] {
  return askedAttributes(attributes, values).flatMap((a) => {
    const value = values[a.attribute_id];
    if (!isAnswered(value)) return a.is_required ? [{ annotationId, attributeId: a.attribute_id, text: `${prefix}${a.name} is required.` }] : [];
    const fault = valueFault(a, value!);
    return fault ? [{ annotationId, attributeId: a.attribute_id, text: prefix + fault }] : [];
  });
}

/** A labelling as the server takes it: values that are not asked for are left out. */
export function tidied(labelling: Labelling, ontology: Ontology): Labelling {
  const asked = new Map(ontology.classes.map((c) => [c.class_id, c.attributes]));
  const tidy = (a: Annotation): Annotation => {
    const attributes = asked.get(a.class_id) ?? [];
    const said = Object.keys(a.attributes).length;
    // Most objects of a crowded picture say nothing of themselves, or nothing that does not fit.
    const fitting = said ? fittingValues(attributes, a.attributes) : {};
    return Object.keys(fitting).length === said ? a : { ...a, attributes: fitting };
  };
  return {
    annotations: labelling.annotations.map(tidy),
    answers: fittingValues(ontology.questions, labelling.answers),
    ...(labelling.relations?.length ? { relations: labelling.relations } : {}),
  };
}
