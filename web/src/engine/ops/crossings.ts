/** Where outlines cross themselves or each other. */
import type { Point } from "../geometry";

export interface Edge {
  readonly a: Point;
  readonly b: Point;
}

/** Pairs of edges that cross or touch other than at a shared end, found by a sweep over x. */
export function crossingEdges<E extends Edge>(edges: readonly E[]): [E, E][] {
  const order = edges.map((edge) => ({ edge, x0: Math.min(edge.a[0], edge.b[0]), x1: Math.max(edge.a[0], edge.b[0]), y0: Math.min(edge.a[1], edge.b[1]), y1: Math.max(edge.a[1], edge.b[1]) })).sort((p, q) => p.x0 - q.x0);
  const found: [E, E][] = [];
  let active: typeof order = [];
  for (const next of order) {
    active = active.filter((e) => e.x1 >= next.x0);
    for (const e of active) if (e.y0 <= next.y1 && next.y0 <= e.y1 && cross(e.edge, next.edge)) found.push([e.edge, next.edge]);
    active.push(next);
  }
  return found;
}

export function ringEdges(rings: readonly (readonly Point[])[]): Edge[] {
  return rings.flatMap((ring) => ring.map((a, i) => ({ a, b: ring[(i + 1) % ring.length]! })));
}

export function isSimple(rings: readonly (readonly Point[])[]): boolean {
  return crossingEdges(ringEdges(rings)).length === 0;
}

function cross({ a, b }: Edge, { a: c, b: d }: Edge): boolean {
  const shared = [a, b].filter((p) => same(p, c) || same(p, d));
  if (shared.length >= 2) return true;
  const [s1, s2, s3, s4] = [side(c, d, a), side(c, d, b), side(a, b, c), side(a, b, d)];
  if (shared.length === 1) {
    // Neighbours: they may only meet in their common end, not run back over each other.
    const p = same(a, shared[0]!) ? b : a;
    const q = same(c, shared[0]!) ? d : c;
    return side(shared[0]!, p, q) === 0 && (p[0] - shared[0]![0]) * (q[0] - shared[0]![0]) + (p[1] - shared[0]![1]) * (q[1] - shared[0]![1]) > 0;
  }
  if (s1 * s2 < 0 && s3 * s4 < 0) return true;
  return (s1 === 0 && between(c, d, a)) || (s2 === 0 && between(c, d, b)) || (s3 === 0 && between(a, b, c)) || (s4 === 0 && between(a, b, d));
}

function same(p: Point, q: Point): boolean {
  return p[0] === q[0] && p[1] === q[1];
}

function side(a: Point, b: Point, p: Point): number {
  return Math.sign((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]));
}

/** For a point on the line through a and b: whether it lies between them. */
function between(a: Point, b: Point, p: Point): boolean {
  return Math.min(a[0], b[0]) <= p[0] && p[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= p[1] && p[1] <= Math.max(a[1], b[1]);
}
