/** Drawing a part of a border anew: from one vertex to another, or on from the end of a line. */
import { type Point, signedArea } from "../geometry";
import { lengthOf, nearestOnLine } from "../shapes/path";
import { LEAST_POINTS } from "../shapes/polygon";
import type { Geometry, PolygonGeometry, PolylineGeometry } from "../types";

export interface Redraw {
  readonly id: string;
  readonly geometry: PolygonGeometry | PolylineGeometry;
  readonly ring: number;
  /** The vertex where it began. */
  readonly start: number;
  readonly points: readonly Point[];
}

export function ringOf({ geometry, ring }: Redraw): readonly Point[] {
  return geometry.kind === "polygon" ? (geometry.rings[ring] ?? []) : geometry.points;
}

/** Begins at a vertex; null where the kind has no border to draw anew. */
export function begun(id: string, geometry: Geometry, handleId: string): Redraw | null {
  if (geometry.kind === "polyline") return { id, geometry, ring: 0, start: Number(handleId), points: [] };
  if (geometry.kind !== "polygon") return null;
  const [ring, start] = handleId.split(":").map(Number);
  return { id, geometry, ring: ring!, start: start!, points: [] };
}

/** The vertex of this border that a handle stands for, or null when it belongs to another. */
export function endAt(redraw: Redraw, handleId: string): number | null {
  const [ring, index] = redraw.geometry.kind === "polygon" ? handleId.split(":").map(Number) : [0, Number(handleId)];
  return ring === redraw.ring && index !== redraw.start ? index! : null;
}

/** What was drawn takes the place of the part of the border that lies nearer to it. Null when nothing sensible is left. */
export function joined(redraw: Redraw, end: number): Geometry | null {
  const ring = ringOf(redraw);
  const { start, points, geometry } = redraw;
  if (geometry.kind === "polyline") {
    const drawn = start < end ? points : points.toReversed();
    const [low, high] = [Math.min(start, end), Math.max(start, end)];
    return { kind: "polyline", points: [...ring.slice(0, low + 1), ...drawn, ...ring.slice(high)] };
  }
  const ahead = arc(ring, start, end);
  const behind = arc(ring, end, start);
  const replacesAhead = points.length ? gap(points, ahead) <= gap(points, behind) : lengthOf(ahead) <= lengthOf(behind);
  const next = replacesAhead ? [...behind, ...points] : [...ahead, ...points.toReversed()];
  if (next.length < LEAST_POINTS || Math.abs(signedArea(next)) < 1) return null;
  return { kind: "polygon", rings: geometry.rings.with(redraw.ring, next) };
}

/** A line goes on from its end, by what was drawn; null where drawing did not begin at an end. */
export function extended({ geometry, start, points }: Redraw): Geometry | null {
  if (geometry.kind !== "polyline" || !points.length) return null;
  if (start === geometry.points.length - 1) return { kind: "polyline", points: [...geometry.points, ...points] };
  return start === 0 ? { kind: "polyline", points: [...points.toReversed(), ...geometry.points] } : null;
}

/** The vertices from one to another, both included, in the order of the ring. */
function arc(ring: readonly Point[], from: number, to: number): Point[] {
  const count = ((to - from + ring.length) % ring.length) + 1;
  return Array.from({ length: count }, (_, i) => ring[(from + i) % ring.length]!);
}

function gap(points: readonly Point[], line: readonly Point[]): number {
  return points.reduce((sum, p) => sum + nearestOnLine(line, p, false).distance, 0) / points.length;
}
