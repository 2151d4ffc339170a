/**
 * Union, difference and intersection of polygons with holes. Coordinates go in and come out as hundredths of a pixel, the
 * precision that is stored, so that borders that were shared stay shared. Sweep-line algorithm of F. Martinez et al. (2013)
 * by the library polygon-clipping.
 */
import polygonClipping, { type MultiPolygon, type Polygon } from "polygon-clipping";
import { type Point, boundsOf, intersects, project, signedArea } from "../geometry";

/** Rings of one polygon: outer ring first, then holes. */
export type Rings = readonly (readonly Point[])[];

const GRID = 100;
/** A sliver left by rounding: thinner than a hundredth of its length can hold. */
const LEAST_AREA_PX = 0.05;
/** A polygon that covers less is no object. */
export const LEAST_PIECE_PX = 1;
/** Borders nearer than this are taken to be the same border. */
export const STITCH_PX = 0.05;

export function unitedRings(polygons: readonly Rings[]): Rings[] {
  if (polygons.length === 0) return [];
  const [first, ...more] = stitched(polygons).map(toGrid);
  return fromGrid(run(() => polygonClipping.union(first!, ...more)));
}

export function subtractedRings(from: Rings, cutters: readonly Rings[]): Rings[] {
  const [first, ...more] = stitched([from, ...cutters]).map(toGrid);
  return fromGrid(run(() => polygonClipping.difference(first!, ...more)));
}

export function intersectedRings(a: Rings, b: Rings): Rings[] {
  const [first, ...more] = stitched([a, b]).map(toGrid);
  return fromGrid(run(() => polygonClipping.intersection(first!, ...more)));
}

export function areaOfRings(rings: Rings): number {
  return rings.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * Math.abs(signedArea(ring)), 0);
}

/** Shapes that no algorithm could combine. */
export class ClipError extends Error {
  override readonly name = "ClipError";
}

function run(operation: () => MultiPolygon): MultiPolygon {
  try {
    return operation();
  } catch (error) {
    throw new ClipError(`These outlines cannot be combined: ${(error as Error).message}`);
  }
}

function toGrid(rings: Rings): Polygon {
  return rings.map((ring) => ring.map(([x, y]): [number, number] => [Math.round(x * GRID), Math.round(y * GRID)]));
}

function fromGrid(polygons: MultiPolygon): Rings[] {
  return polygons.flatMap((rings) => {
    const kept = rings.map(ringFromGrid).filter((ring) => Math.abs(signedArea(ring)) >= LEAST_AREA_PX);
    // A polygon whose outer ring is a sliver is one as a whole.
    return kept.length && Math.abs(signedArea(ringFromGrid(rings[0]!))) >= LEAST_AREA_PX ? [kept] : [];
  });
}

/** Not closed, rounded, without points that say nothing. */
function ringFromGrid(ring: readonly (readonly [number, number])[]): Point[] {
  return tidyRing(ring.slice(0, -1).map(([x, y]): Point => [Math.round(x) / GRID, Math.round(y) / GRID]));
}

/** Without repeated points and without points on the straight line between their neighbours. */
export function tidyRing(ring: readonly Point[]): Point[] {
  let points = ring.filter((p, i) => !same(p, ring[(i + ring.length - 1) % ring.length]!));
  for (let before = -1; before !== points.length && points.length > 3;) {
    before = points.length;
    points = points.filter((p, i) => !isStraight(points[(i + before - 1) % before]!, p, points[(i + 1) % before]!));
  }
  return points;
}

function same(a: Point, b: Point): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** Whether b adds nothing between a and c: exactly on the line, or a spike. */
function isStraight(a: Point, b: Point, c: Point): boolean {
  return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) < 1e-9;
}

/**
 * The polygons with each other's corners as points on their borders, where those run along one another: after rounding a
 * corner on a border lies up to half a hundredth beside it, and without the point a gap as thin would stay.
 */
function stitched(polygons: readonly Rings[]): Rings[] {
  const boxes = polygons.map((rings) => boundsOf(rings[0] ?? []));
  return polygons.map((rings, i) => {
    const box = boxes[i]!;
    const near = polygons.flatMap((other, j) => (j !== i && intersects(box, boxes[j]!) ? other.flat() : []));
    const corners = near.filter(([x, y]) => x >= box.x0 - 1 && x <= box.x1 + 1 && y >= box.y0 - 1 && y <= box.y1 + 1);
    return corners.length ? rings.map((ring) => withPoints(ring, corners)) : rings;
  });
}

function withPoints(ring: readonly Point[], corners: readonly Point[]): Point[] {
  return ring.flatMap((a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    const [x0, x1] = a[0] < b[0] ? [a[0], b[0]] : [b[0], a[0]];
    const [y0, y1] = a[1] < b[1] ? [a[1], b[1]] : [b[1], a[1]];
    const on: { readonly p: Point; readonly t: number }[] = [];
    for (const p of corners) {
      if (p[0] < x0 - STITCH_PX || p[0] > x1 + STITCH_PX || p[1] < y0 - STITCH_PX || p[1] > y1 + STITCH_PX || same(p, a) || same(p, b)) continue;
      const foot = project(p, a, b);
      if (foot.distance <= STITCH_PX && foot.t > 0 && foot.t < 1) on.push({ p, t: foot.t });
    }
    on.sort((p, q) => p.t - q.t);
    return [a, ...on.map(({ p }) => p).filter((p, k, all) => k === 0 || !same(p, all[k - 1]!))];
  });
}
