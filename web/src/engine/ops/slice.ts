/** Dividing a polygon or a mask along a line drawn across it. */
import { type Bounds, type Point, boundsOf, distance, inRing } from "../geometry";
import { intersected, subtracted, united } from "../raster/combine";
import { splitParts } from "../raster/regions";
import { spansOfRings } from "../raster/scan";
import { NO_SPANS, type Spans, areaOfSpans, boundsOfSpans, hasPixel, isEmptySpans } from "../raster/spans";
import { LEAST_PIECE_PX, type Rings, areaOfRings, intersectedRings, subtractedRings, unitedRings } from "./clip";

/** Far enough outside to be no border of anything, in image pixels. */
const BEYOND_PX = 10;

/**
 * The pieces of a polygon, largest first; one piece when the line does not go all the way across. A line that ends
 * inside is drawn on straight to the border.
 */
export function slicedPolygon(rings: Rings, cut: readonly Point[]): Rings[] {
  const inside = (p: Point): boolean => rings.reduce((is, ring) => (inRing(ring, p) ? !is : is), false);
  const blade = bladeOf(cut, boundsOf(rings[0]!), inside);
  if (!blade) return [rings];
  const sides = [intersectedRings(rings, [blade.ring]), subtractedRings(rings, [[blade.ring]])].flat();
  const pieces = healed(sides, blade.detours, {
    has: (piece, p) => piece.reduce((is, ring) => (inRing(ring, p) ? !is : is), false),
    join: (a, b) => unitedRings([a, b]).sort((p, q) => areaOfRings(q) - areaOfRings(p))[0]!,
    inside,
  }).filter((piece) => areaOfRings(piece) >= LEAST_PIECE_PX);
  return pieces.length > 1 ? pieces.sort((a, b) => areaOfRings(b) - areaOfRings(a)) : [rings];
}

/** The two halves of a mask, larger first; the mask alone when the line does not divide it. Parts that the line misses stay with the larger half. */
export function slicedSpans(spans: Spans, cut: readonly Point[]): Spans[] {
  const bounds = boundsOfSpans(spans);
  if (!bounds) return [spans];
  const inside = (p: Point): boolean => hasPixel(spans, Math.floor(p[0]), Math.floor(p[1]));
  const blade = bladeOf(cut, bounds, inside);
  if (!blade) return [spans];
  const area = { width: Math.ceil(bounds.x1), height: Math.ceil(bounds.y1) };
  const side = spansOfRings([blade.ring], area);
  const halves = [intersected(spans, side), subtracted(spans, side)];
  if (halves.some(isEmptySpans)) return [spans];
  const parts = splitParts(spans);
  const touched = parts.filter((part) => !isEmptySpans(intersected(part, side)) && !isEmptySpans(subtracted(part, side)));
  const untouched = parts.filter((part) => !touched.includes(part)).reduce(united, NO_SPANS);
  const rest = (half: Spans): Spans[] => splitParts(subtracted(half, untouched));
  const pieces = healed([...rest(halves[0]!), ...rest(halves[1]!)], blade.detours, {
    has: (piece, p) => hasPixel(piece, Math.floor(p[0]), Math.floor(p[1])),
    join: united,
    inside,
  });
  const [a, b] = twoSides(pieces, side);
  if (isEmptySpans(a) || isEmptySpans(b)) return [spans];
  const [large, small] = areaOfSpans(a) >= areaOfSpans(b) ? [a, b] : [b, a];
  return [united(large, untouched), small];
}

/** Pieces gathered by the side of the blade that most of each lies on. */
function twoSides(pieces: readonly Spans[], side: Spans): [Spans, Spans] {
  let a: Spans = NO_SPANS;
  let b: Spans = NO_SPANS;
  for (const piece of pieces) {
    if (areaOfSpans(intersected(piece, side)) * 2 > areaOfSpans(piece)) a = united(a, piece);
    else b = united(b, piece);
  }
  return [a, b];
}

interface Blade {
  /** One side of the cut, going round everything. */
  readonly ring: readonly Point[];
  /** Where the ring runs through the box without having been drawn: pieces that meet there belong together. */
  readonly detours: readonly (readonly [Point, Point])[];
}

/** The cut drawn on to outside the box at both ends, and closed round the outside. */
function bladeOf(cut: readonly Point[], box: Bounds, inside: (p: Point) => boolean): Blade | null {
  const line = cut.filter((p, i) => i === 0 || distance(p, cut[i - 1]!) > 1e-6);
  if (line.length < 2) return null;
  const detours: [Point, Point][] = [];
  const first = drawnOn(line[1]!, line[0]!, box, inside, detours);
  const last = drawnOn(line.at(-2)!, line.at(-1)!, box, inside, detours);
  const middle: Point = [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2];
  const radius = Math.max(box.x1 - box.x0, box.y1 - box.y0) + Math.max(distance(first, middle), distance(last, middle)) + BEYOND_PX;
  return { ring: [first, ...line, last, ...arc(last, first, middle, radius)], detours };
}

/** From the end of the cut straight on until outside the box; what is undrawn and past the border is a detour. */
function drawnOn(from: Point, end: Point, box: Bounds, inside: (p: Point) => boolean, detours: [Point, Point][]): Point {
  const length = distance(from, end);
  const u: Point = [(end[0] - from[0]) / length, (end[1] - from[1]) / length];
  const reach = box.x1 - box.x0 + box.y1 - box.y0 + distance(end, [box.x0, box.y0]) + BEYOND_PX;
  const out: Point = [end[0] + reach * u[0], end[1] + reach * u[1]];
  // An end inside goes on to the border; from there, or from an end outside, the way is a detour.
  const step = 0.25;
  let t = 0;
  while (t < reach && inside([end[0] + t * u[0], end[1] + t * u[1]])) t += step;
  detours.push([[end[0] + t * u[0], end[1] + t * u[1]], out]);
  return out;
}

/** Points from a to b on a circle round everything. */
function arc(a: Point, b: Point, [cx, cy]: Point, radius: number): Point[] {
  const from = Math.atan2(a[1] - cy, a[0] - cx);
  const turn = ((Math.atan2(b[1] - cy, b[0] - cx) - from) % (2 * Math.PI) + 2 * Math.PI) % (2 * Math.PI);
  return Array.from({ length: 9 }, (_, i): Point => {
    const angle = from + (turn * i) / 8;
    return [cx + 2 * radius * Math.cos(angle), cy + 2 * radius * Math.sin(angle)];
  });
}

interface Pieces<T> {
  readonly has: (piece: T, p: Point) => boolean;
  readonly join: (a: T, b: T) => T;
  readonly inside: (p: Point) => boolean;
}

/** Puts together what was parted only by a detour. */
function healed<T>(pieces: readonly T[], detours: readonly (readonly [Point, Point])[], { has, join, inside }: Pieces<T>): T[] {
  const left = [...pieces];
  for (const [a, b] of detours) {
    const length = distance(a, b);
    const u: Point = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
    for (let t = 0.5; t < length; t += 1) {
      const p: Point = [a[0] + t * u[0], a[1] + t * u[1]];
      if (!inside(p)) continue;
      const i = left.findIndex((piece) => has(piece, [p[0] - 0.75 * u[1], p[1] + 0.75 * u[0]]));
      const j = left.findIndex((piece) => has(piece, [p[0] + 0.75 * u[1], p[1] - 0.75 * u[0]]));
      if (i < 0 || j < 0 || i === j) continue;
      const whole = join(left[i]!, left[j]!);
      left.splice(Math.max(i, j), 1);
      left.splice(Math.min(i, j), 1, whole);
    }
  }
  return left;
}
