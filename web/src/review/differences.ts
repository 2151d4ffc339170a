/** What a reviewer should look at first: objects on which the submissions and the consensus do not agree. */
import type { Annotation, Labelling } from "../engine/types";
import type { Frame } from "../engine/geometry";
import type { ReviewSubmission } from "../api/types";
import { type Likeness, likeness, vicinity } from "./likeness";

/** What one author says about one object of the consensus. */
export interface Vote {
  readonly author: string;
  /** Their object, or null when they have none there. */
  readonly annotation: Annotation | null;
  /** How much it is the same shape as the consensus object. */
  readonly likeness: Likeness;
}

export interface Difference {
  readonly key: string;
  /** The consensus object; null for one that only submissions have. */
  readonly consensusId: string | null;
  /** The object to look at: the consensus', or the first author's. */
  readonly annotation: Annotation;
  readonly votes: readonly Vote[];
  readonly notes: readonly Note[];
  /** How far the authors agree on it, 0 to 1: the mean likeness of all, 0 for who has none or another class. */
  readonly agreement: number;
  /** Higher is looked at earlier; 0 when all agree. */
  readonly weight: number;
}

export type Note = "class" | "missing" | "loose" | "unsure" | "extra";

/** Less alike than this, two shapes are not of the same object. */
const SAME = 0.4;
/** Less alike than this, the same object is drawn loosely. */
const TIGHT = 0.75;
const NONE: Likeness = { value: 0, distancePx: null };
const SURE = 0.8;
const WEIGHTS: Readonly<Record<Note, number>> = { class: 4, extra: 3, missing: 3, unsure: 2, loose: 1 };

export function differencesOf(consensus: Labelling, submissions: readonly ReviewSubmission[], frame: Frame): Difference[] {
  const matched = submissions.map((s) => ({ author: s.author, pairs: matchObjects(consensus.annotations, s.labelling.annotations, frame), all: s.labelling.annotations }));
  const objects = consensus.annotations.map((annotation): Difference => {
    const votes = matched.map(({ author, pairs }): Vote => {
      const pair = pairs.get(annotation.annotation_id);
      return { author, annotation: pair?.annotation ?? null, likeness: pair?.likeness ?? NONE };
    });
    return difference(annotation.annotation_id, annotation, votes, notesOf(annotation, votes));
  });
  const extras = groupExtras(matched.flatMap(({ author, pairs, all }) => {
    const used = new Set([...pairs.values()].map((p) => p.annotation.annotation_id));
    return all.filter((a) => !used.has(a.annotation_id)).map((annotation) => ({ author, annotation }));
  }), submissions.map((s) => s.author), frame);
  return [...objects, ...extras].sort((a, b) => b.weight - a.weight || (a.annotation.score ?? 1) - (b.annotation.score ?? 1));
}

function difference(consensusId: string | null, annotation: Annotation, votes: readonly Vote[], notes: readonly Note[]): Difference {
  const doubt = consensusId !== null && notes.length ? 1 - (annotation.score ?? 1) : 0;
  return {
    key: consensusId ?? `extra:${annotation.annotation_id}`,
    consensusId, annotation, votes, notes,
    agreement: votes.reduce((sum, v) => sum + (v.annotation?.class_id === annotation.class_id ? v.likeness.value : 0), 0) / Math.max(1, votes.length),
    weight: notes.reduce((sum, note) => sum + WEIGHTS[note], doubt),
  };
}

function notesOf(annotation: Annotation, votes: readonly Vote[]): Note[] {
  const given = votes.filter((v) => v.annotation !== null);
  const notes: Note[] = [];
  if (given.some((v) => v.annotation!.class_id !== annotation.class_id)) notes.push("class");
  if (given.length < votes.length) notes.push("missing");
  if (annotation.score !== null && annotation.score < SURE) notes.push("unsure");
  if (given.some((v) => v.likeness.value < TIGHT)) notes.push("loose");
  return notes;
}

interface Pair {
  readonly annotation: Annotation;
  readonly likeness: Likeness;
}

/** One-to-one, the most alike first. */
export function matchObjects(left: readonly Annotation[], right: readonly Annotation[], frame: Frame): Map<string, Pair> {
  const pairs = neighbours(left, right, frame)
    .map(([l, r]) => ({ l, r, likeness: likeness(l.geometry, r.geometry, frame) }))
    .filter((p) => p.likeness.value >= SAME);
  // The same class wins over a slightly better fit.
  const rank = (p: (typeof pairs)[number]): number => p.likeness.value + (p.l.class_id === p.r.class_id ? 0.5 : 0);
  pairs.sort((a, b) => rank(b) - rank(a));
  const found = new Map<string, Pair>();
  const taken = new Set<string>();
  for (const { l, r, likeness: fit } of pairs) {
    if (found.has(l.annotation_id) || taken.has(r.annotation_id)) continue;
    found.set(l.annotation_id, { annotation: r, likeness: fit });
    taken.add(r.annotation_id);
  }
  return found;
}

/** Pairs whose vicinities meet: a sweep from left to right, for a crowded picture has too many pairs to look at all. */
function neighbours(left: readonly Annotation[], right: readonly Annotation[], frame: Frame): [Annotation, Annotation][] {
  const placed = (list: readonly Annotation[]) => list.map((annotation) => ({ annotation, area: vicinity(annotation.geometry, frame) })).sort((a, b) => a.area.x0 - b.area.x0);
  const [ones, others] = [placed(left), placed(right)];
  const widest = Math.max(0, ...others.map(({ area }) => area.x1 - area.x0));
  const found: [Annotation, Annotation][] = [];
  let first = 0;
  for (const one of ones) {
    while (first < others.length && others[first]!.area.x0 < one.area.x0 - widest) first++;
    for (let i = first; i < others.length && others[i]!.area.x0 <= one.area.x1; i++) {
      const { annotation, area } = others[i]!;
      if (area.x1 >= one.area.x0 && area.y0 <= one.area.y1 && area.y1 >= one.area.y0) found.push([one.annotation, annotation]);
    }
  }
  return found;
}

/** Objects that several authors drew at the same place, and the consensus left out, are one difference. */
function groupExtras(extras: readonly { author: string; annotation: Annotation }[], authors: readonly string[], frame: Frame): Difference[] {
  const groups: { author: string; annotation: Annotation }[][] = [];
  for (const extra of extras) {
    const isHome = (g: (typeof groups)[number]): boolean =>
      g.every((e) => e.author !== extra.author) && likeness(g[0]!.annotation.geometry, extra.annotation.geometry, frame).value >= SAME;
    const home = groups.find(isHome);
    if (home) home.push(extra);
    else groups.push([extra]);
  }
  return groups.map((group) => {
    const first = group[0]!.annotation;
    const votes = authors.map((author): Vote => {
      const own = group.find((e) => e.author === author)?.annotation ?? null;
      return { author, annotation: own, likeness: own ? likeness(first.geometry, own.geometry, frame) : NONE };
    });
    return difference(null, first, votes, ["extra"]);
  });
}

/** Questions that were answered differently. */
export function answerDifferences(consensus: Labelling, submissions: readonly ReviewSubmission[]): string[] {
  const ids = new Set([consensus, ...submissions.map((s) => s.labelling)].flatMap((l) => Object.keys(l.answers)));
  return [...ids].filter((id) => new Set(submissions.map((s) => JSON.stringify(s.labelling.answers[id] ?? null))).size > 1);
}
