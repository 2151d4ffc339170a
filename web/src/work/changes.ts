/** What became of the objects of one labelling in another: kept, moved, labelled anew, added, deleted. */
import { sameJson } from "../engine/edits/patch";
import type { Frame } from "../engine/geometry";
import type { Annotation, Labelling } from "../engine/types";
import { matchObjects } from "../review/differences";
import { likeness } from "../review/likeness";
import { rekeyed } from "../review/rekeyed";

export type ChangeKind = "added" | "deleted" | "relabelled" | "moved" | "marked";

export interface Change {
  readonly key: string;
  /** More than one for an object that was, for example, moved and labelled anew. */
  readonly kinds: readonly ChangeKind[];
  readonly before: Annotation | null;
  readonly after: Annotation | null;
  /** How much the shape is the same, 0 to 1. */
  readonly likeness: number;
}

const ORDER: Readonly<Record<ChangeKind, number>> = { deleted: 5, added: 4, relabelled: 3, moved: 2, marked: 1 };

/** Changes, the weightiest first, and how many objects stayed as they were. */
export function changesBetween(before: Labelling, after: Labelling, frame: Frame): { changes: Change[]; keptCount: number } {
  const now = rekeyed(after, before);
  const byId = new Map(now.annotations.map((a, i) => [a.annotation_id, { a, original: after.annotations[i]! }]));
  const pairs: [Annotation | null, Annotation | null][] = [];
  const lost: Annotation[] = [];
  for (const a of before.annotations) {
    const same = byId.get(a.annotation_id);
    if (same) pairs.push([a, same.original]);
    else lost.push(a);
    byId.delete(a.annotation_id);
  }
  // What was merged out of several people's labels has another name; it is known by its place.
  const rest = [...byId.values()].map((entry) => entry.original);
  const matched = matchObjects(lost, rest, frame);
  const found = new Set([...matched.values()].map((m) => m.annotation.annotation_id));
  for (const a of lost) pairs.push([a, matched.get(a.annotation_id)?.annotation ?? null]);
  for (const a of rest) if (!found.has(a.annotation_id)) pairs.push([null, a]);
  const changes = pairs.map(([b, a]) => changeOf(b, a, frame)).filter((c) => c.kinds.length);
  const weight = (c: Change): number => Math.max(...c.kinds.map((kind) => ORDER[kind])) + (1 - c.likeness);
  return { changes: changes.sort((a, b) => weight(b) - weight(a)), keptCount: pairs.length - changes.length };
}

function changeOf(before: Annotation | null, after: Annotation | null, frame: Frame): Change {
  const key = `${before?.annotation_id ?? ""}>${after?.annotation_id ?? ""}`;
  if (!before || !after) return { key, kinds: [before ? "deleted" : "added"], before, after, likeness: 0 };
  const isSameShape = sameJson(before.geometry, after.geometry);
  const kinds: ChangeKind[] = [];
  if (before.class_id !== after.class_id) kinds.push("relabelled");
  if (!isSameShape) kinds.push("moved");
  const isMarked = !sameJson(before.attributes, after.attributes) || before.is_occluded !== after.is_occluded || before.is_truncated !== after.is_truncated;
  if (isMarked && before.class_id === after.class_id) kinds.push("marked");
  return { key, kinds, before, after, likeness: isSameShape ? 1 : likeness(before.geometry, after.geometry, frame).value };
}

/** Answers to questions on the whole item that differ. */
export function answersBetween(before: Labelling, after: Labelling): { question_id: string; before: unknown; after: unknown }[] {
  const ids = new Set([...Object.keys(before.answers), ...Object.keys(after.answers)]);
  return [...ids].flatMap((question_id) => {
    const [b, a] = [before.answers[question_id] ?? null, after.answers[question_id] ?? null];
    return sameJson(b, a) ? [] : [{ question_id, before: b, after: a }];
  });
}
