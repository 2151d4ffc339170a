/** What a reviewer should look at first: objects on which the submissions and the consensus do not agree. */
import type { Annotation, Labelling } from "../engine/types";
import type { Bounds } from "../engine/geometry";
import { boundsOfGeometry } from "../engine/shapes/registry";
import type { ReviewSubmission } from "../api/types";

/** What one author says about one object of the consensus. */
export interface Vote {
  readonly author: string;
  /** Their object, or null when they have none there. */
  readonly annotation: Annotation | null;
  /** Overlap of bounding boxes with the consensus object, 0 to 1. */
  readonly iou: number;
}

export interface Difference {
  readonly key: string;
  /** The consensus object; null for one that only submissions have. */
  readonly consensusId: string | null;
  /** The object to look at: the consensus', or the first author's. */
  readonly annotation: Annotation;
  readonly votes: readonly Vote[];
  readonly notes: readonly Note[];
  /** Higher is looked at earlier; 0 when all agree. */
  readonly weight: number;
}

export type Note = "class" | "missing" | "loose" | "unsure" | "extra";

/** Below this overlap two objects are not the same. */
const SAME_IOU = 0.4;
/** Below this overlap the same object is drawn loosely. */
const TIGHT_IOU = 0.75;
const SURE = 0.8;
const WEIGHTS: Readonly<Record<Note, number>> = { class: 4, extra: 3, missing: 3, unsure: 2, loose: 1 };

export function differencesOf(consensus: Labelling, submissions: readonly ReviewSubmission[]): Difference[] {
  const matched = submissions.map((s) => ({ author: s.author, pairs: matchObjects(consensus.annotations, s.labelling.annotations), all: s.labelling.annotations }));
  const objects = consensus.annotations.map((annotation): Difference => {
    const votes = matched.map(({ author, pairs }): Vote => {
      const pair = pairs.get(annotation.annotation_id);
      return { author, annotation: pair?.annotation ?? null, iou: pair?.iou ?? 0 };
    });
    return difference(annotation.annotation_id, annotation, votes, notesOf(annotation, votes));
  });
  const extras = groupExtras(matched.flatMap(({ author, pairs, all }) => {
    const used = new Set([...pairs.values()].map((p) => p.annotation.annotation_id));
    return all.filter((a) => !used.has(a.annotation_id)).map((annotation) => ({ author, annotation }));
  }), submissions.map((s) => s.author));
  return [...objects, ...extras].sort((a, b) => b.weight - a.weight || (a.annotation.score ?? 1) - (b.annotation.score ?? 1));
}

function difference(consensusId: string | null, annotation: Annotation, votes: readonly Vote[], notes: readonly Note[]): Difference {
  const doubt = consensusId !== null && notes.length ? 1 - (annotation.score ?? 1) : 0;
  return {
    key: consensusId ?? `extra:${annotation.annotation_id}`,
    consensusId, annotation, votes, notes,
    weight: notes.reduce((sum, note) => sum + WEIGHTS[note], doubt),
  };
}

function notesOf(annotation: Annotation, votes: readonly Vote[]): Note[] {
  const given = votes.filter((v) => v.annotation !== null);
  const notes: Note[] = [];
  if (given.some((v) => v.annotation!.class_id !== annotation.class_id)) notes.push("class");
  if (given.length < votes.length) notes.push("missing");
  if (annotation.score !== null && annotation.score < SURE) notes.push("unsure");
  if (given.some((v) => v.iou < TIGHT_IOU)) notes.push("loose");
  return notes;
}

/** One-to-one, best overlap first; an object of another class must overlap as well. */
function matchObjects(left: readonly Annotation[], right: readonly Annotation[]): Map<string, { annotation: Annotation; iou: number }> {
  const pairs = left.flatMap((l) => right.map((r) => ({ l, r, iou: boxIou(boundsOfGeometry(l.geometry), boundsOfGeometry(r.geometry)) }))).filter((p) => p.iou >= SAME_IOU);
  // The same class wins over a slightly better overlap.
  const rank = (p: (typeof pairs)[number]): number => p.iou + (p.l.class_id === p.r.class_id ? 0.5 : 0);
  pairs.sort((a, b) => rank(b) - rank(a));
  const found = new Map<string, { annotation: Annotation; iou: number }>();
  const taken = new Set<string>();
  for (const { l, r, iou } of pairs) {
    if (found.has(l.annotation_id) || taken.has(r.annotation_id)) continue;
    found.set(l.annotation_id, { annotation: r, iou });
    taken.add(r.annotation_id);
  }
  return found;
}

/** Objects that several authors drew at the same place, and the consensus left out, are one difference. */
function groupExtras(extras: readonly { author: string; annotation: Annotation }[], authors: readonly string[]): Difference[] {
  const groups: { author: string; annotation: Annotation }[][] = [];
  for (const extra of extras) {
    const b = boundsOfGeometry(extra.annotation.geometry);
    const home = groups.find((g) => boxIou(boundsOfGeometry(g[0]!.annotation.geometry), b) >= SAME_IOU && g.every((e) => e.author !== extra.author));
    if (home) home.push(extra);
    else groups.push([extra]);
  }
  return groups.map((group) => {
    const first = group[0]!.annotation;
    const votes = authors.map((author): Vote => {
      const own = group.find((e) => e.author === author)?.annotation ?? null;
      return { author, annotation: own, iou: own ? boxIou(boundsOfGeometry(own.geometry), boundsOfGeometry(first.geometry)) : 0 };
    });
    return difference(null, first, votes, ["extra"]);
  });
}

export function boxIou(a: Bounds, b: Bounds): number {
  const w = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const h = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (w <= 0 || h <= 0) return 0;
  const both = w * h;
  return both / ((a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0) - both);
}

/** Questions that were answered differently. */
export function answerDifferences(consensus: Labelling, submissions: readonly ReviewSubmission[]): string[] {
  const ids = new Set([consensus, ...submissions.map((s) => s.labelling)].flatMap((l) => Object.keys(l.answers)));
  return [...ids].filter((id) => new Set(submissions.map((s) => JSON.stringify(s.labelling.answers[id] ?? null))).size > 1);
}

