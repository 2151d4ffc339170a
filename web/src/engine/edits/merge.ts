/**
 * Two labellings that were made from the same one, brought together: what only one side changed is taken, field by field;
 * what both changed differently is a conflict, which a person decides. Nothing of either side vanishes without being named.
 */
import type { Annotation, AttributeValue, Labelling, Relation } from "../types";
import type { AnswerDelta, Entry, EntryDelta, RelationDelta } from "./delta";
import type { LabelDocument } from "./document";
import { type MergedRelation, mergeRelations, relatedAnew, settledRelations } from "./merge-relations";
import { sameJson } from "./patch";

/** A part of an object that can be decided by itself. `class` is the class with all attributes, where one side changed the class. */
export type MergeField = "geometry" | "class" | "marks" | "group" | `attribute:${string}`;

export type Side = "mine" | "theirs";

/** An object that the sides do not have alike. Null: not there. */
export interface MergedObject {
  readonly id: string;
  readonly base: Annotation | null;
  readonly mine: Annotation | null;
  readonly theirs: Annotation | null;
  /** Both sides' changes together; in conflicting fields as mine has it, and of a deletion against a change the changed one. */
  readonly merged: Annotation | null;
  /** Fields that both sides changed differently; `null` with a deletion against a change. */
  readonly conflicts: readonly MergeField[];
  readonly isDeletionConflict: boolean;
  /** Who changed it since the base. */
  readonly changedBy: Side | "both";
}

export interface MergedAnswer {
  readonly question_id: string;
  readonly base: AttributeValue | null;
  readonly mine: AttributeValue | null;
  readonly theirs: AttributeValue | null;
  readonly isConflict: boolean;
}

export interface Merge {
  /** Objects that differ from the base on either side; conflicts first, each in the order of the picture's stack. */
  readonly objects: readonly MergedObject[];
  readonly answers: readonly MergedAnswer[];
  /** Relations that differ from the base on either side; they never conflict. */
  readonly relations: readonly MergedRelation[];
  /** Both sides stacked the objects anew, each in its own way; mine is taken. */
  readonly hasOrderConflict: boolean;
  readonly conflictCount: number;
  readonly base: Labelling;
  readonly mine: Labelling;
  readonly theirs: Labelling;
}

/** What a person chose for a conflict: one side, or both (theirs beside mine). */
export type MergeChoice = "mine" | "theirs" | "both";

/** By annotation_id, and by `?` and question_id for answers. */
export type MergeChoices = ReadonlyMap<string, MergeChoice>;

export const answerKey = (questionId: string): string => `?${questionId}`;

const byId = (labelling: Labelling): Map<string, Annotation> => new Map(labelling.annotations.map((a) => [a.annotation_id, a]));

/** The same to the eye; where an object came from does not count. */
export function sameObject(a: Annotation | null, b: Annotation | null): boolean {
  if (a === null || b === null) return a === b;
  return a === b || (a.class_id === b.class_id && sameJson(a.geometry, b.geometry) && sameJson(a.attributes, b.attributes) && sameMarks(a, b) && a.group_id === b.group_id);
}

const sameMarks = (a: Annotation, b: Annotation): boolean => a.is_occluded === b.is_occluded && a.is_truncated === b.is_truncated;

export function merge(base: Labelling, mine: Labelling, theirs: Labelling): Merge {
  const [was, ours, others] = [byId(base), byId(mine), byId(theirs)];
  const ids = new Set([...ours.keys(), ...others.keys(), ...was.keys()]);
  const [mineRelated, theirsRelated] = [relatedAnew(base, mine), relatedAnew(base, theirs)];
  const objects = [...ids].flatMap((id) =>
    mergeObject(id, was.get(id) ?? null, ours.get(id) ?? null, others.get(id) ?? null, { mine: mineRelated.has(id), theirs: theirsRelated.has(id) }) ?? []);
  const isConflict = (o: MergedObject): boolean => o.isDeletionConflict || o.conflicts.length > 0;
  const sorted = [...objects.filter(isConflict), ...objects.filter((o) => !isConflict(o))];
  const answers = mergeAnswers(base.answers, mine.answers, theirs.answers);
  return {
    objects: sorted, answers, relations: mergeRelations(base, mine, theirs), base, mine, theirs,
    hasOrderConflict: orderOf(base, mine, theirs).isConflict,
    conflictCount: objects.filter(isConflict).length + answers.filter((a) => a.isConflict).length,
  };
}

/** A side that relates an object to others anew has a stake in it, as if it had changed it: the other cannot delete it unsaid. */
function mergeObject(id: string, base: Annotation | null, mine: Annotation | null, theirs: Annotation | null, related: Readonly<Record<Side, boolean>>): MergedObject | null {
  const isMineNew = !sameObject(base, mine) || (theirs === null && related.mine);
  const isTheirsNew = !sameObject(base, theirs) || (mine === null && related.theirs);
  if (!isMineNew && !isTheirsNew) return null;
  const changedBy = isMineNew && isTheirsNew ? "both" : isMineNew ? "mine" : "theirs";
  const made = (merged: Annotation | null, conflicts: readonly MergeField[] = [], isDeletionConflict = false): MergedObject =>
    ({ id, base, mine, theirs, merged, conflicts, isDeletionConflict, changedBy });
  if (changedBy !== "both") return made(changedBy === "mine" ? mine : theirs);
  if (sameObject(mine, theirs)) return made(mine);
  if (mine === null || theirs === null) return made(mine ?? theirs, [], true);
  return made(...mergeFields(base, mine, theirs));
}

function mergeFields(base: Annotation | null, mine: Annotation, theirs: Annotation): [Annotation, MergeField[]] {
  const conflicts: MergeField[] = [];
  /** Which side a field is taken from; both changed differently is noted, and mine is taken. */
  const pick = (field: MergeField, same: (a: Annotation, b: Annotation) => boolean): Annotation => {
    if (same(mine, theirs)) return mine;
    const mineIsNew = base === null || !same(base, mine);
    const theirsIsNew = base === null || !same(base, theirs);
    if (mineIsNew && theirsIsNew) conflicts.push(field);
    return mineIsNew ? mine : theirs;
  };
  const geometry = pick("geometry", (a, b) => sameJson(a.geometry, b.geometry)).geometry;
  const marks = pick("marks", sameMarks);
  const group_id = pick("group", (a, b) => a.group_id === b.group_id).group_id;
  const keepsClass = base !== null && base.class_id === mine.class_id && base.class_id === theirs.class_id;
  // Attributes belong to their class: with another class on either side they are taken or left with it.
  const withClass = keepsClass ? mine : pick("class", (a, b) => a.class_id === b.class_id && sameJson(a.attributes, b.attributes));
  const attributes = keepsClass ? mergeAttributes(base, mine, theirs, conflicts) : withClass.attributes;
  const { is_occluded, is_truncated } = marks;
  return [{ ...mine, origin: mine.origin ?? theirs.origin, class_id: withClass.class_id, geometry, attributes, is_occluded, is_truncated, group_id }, conflicts];
}

function mergeAttributes(base: Annotation, mine: Annotation, theirs: Annotation, conflicts: MergeField[]): Annotation["attributes"] {
  const merged: Record<string, AttributeValue> = {};
  for (const key of new Set([...Object.keys(mine.attributes), ...Object.keys(theirs.attributes)])) {
    const [was, ours, others] = [base.attributes[key], mine.attributes[key], theirs.attributes[key]];
    const isMineNew = !sameJson(was, ours);
    if (isMineNew && !sameJson(was, others) && !sameJson(ours, others)) conflicts.push(`attribute:${key}`);
    const value = isMineNew ? ours : others;
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

function mergeAnswers(base: Labelling["answers"], mine: Labelling["answers"], theirs: Labelling["answers"]): MergedAnswer[] {
  const ids = new Set([...Object.keys(base), ...Object.keys(mine), ...Object.keys(theirs)]);
  return [...ids].flatMap((question_id): MergedAnswer[] => {
    const [was, ours, others] = [base[question_id] ?? null, mine[question_id] ?? null, theirs[question_id] ?? null];
    const [isMineNew, isTheirsNew] = [!sameJson(was, ours), !sameJson(was, others)];
    if (!isMineNew && !isTheirsNew) return [];
    return [{ question_id, base: was, mine: ours, theirs: others, isConflict: isMineNew && isTheirsNew && !sameJson(ours, others) }];
  });
}

/** The labelling that a merge comes to. Conflicts without a choice stay as mine; a deletion against a change keeps the object. */
export function settle(merged: Merge, choices: MergeChoices, newId: () => string): Labelling {
  const [ours, others] = [byId(merged.mine), byId(merged.theirs)];
  const kept = new Map<string, Annotation>();
  const copies: Annotation[] = [];
  for (const [id, annotation] of ours) if (others.has(id)) kept.set(id, annotation);
  for (const object of merged.objects) {
    const now = chosen(object, choices.get(object.id));
    if (now) kept.set(object.id, now);
    else kept.delete(object.id);
    if (choices.get(object.id) === "both" && object.mine && object.theirs && object.conflicts.length) {
      copies.push({ ...object.theirs, annotation_id: newId(), origin: object.theirs.origin });
    }
  }
  const order = orderOf(merged.base, merged.mine, merged.theirs).ids.filter((id) => kept.has(id));
  const answers: Record<string, AttributeValue> = { ...merged.theirs.answers };
  for (const [id, value] of Object.entries(merged.mine.answers)) answers[id] = value;
  for (const answer of merged.answers) {
    const value = answerOf(answer, choices.get(answerKey(answer.question_id)));
    if (value === null) delete answers[answer.question_id];
    else answers[answer.question_id] = value;
  }
  const annotations = [...order.map((id) => kept.get(id)!), ...copies];
  const relations = settledRelations(merged, new Set(kept.keys()));
  return { annotations, answers, ...(relations.length ? { relations } : {}) };
}

function chosen(object: MergedObject, choice: MergeChoice | undefined): Annotation | null {
  const { mine, theirs, merged } = object;
  if (object.isDeletionConflict) return choice === "mine" ? mine : choice === "theirs" ? theirs : merged;
  if (!object.conflicts.length || choice !== "theirs" || !merged || !theirs) return merged;
  // Their part of what is in conflict; what did not conflict stays together.
  const taken = { ...merged };
  const attributes: Record<string, AttributeValue> = { ...merged.attributes };
  for (const field of object.conflicts) {
    if (field === "geometry") Object.assign(taken, { geometry: theirs.geometry });
    else if (field === "marks") Object.assign(taken, { is_occluded: theirs.is_occluded, is_truncated: theirs.is_truncated });
    else if (field === "group") Object.assign(taken, { group_id: theirs.group_id });
    else if (field === "class") return { ...taken, class_id: theirs.class_id, attributes: theirs.attributes };
    else {
      const key = field.slice("attribute:".length);
      const value = theirs.attributes[key];
      if (value === undefined) delete attributes[key];
      else attributes[key] = value;
    }
  }
  return { ...taken, attributes };
}

function answerOf(answer: MergedAnswer, choice: MergeChoice | undefined): AttributeValue | null {
  if (answer.isConflict) return choice === "theirs" ? answer.theirs : answer.mine;
  return sameJson(answer.base, answer.mine) ? answer.theirs : answer.mine;
}

/**
 * The stack of all objects of both sides. What both have lies as the side that moved it wants; what one side has alone
 * stays above the object that it lay above there.
 */
function orderOf(base: Labelling, mine: Labelling, theirs: Labelling): { ids: string[]; isConflict: boolean } {
  const ids = (labelling: Labelling): string[] => labelling.annotations.map((a) => a.annotation_id);
  const [was, ours, others] = [ids(base), ids(mine), ids(theirs)];
  const [inMine, inTheirs] = [new Set(ours), new Set(others)];
  const mineCommon = ours.filter((id) => inTheirs.has(id));
  const theirsCommon = others.filter((id) => inMine.has(id));
  const place = new Map(was.map((id, i) => [id, i]));
  const isAsBefore = (order: readonly string[]): boolean => {
    const places = order.flatMap((id) => place.get(id) ?? []);
    return places.every((at, i) => i === 0 || places[i - 1]! < at);
  };
  const isSame = sameJson(mineCommon, theirsCommon);
  const takesTheirs = !isSame && isAsBefore(mineCommon) && !isAsBefore(theirsCommon);
  const common = takesTheirs ? theirsCommon : mineCommon;
  const above = new Map<string | null, string[][]>();
  for (const [order, other] of [[ours, inTheirs], [others, inMine]] as const) {
    for (const [anchor, chain] of chains(order, other)) above.set(anchor, [...(above.get(anchor) ?? []), chain]);
  }
  const over = (anchor: string | null): string[] => (above.get(anchor) ?? []).sort((a, b) => (a[0]! < b[0]! ? -1 : 1)).flat();
  return {
    ids: [...over(null), ...common.flatMap((id) => [id, ...over(id)])],
    isConflict: !isSame && !isAsBefore(mineCommon) && !isAsBefore(theirsCommon),
  };
}

/** What lies above each common object and is there on one side alone. */
function chains(order: readonly string[], common: ReadonlySet<string>): Map<string | null, string[]> {
  const found = new Map<string | null, string[]>();
  let anchor: string | null = null;
  for (const id of order) {
    if (common.has(id)) anchor = id;
    else if (found.has(anchor)) found.get(anchor)!.push(id);
    else found.set(anchor, [id]);
  }
  return found;
}

/** The step that makes a document say what a labelling says. */
export function changesTo(document: LabelDocument, labelling: Labelling): { entries: EntryDelta[]; answers: AnswerDelta[]; relations: RelationDelta[] } {
  const wanted = byId(labelling);
  const z = stack(document, labelling);
  const entries: EntryDelta[] = [];
  for (const id of document.ids()) if (!wanted.has(id)) entries.push({ id, before: document.find(id), after: null });
  for (const [id, annotation] of wanted) {
    const before = document.find(id);
    const after: Entry = { annotation, z: z.get(id)! };
    if (!before || before.z !== after.z || !sameJson(before.annotation, annotation)) entries.push({ id, before, after });
  }
  const answers = [...new Set([...Object.keys(document.answers), ...Object.keys(labelling.answers)])].flatMap((question_id): AnswerDelta[] => {
    const [before, after] = [document.answer(question_id), labelling.answers[question_id] ?? null];
    return sameJson(before, after) ? [] : [{ question_id, before, after }];
  });
  return { entries, answers, relations: relationChanges(document, labelling.relations ?? []) };
}

function relationChanges(document: LabelDocument, wanted: readonly Relation[]): RelationDelta[] {
  const ids = new Set(wanted.map((r) => r.relation_id));
  const gone = document.relations.flatMap((before): RelationDelta[] => (ids.has(before.relation_id) ? [] : [{ id: before.relation_id, before, after: null }]));
  return [...gone, ...wanted.flatMap((after): RelationDelta[] => {
    const before = document.findRelation(after.relation_id);
    return sameJson(before, after) ? [] : [{ id: after.relation_id, before, after }];
  })];
}

/** Places in the stack: as they are where their order is the wanted one, with new ones in between; otherwise all anew. */
function stack(document: LabelDocument, labelling: Labelling): Map<string, number> {
  const ids = labelling.annotations.map((a) => a.annotation_id);
  const known = ids.map((id) => document.find(id)?.z ?? null);
  const present = known.filter((z) => z !== null);
  if (!present.every((z, i) => i === 0 || present[i - 1]! < z)) return new Map(ids.map((id, i) => [id, i]));
  const found = new Map<string, number>();
  for (let i = 0; i < ids.length; ) {
    const end = known.findIndex((z, at) => at >= i && z !== null);
    const count = (end < 0 ? ids.length : end) - i;
    spread(i === 0 ? null : found.get(ids[i - 1]!)!, end < 0 ? null : known[end]!, count).forEach((at, k) => found.set(ids[i + k]!, at));
    i += count;
    if (end >= 0) found.set(ids[i++]!, known[end]!);
  }
  return found;
}

/** So many places between two. */
function spread(below: number | null, above: number | null, count: number): number[] {
  const each = (at: (k: number) => number): number[] => Array.from({ length: count }, (_, k) => at(k));
  if (above === null) return each((k) => (below === null ? k : Math.floor(below) + 1 + k));
  if (below === null) return each((k) => above - count + k);
  return each((k) => below + ((above - below) * (k + 1)) / (count + 1));
}
