/**
 * Fewer points within a tolerance (D. Douglas, T. Peucker 1973), for several polygons at once: shared borders stay shared,
 * and no outline comes to cross itself; where it would, points are put back until it does not.
 */
import { type Point, project, signedArea } from "../geometry";
import type { Rings } from "./clip";
import { type Arc, netOf, ringsOfNet } from "./arcs";
import { type Edge, crossingEdges } from "./crossings";

/** An edge of the result, and the part of an arc that it stands for. */
interface Chord extends Edge {
  readonly arc: number;
  readonly from: number;
  readonly to: number;
}

/** The polygons with no point further than `tolerancePx` from the new outline; `fixed` are rings of neighbours that do not change. */
export function simplifiedPolygons(polygons: readonly Rings[], tolerancePx: number, fixed: Rings = []): Rings[] {
  const rings = polygons.flat();
  const net = netOf(rings, fixed);
  const kept = net.arcs.map((arc) => keptOf(arc, tolerancePx));
  const owners = ownersOf(polygons);
  for (;;) {
    const result = ringsOfNet(net, net.arcs.map(({ points }, a) => points.filter((_, i) => kept[a]!.has(i))));
    const chords = net.arcs.map(({ points }, a) => chordsOf(points, kept[a]!, a));
    const wrong = new Set<Chord>();
    polygons.forEach((_, p) => {
      const own = owners.flatMap((owner, r) => (owner === p ? net.rings[r]!.flatMap(({ arc }) => chords[arc]!) : []));
      for (const pair of crossingEdges(own)) pair.forEach((chord) => wrong.add(chord));
    });
    result.forEach((ring, r) => {
      if (hasCollapsed(ring, rings[r]!)) net.rings[r]!.forEach(({ arc }) => chords[arc]!.forEach((chord) => wrong.add(chord)));
    });
    // As long as something can be put back the result comes nearer to what it was.
    const hasChanged = [...wrong].map((chord) => putBack(net.arcs[chord.arc]!, kept[chord.arc]!, chord)).some(Boolean);
    if (!hasChanged) return regrouped(polygons, result);
  }
}

/** Rings back into polygons of as many rings as before. */
export function regrouped(polygons: readonly Rings[], rings: readonly Point[][]): Point[][][] {
  let at = 0;
  return polygons.map((p) => rings.slice(at, (at += p.length)));
}

function ownersOf(polygons: readonly Rings[]): number[] {
  return polygons.flatMap((rings, p) => rings.map(() => p));
}

function hasCollapsed(ring: readonly Point[], was: readonly Point[]): boolean {
  return ring.length < 3 || Math.sign(signedArea(ring)) !== Math.sign(signedArea(was));
}

function chordsOf(points: readonly Point[], kept: ReadonlySet<number>, arc: number): Chord[] {
  const order = [...kept].sort((a, b) => a - b);
  return order.slice(1).map((to, i) => ({ a: points[order[i]!]!, b: points[to]!, arc, from: order[i]!, to }));
}

/** Keeps one more point behind an edge: the one furthest from it. */
function putBack({ points }: Arc, kept: Set<number>, { from, to }: Chord): boolean {
  const far = farthest(points, from, to);
  if (far.index >= 0) kept.add(far.index);
  return far.index >= 0;
}

function keptOf({ points, isClosed }: Arc, tolerance: number): Set<number> {
  const last = points.length - 1;
  const kept = new Set([0, last]);
  const open: [number, number][] = [[0, last]];
  if (isClosed || points[0] === points[last]) {
    // A ring has no chord from its first point to itself: it is parted at the point furthest from the first.
    const far = farthest(points, 0, last);
    if (far.index < 0) return kept;
    kept.add(far.index);
    open.splice(0, 1, [0, far.index], [far.index, last]);
  }
  while (open.length) {
    const [from, to] = open.pop()!;
    const far = farthest(points, from, to);
    if (far.index < 0 || far.distance <= tolerance) continue;
    kept.add(far.index);
    open.push([from, far.index], [far.index, to]);
  }
  return kept;
}

function farthest(points: readonly Point[], from: number, to: number): { index: number; distance: number } {
  let best = { index: -1, distance: -1 };
  for (let i = from + 1; i < to; i++) {
    const { distance } = project(points[i]!, points[from]!, points[to]!);
    if (distance > best.distance) best = { index: i, distance };
  }
  return best;
}

/** Fewer points on an open line. */
export function simplifiedLine(points: readonly Point[], tolerancePx: number): Point[] {
  const kept = keptOf({ points, isClosed: false }, tolerancePx);
  return points.filter((_, i) => kept.has(i));
}
