/** Polygons with holes: rings of vertices, first ring outer. */
import { type Point, boundsOf, clamp, inRing, nearestEdge, rounded, signedArea } from "../geometry";
import type { PolygonGeometry } from "../types";
import { type EdgeSpot, type Handle, type PathSink, type Shape, ShapeError } from "./shape";
import { turnAll } from "./turning";
import { msg } from "../text";

export const LEAST_POINTS = 3;

/** Handle ids are "ring:index". */
function spotOf(handleId: string): { ring: number; index: number } {
  const [ring, index] = handleId.split(":").map(Number);
  if (!Number.isInteger(ring) || !Number.isInteger(index)) throw new RangeError(`A polygon has no handle "${handleId}".`);
  return { ring: ring!, index: index! };
}

function withRing(polygon: PolygonGeometry, at: number, ring: readonly Point[]): PolygonGeometry {
  return { kind: "polygon", rings: polygon.rings.map((r, i) => (i === at ? ring : r)) };
}

function traceRing(ring: readonly Point[], path: PathSink, k: number, tx: number, ty: number, skip: number): void {
  let lastX = 0;
  let lastY = 0;
  for (let i = 0; i < ring.length; i++) {
    const p = ring[i]!;
    const x = p[0] * k + tx;
    const y = p[1] * k + ty;
    if (i === 0) path.moveTo(x, y);
    else if (Math.abs(x - lastX) < skip && Math.abs(y - lastY) < skip) continue;
    else path.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
  path.closePath();
}

export const polygonShape: Shape<PolygonGeometry> = {
  kind: "polygon",
  name: msg`Polygon`,

  bounds(polygon) {
    return boundsOf(polygon.rings[0] ?? []);
  },
  area({ rings }) {
    return rings.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * Math.abs(signedArea(ring)), 0);
  },
  contains({ rings }, p) {
    let inside = false;
    for (const ring of rings) if (inRing(ring, p)) inside = !inside;
    return inside;
  },
  distanceToOutline({ rings }, p) {
    let least = Infinity;
    for (const ring of rings) least = Math.min(least, nearestEdge(ring, p).distance);
    return least;
  },
  handles({ rings }): Handle[] {
    return rings.flatMap((ring, r) =>
      ring.map((at, i): Handle => ({ id: `${r}:${i}`, at, cursor: "move", role: "vertex" })),
    );
  },
  moveHandle(polygon, handleId, to) {
    const { ring, index } = spotOf(handleId);
    return withRing(polygon, ring, (polygon.rings[ring] ?? []).map((p, i) => (i === index ? to : p)));
  },
  edgeSpot({ rings }, p): EdgeSpot | null {
    let best: EdgeSpot | null = null;
    rings.forEach((ring, r) => {
      const edge = nearestEdge(ring, p);
      if (!best || edge.distance < best.distance) best = { ring: r, ...edge };
    });
    return best;
  },
  insertVertex(polygon, spot) {
    const ring = [...(polygon.rings[spot.ring] ?? [])];
    ring.splice(spot.index + 1, 0, spot.at);
    return { geometry: withRing(polygon, spot.ring, ring), handleId: `${spot.ring}:${spot.index + 1}` };
  },
  deleteVertex(polygon, handleId) {
    const { ring, index } = spotOf(handleId);
    const left = (polygon.rings[ring] ?? []).filter((_, i) => i !== index);
    if (left.length >= LEAST_POINTS) return withRing(polygon, ring, left);
    // A hole that is too small vanishes; an outer ring must keep three points.
    return ring > 0 ? { kind: "polygon", rings: polygon.rings.filter((_, r) => r !== ring) } : null;
  },
  translate({ rings }, dx, dy) {
    return { kind: "polygon", rings: rings.map((ring) => ring.map(([x, y]): Point => [x + dx, y + dy])) };
  },
  trace({ rings }, path, k, tx, ty, skip) {
    for (const ring of rings) traceRing(ring, path, k, tx, ty, skip);
  },
  turn(polygon, degrees) {
    const bounds = polygonShape.bounds(polygon);
    return { kind: "polygon", rings: polygon.rings.map((ring) => turnAll(ring, bounds, degrees)) };
  },
  fault({ rings }, frame) {
    if (rings.length === 0 || rings.some((ring) => ring.length < LEAST_POINTS))
      return msg`A polygon needs at least three points: add points or delete it.`;
    if (Math.abs(signedArea(rings[0]!)) < 1) return msg`This polygon covers less than one pixel: enlarge or delete it.`;
    const outside = rings.some((ring) => ring.some(([x, y]) => x !== clamp(x, 0, frame.width) || y !== clamp(y, 0, frame.height)));
    return outside ? msg`This polygon leaves the image: move it inside.` : null;
  },
  toWire({ rings }) {
    return { kind: "polygon", rings: rings.map((ring) => ring.map(([x, y]): Point => [rounded(x), rounded(y)])) };
  },
  fromWire(json) {
    const rings = (json as { rings?: unknown } | null)?.rings;
    if (!Array.isArray(rings) || rings.length === 0) throw new ShapeError("A polygon needs at least one ring.");
    return { kind: "polygon", rings: rings.map(ringFromWire) };
  },
};

function ringFromWire(json: unknown): Point[] {
  if (!Array.isArray(json) || json.length < LEAST_POINTS) throw new ShapeError("A ring needs at least three points.");
  return json.map((p): Point => {
    if (!Array.isArray(p) || p.length !== 2 || !p.every((n) => Number.isFinite(n)))
      throw new ShapeError("A point is [x, y] with two finite numbers.");
    return [p[0] as number, p[1] as number];
  });
}
