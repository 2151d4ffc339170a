/**
 * Pixels to polygons along the exact pixel borders: corners on whole numbers, one polygon for each 4-connected part, holes as
 * rings of their own. Rings may touch at corners, but none touches itself.
 * Outer rings turn clockwise on screen, holes the other way. Rasterising the result gives back the same pixels.
 *
 * A line between two rows of pixels is walked once, from left to right. Where a border of the row above or below ends there, a
 * corner lies; horizontal and vertical pieces are linked at corners, and rings are read off the links.
 */
import { type Point, signedArea } from "../geometry";
import { partsOf } from "./regions";
import { type Spans, heightOf } from "./spans";

interface Pieces {
  /** Horizontal pieces: the line, where they start and end in walking direction, the part they bound, the vertical piece that follows. */
  readonly y: number[];
  readonly from: number[];
  readonly to: number[];
  readonly part: number[];
  readonly nextVertical: number[];
  /** Vertical pieces: the horizontal piece that follows. */
  readonly nextHorizontal: number[];
}

const traced = new WeakMap<Spans, Point[][][]>();

/** The polygons of a set, traced once for as long as the set lives. */
export function outlinesOf(spans: Spans): readonly (readonly (readonly Point[])[])[] {
  let polygons = traced.get(spans);
  if (!polygons) {
    polygons = polygonsOfSpans(spans);
    traced.set(spans, polygons);
  }
  return polygons;
}

/** Polygons as lists of rings, outer ring first. */
export function polygonsOfSpans(spans: Spans): Point[][][] {
  const { labels, count } = partsOf(spans, 4);
  const pieces = piecesOf(spans, labels);
  const polygons: Point[][][] = Array.from({ length: count }, () => []);
  const isUsed = new Uint8Array(pieces.y.length);
  for (let first = 0; first < isUsed.length; first++) {
    if (isUsed[first]) continue;
    const ring: Point[] = [];
    for (let h = first; !isUsed[h]; h = pieces.nextHorizontal[pieces.nextVertical[h]!]!) {
      isUsed[h] = 1;
      ring.push([pieces.from[h]!, pieces.y[h]!], [pieces.to[h]!, pieces.y[h]!]);
    }
    const polygon = polygons[pieces.part[first]!]!;
    if (signedArea(ring) > 0) polygon.unshift(ring);
    else polygon.push(ring);
  }
  return polygons;
}

function piecesOf(spans: Spans, labels: Int32Array): Pieces {
  const pieces: Pieces = { y: [], from: [], to: [], part: [], nextVertical: [], nextHorizontal: [] };
  let above: number[] = [];
  for (let r = 0; r <= heightOf(spans); r++) above = walkLine(spans, r, labels, pieces, above);
  return pieces;
}

/** Walks the line above row r; takes and gives the vertical pieces that cross the rows, one for each entry of `xs`. */
function walkLine({ top, rows, xs }: Spans, r: number, labels: Int32Array, pieces: Pieces, above: readonly number[]): number[] {
  const below: number[] = [];
  const hasBelow = r + 1 < rows.length;
  const startA = r > 0 ? rows[r - 1]! : 0;
  const endA = r > 0 ? rows[r]! : 0;
  const startB = rows[r]!;
  const endB = hasBelow ? rows[r + 1]! : startB;
  let a = startA;
  let b = startB;
  let open = -1;
  while (a < endA || b < endB) {
    const xa = a < endA ? xs[a]! : Infinity;
    const xb = b < endB ? xs[b]! : Infinity;
    const x = Math.min(xa, xb);
    const hasA = xa === x;
    const hasB = xb === x;
    const inA = (a - startA) % 2 === 1;
    const inB = (b - startB) % 2 === 1;
    if (hasA && hasB && inA === inB) {
      below.push(above[a++ - startA]!);
      b++;
      continue;
    }
    const left = open;
    if (left !== -1) close(pieces, left, x, inA);
    const nowA = hasA ? !inA : inA;
    const nowB = hasB ? !inB : inB;
    open = nowA === nowB ? -1 : begin(pieces, top + r, x, nowA, labels[(nowA ? a - (hasA ? 0 : 1) : b - (hasB ? 0 : 1)) >> 1]!);
    // Where two pixels meet at a corner, each keeps its own outline; of one part, the outlines part there into ring and hole.
    const isOnePart = hasA && hasB && labels[(inA ? a - 1 : a) >> 1] === labels[(inB ? b - 1 : b) >> 1];
    const side = (isLeft: boolean, isCrossing: boolean): number => (isCrossing ? isLeft !== isOnePart : left !== -1) ? left : open;
    if (hasA) link(pieces, above[a - startA]!, side(inA, hasB), inA);
    if (hasB) {
      const vertical = pieces.nextHorizontal.push(-1) - 1;
      below.push(vertical);
      link(pieces, vertical, side(inB, hasA), !inB);
    }
    if (hasA) a++;
    if (hasB) b++;
  }
  return below;
}

/** Starts a horizontal piece at its left end. Below the row above it is walked leftwards, over the row below rightwards. */
function begin(pieces: Pieces, y: number, x: number, isBottom: boolean, part: number): number {
  pieces.y.push(y);
  pieces.from.push(isBottom ? NaN : x);
  pieces.to.push(isBottom ? x : NaN);
  pieces.part.push(part);
  return pieces.nextVertical.push(-1) - 1;
}

function close(pieces: Pieces, h: number, x: number, isBottom: boolean): void {
  if (isBottom) pieces.from[h] = x;
  else pieces.to[h] = x;
}

/** Joins a vertical and a horizontal piece; the vertical one arrives at this corner or leaves it. */
function link(pieces: Pieces, vertical: number, h: number, verticalArrives: boolean): void {
  if (verticalArrives) pieces.nextHorizontal[vertical] = h;
  else pieces.nextVertical[h] = vertical;
}
