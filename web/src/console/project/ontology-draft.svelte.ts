/** The ontology being edited: a copy that may be wrong for a while, and what keeps it from being saved. */
import type { Attribute, AttributeOption, AttributeValue, Condition, Ontology, OntologyClass, RelationType, SkeletonTemplate } from "../../engine/types";
import { hasOptions, isSimple } from "../../engine/ontology";
import { freeColor, idFor, newAttribute } from "../projects/quick-classes";
import { settledNodes, templateFaults } from "./skeleton-template";
import { msg } from "../../engine/text";

type Mutable<T> = T extends string | number | boolean | null ? T : { -readonly [K in keyof T]: Mutable<T[K]> };
export type DraftClass = Mutable<OntologyClass>;
export type DraftAttribute = Mutable<Attribute>;
export type DraftRelationType = Mutable<RelationType>;
export type DraftTemplate = Mutable<SkeletonTemplate>;
export type AttributeKind = Attribute["kind"];

export class OntologyDraft {
  classes = $state<DraftClass[]>([]);
  questions = $state<DraftAttribute[]>([]);
  relationTypes = $state<DraftRelationType[]>([]);
  #saved = $state("");
  #savedIds = new Set<string>();

  constructor(ontology: Ontology) {
    this.reset(ontology);
  }

  reset(ontology: Ontology): void {
    const copy = structuredClone(ontology) as { classes: DraftClass[]; questions: DraftAttribute[]; relation_types?: DraftRelationType[] };
    this.classes = copy.classes;
    this.questions = copy.questions;
    this.relationTypes = copy.relation_types ?? [];
    this.#saved = JSON.stringify(this.value);
    this.#savedIds = idsOf(this.value);
  }

  get value(): Ontology {
    const { classes, questions, relation_types } = $state.snapshot({ classes: this.classes, questions: this.questions, relation_types: this.relationTypes }) as Ontology;
    // A template that is not asked for waits in the draft, in case the tick comes back.
    return { classes: classes.map((c) => ({ ...c, skeleton: c.geometry_kinds.includes("skeleton") ? (c.skeleton ?? null) : null })), questions, relation_types };
  }

  get isChanged(): boolean {
    return JSON.stringify(this.value) !== this.#saved;
  }

  /** Whether its key is in use already; a new class or attribute gets its key when it is saved, from its name then. */
  isKept(id: string): boolean {
    return this.#savedIds.has(id);
  }

  /** Gives what is new its key by its name, and returns the new keys of classes by the old ones. */
  settleIds(): ReadonlyMap<string, string> {
    const renamed = new Map<string, string>();
    for (const item of this.classes) {
      if (!this.isKept(item.class_id)) renamed.set(item.class_id, idFor(item.name, [...this.classes.filter((c) => c !== item).map((c) => c.class_id), ...renamed.values()]));
      settleAttributes(item.attributes, this.#savedIds);
      if (item.skeleton) item.skeleton = settledNodes(item.skeleton, (nodeId) => this.#savedIds.has(nodeKey(item.class_id, nodeId))) as DraftTemplate;
    }
    for (const item of this.classes) {
      item.class_id = renamed.get(item.class_id) ?? item.class_id;
      item.parent_id = renamed.get(item.parent_id ?? "") ?? item.parent_id;
    }
    for (const type of this.relationTypes) {
      if (!this.isKept(relationKey(type.relation_type_id))) type.relation_type_id = idFor(type.name, this.relationTypes.filter((t) => t !== type).map((t) => t.relation_type_id));
      type.from_class_ids = type.from_class_ids.map((id) => renamed.get(id) ?? id);
      type.to_class_ids = type.to_class_ids.map((id) => renamed.get(id) ?? id);
    }
    settleAttributes(this.questions, this.#savedIds);
    return renamed;
  }

  /** Depth first, parents before children. */
  get tree(): { item: DraftClass; depth: number }[] {
    const rows: { item: DraftClass; depth: number }[] = [];
    const walk = (parent: string | null, depth: number): void => {
      for (const item of this.classes) {
        if (item.parent_id !== parent || rows.some((row) => row.item === item)) continue;
        rows.push({ item, depth });
        walk(item.class_id, depth + 1);
      }
    };
    walk(null, 0);
    return rows;
  }

  /** What must be mended before it can be sent. */
  get faults(): string[] {
    const faults = this.classes.flatMap((c) => [
      ...(c.name.trim() ? [] : [msg`A class has no name.`]),
      ...(c.geometry_kinds.length || this.classes.some((child) => child.parent_id === c.class_id) ? [] : [msg`${c.name || "A class"} has no shape.`]),
      ...(c.geometry_kinds.includes("skeleton") ? templateFaults(c.skeleton ?? null).map((fault) => `${c.name || "A class"}: ${fault}`) : []),
      ...attributeFaults(c.attributes, c.name),
    ]);
    const unnamed = this.relationTypes.some((type) => !type.name.trim()) ? [msg`A relation has no name.`] : [];
    return [...new Set([...faults, ...attributeFaults(this.questions, msg`The questions`), ...unnamed])];
  }

  addClass(parentId: string | null = null): DraftClass {
    const name = msg`New class`;
    const color = freeColor(this.classes.map((c) => c.color));
    this.classes.push({ class_id: idFor(name, this.classes.map((c) => c.class_id)), name, color, parent_id: parentId, geometry_kinds: ["box"], attributes: [] });
    return this.classes.at(-1)!;
  }

  /** Its children move up. */
  removeClass(classId: string): void {
    const gone = this.classes.find((c) => c.class_id === classId);
    for (const c of this.classes) if (c.parent_id === classId) c.parent_id = gone?.parent_id ?? null;
    this.classes = this.classes.filter((c) => c.class_id !== classId);
    const without = (ids: readonly string[]): string[] => ids.filter((id) => id !== classId);
    // A relation that would be left without a class on one side would lead to any: it goes with its last class.
    this.relationTypes = this.relationTypes.filter((type) => [type.from_class_ids, type.to_class_ids].every((ids) => !ids.length || without(ids).length > 0));
    for (const type of this.relationTypes) Object.assign(type, { from_class_ids: without(type.from_class_ids), to_class_ids: without(type.to_class_ids) });
  }

  addRelationType(): DraftRelationType {
    const name = msg`New relation`;
    this.relationTypes.push({ relation_type_id: idFor(name, this.relationTypes.map((t) => t.relation_type_id)), name, is_directed: true, from_class_ids: [], to_class_ids: [] });
    return this.relationTypes.at(-1)!;
  }

  removeRelationType(type: DraftRelationType): void {
    this.relationTypes = this.relationTypes.filter((t) => t.relation_type_id !== type.relation_type_id);
  }

  /** Among its siblings; the digits follow this order. */
  move(classId: string, by: -1 | 1): void {
    const item = this.classes.find((c) => c.class_id === classId);
    const siblings = this.classes.filter((c) => c.parent_id === item?.parent_id);
    const other = siblings[siblings.indexOf(item!) + by];
    if (!item || !other) return;
    const [a, b] = [this.classes.indexOf(item), this.classes.indexOf(other)];
    [this.classes[a], this.classes[b]] = [other, item];
  }

  /** Classes that may stand above it: not itself, nothing below it. */
  parentsFor(classId: string): DraftClass[] {
    const below = new Set([classId]);
    for (let grew = true; grew; ) {
      grew = false;
      for (const c of this.classes) if (c.parent_id !== null && below.has(c.parent_id) && !below.has(c.class_id)) grew = !!below.add(c.class_id);
    }
    return this.classes.filter((c) => !below.has(c.class_id));
  }
}

/** Nodes are kept apart by their class: every person has a nose. */
const nodeKey = (classId: string, nodeId: string): string => `${classId}.${nodeId}`;

const relationKey = (relationTypeId: string): string => `~${relationTypeId}`;

const idsOf = (ontology: Ontology): Set<string> =>
  new Set([...(ontology.relation_types ?? []).map((t) => relationKey(t.relation_type_id)), ...ontology.classes.flatMap((c) => [c.class_id, ...c.attributes.map((a) => a.attribute_id), ...(c.skeleton?.nodes ?? []).map((n) => nodeKey(c.class_id, n.node_id))]), ...ontology.questions.map((q) => q.attribute_id)]);

function settleAttributes(attributes: DraftAttribute[], kept: ReadonlySet<string>): void {
  for (const attribute of attributes) {
    const before = attribute.attribute_id;
    if (kept.has(before)) continue;
    attribute.attribute_id = idFor(attribute.name, attributes.filter((a) => a !== attribute).map((a) => a.attribute_id));
    for (const other of attributes) if (other.condition) other.condition = renamedIn(other.condition, before, attribute.attribute_id) as DraftAttribute["condition"];
  }
}

/** A condition that looks at an attribute under its new key. */
function renamedIn(condition: Condition, before: string, after: string): Condition {
  if (isSimple(condition)) return condition.attribute_id === before ? { ...condition, attribute_id: after } : condition;
  return "all" in condition ? { all: condition.all.map((part) => renamedIn(part, before, after)) } : { any: condition.any.map((part) => renamedIn(part, before, after)) };
}

export function addAttribute(to: DraftAttribute[]): void {
  to.push(structuredClone(newAttribute(msg`New attribute`, to.map((a) => a.attribute_id))) as DraftAttribute);
}

/** Options as typed, one each between commas; known names keep their ids. */
export function setOptions(attribute: DraftAttribute, text: string, before: readonly AttributeOption[] = attribute.options): void {
  const known = new Map(before.map((o) => [o.name, o.option_id]));
  const names = [...new Set(text.split(",").map((name) => name.trim()).filter(Boolean))];
  const options: { option_id: string; name: string }[] = [];
  for (const name of names) options.push({ name, option_id: known.get(name) ?? idFor(name, [...known.values(), ...options.map((o) => o.option_id)]) });
  attribute.options = options;
}

export function setKind(attribute: DraftAttribute, kind: Attribute["kind"]): void {
  attribute.kind = kind;
  attribute.default = null;
  if (!hasOptions(kind)) attribute.options = [];
  if (kind !== "number") attribute.minimum = attribute.maximum = null;
}

/** Values a condition may ask for, given the attribute it looks at. */
export function conditionValues(attribute: DraftAttribute): { value: AttributeValue; name: string }[] {
  if (attribute.kind === "boolean") return [{ value: true, name: "yes" }, { value: false, name: "no" }];
  if (attribute.kind === "ranking") return [];
  return attribute.options.map((o) => ({ value: o.option_id, name: o.name }));
}

/** A condition in words: "Side is Left and (Lamp is yes or Kind is Bus)". */
export function conditionText(condition: Condition, attributes: readonly DraftAttribute[], isInner = false): string {
  if (isSimple(condition)) {
    const about = attributes.find((a) => a.attribute_id === condition.attribute_id);
    const values = condition.equals.map((value) => (about && conditionValues(about).find((v) => v.value === value)?.name) ?? String(value));
    return msg`${about?.name ?? condition.attribute_id} is ${values.join(msg` or `)}`;
  }
  const parts = "all" in condition ? condition.all : condition.any;
  const text = parts.map((part) => conditionText(part, attributes, parts.length > 1)).join("all" in condition ? msg` and ` : msg` or `);
  return isInner && parts.length > 1 ? `(${text})` : text;
}

function attributeFaults(attributes: readonly DraftAttribute[], where: string): string[] {
  return attributes.flatMap((a) => [
    ...(a.name.trim() ? [] : [msg`${where}: an attribute has no name.`]),
    ...(hasOptions(a.kind) && a.options.length === 0 ? [msg`${where}: ${a.name} needs options.`] : []),
  ]);
}
