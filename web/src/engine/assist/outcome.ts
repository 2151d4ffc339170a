/** From the pixels that an assistant found to the shape that the class is drawn as. */
import { type Frame, type Point, clamp, distance, project } from "../geometry";
import { boundsOfSpans, type Spans } from "../raster/spans";
import { spansOfBitmap } from "../raster/bitmap";
import { splitParts, withoutHoles, withoutSpecks } from "../raster/regions";
import { maskOfSpans } from "../raster/runs";
import { spansOfRings } from "../raster/scan";
import { polygonsOfSpans } from "../raster/trace";
import type { Geometry, OntologyClass } from "../types";
import type { Bits, Patch } from "./raster";

/** The kinds that pixels become, the closest first. */
export const outcomeKinds = ["mask", "polygon", "box"] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

/** The kind to draw for a class: the one asked for where the class has it, else its closest. Null when it has none. */
export function outcomeKindFor(item: OntologyClass | null, wanted: OutcomeKind | null = null): OutcomeKind | null {
  const has = (kind: OutcomeKind): boolean => item?.geometry_kinds.includes(kind) ?? false;
  if (wanted && has(wanted)) return wanted;
  return outcomeKinds.find(has) ?? null;
}

export interface OutcomeOptions {
  readonly kind: OutcomeKind;
  /** Image points that the object holds; of several parts theirs is taken where only one can be. */
  readonly near?: readonly Point[];
  /** Holes and specks of fewer raster pixels are tidied away. */
  readonly crumb?: number;
  /** How far the outline may stray from the pixels, in raster pixels. */
  readonly looseness?: number;
}

const CRUMB_PX = 24;
const LOOSENESS_PX = 0.9;
/** A polygon with fewer raster pixels is none. */
const LEAST_PX = 4;

/** A shape, and its outline with few points: a large mask need not be traced to be shown. */
export interface Found {
  readonly geometry: Geometry;
  readonly outline: Outline;
}

/** Rings in image pixels, filled by the even-odd rule. */
export type Outline = readonly (readonly Point[])[];

/** The shape of set pixels; null when there is nothing to speak of. */
export function shapeOfBits(bits: Bits, patch: Patch, frame: Frame, options: OutcomeOptions): Geometry | null {
  return foundIn(bits, patch, frame, options)?.geometry ?? null;
}

/** The shape of set pixels with its outline; null when there is nothing to speak of. */
export function foundIn(bits: Bits, patch: Patch, frame: Frame, options: OutcomeOptions): Found | null {
  const { kind, near = [], crumb = CRUMB_PX, looseness = LOOSENESS_PX } = options;
  const raw = spansOfBitmap({ x0: 0, y0: 0, width: patch.width, height: patch.height, data: bits });
  const tidy = withoutHoles(withoutSpecks(raw, crumb), crumb);
  const bounds = boundsOfSpans(tidy);
  if (!bounds || areaOf(tidy) < LEAST_PX) return null;
  const out = (p: Point): Point => [clamp(p[0] / patch.scale + patch.x0, 0, frame.width), clamp(p[1] / patch.scale + patch.y0, 0, frame.height)];
  switch (kind) {
    case "box": {
      const b = boundsOfSpans(mainPart(tidy, patch, near)) ?? bounds;
      const [x0, y0] = out([b.x0, b.y0]);
      const [x1, y1] = out([b.x1, b.y1]);
      return { geometry: { kind: "box", box_xyxy: [x0, y0, x1, y1] }, outline: [[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]] };
    }
    case "polygon": {
      const [rings] = polygonsOfSpans(mainPart(tidy, patch, near));
      if (!rings) return null;
      const [outer, ...holes] = rings.map((ring) => thinned(softened(ring), looseness).map(out));
      if (!outer || outer.length < 3) return null;
      const kept = [outer, ...holes.filter((ring) => ring.length >= 3)];
      return { geometry: { kind: "polygon", rings: kept }, outline: kept };
    }
    case "mask": {
      const all = polygonsOfSpans(tidy).flatMap((polygon) => polygon.map((ring) => thinned(softened(ring), looseness / 2).map(out)));
      const outline = all.filter((ring) => ring.length >= 3);
      // Coarser than the image: through its outline, so that no steps are seen.
      const spans = patch.scale < 1
        ? spansOfRings(outline, frame)
        : spansOfBitmap({ x0: patch.x0, y0: patch.y0, width: patch.width, height: patch.height, data: bitsOf(tidy, patch) });
      const geometry = maskOfSpans(spans);
      return geometry && { geometry, outline };
    }
  }
}

function areaOf({ xs }: Spans): number {
  let sum = 0;
  for (let i = 0; i < xs.length; i += 2) sum += xs[i + 1]! - xs[i]!;
  return sum;
}

function bitsOf({ top, rows, xs }: Spans, patch: Patch): Bits {
  const bits = new Uint8Array(patch.width * patch.height);
  for (let r = 0; r + 1 < rows.length; r++) {
    const line = (top + r) * patch.width;
    for (let i = rows[r]!; i < rows[r + 1]!; i += 2) bits.fill(1, line + xs[i]!, line + xs[i + 1]!);
  }
  return bits;
}

/** The part that holds one of the places, else the largest. */
function mainPart(spans: Spans, patch: Patch, near: readonly Point[]): Spans {
  const parts = splitParts(spans);
  const places = near.map(([x, y]): Point => [Math.floor((x - patch.x0) * patch.scale), Math.floor((y - patch.y0) * patch.scale)]);
  const held = parts.filter((part) => places.some((p) => holds(part, p)));
  const pool = held.length ? held : parts;
  return pool.reduce((best, part) => (areaOf(part) > areaOf(best) ? part : best), pool[0] ?? spans);
}

function holds({ top, rows, xs }: Spans, [x, y]: Point): boolean {
  const r = y - top;
  if (r < 0 || r + 1 >= rows.length) return false;
  for (let i = rows[r]!; i < rows[r + 1]!; i += 2) if (x >= xs[i]! && x < xs[i + 1]!) return true;
  return false;
}

/** Steps of single pixels become slanted lines: each piece of border is cut half a pixel from its corners. */
function softened(ring: readonly Point[]): Point[] {
  return ring.flatMap((a, i): Point[] => {
    const b = ring[(i + 1) % ring.length]!;
    const length = distance(a, b);
    if (length === 0) return [];
    const ux = (b[0] - a[0]) / length / 2;
    const uy = (b[1] - a[1]) / length / 2;
    return length <= 1 ? [[(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]] : [[a[0] + ux, a[1] + uy], [b[0] - ux, b[1] - uy]];
  });
}

/** A closed ring with fewer points, nowhere farther than `by` from the full one (Douglas and Peucker 1973). */
export function thinned(ring: readonly Point[], by: number): Point[] {
  if (ring.length <= 4) return [...ring];
  // Split where the ring is farthest from its first point, so that both halves are open lines.
  let far = 0;
  for (let i = 1; i < ring.length; i++) if (distance(ring[i]!, ring[0]!) > distance(ring[far]!, ring[0]!)) far = i;
  const first = thinnedLine(ring.slice(0, far + 1), by);
  const second = thinnedLine([...ring.slice(far), ring[0]!], by);
  return [...first.slice(0, -1), ...second.slice(0, -1)];
}

/** An open line with fewer points; its ends stay. */
export function thinnedLine(line: readonly Point[], by: number): Point[] {
  const isKept = new Uint8Array(line.length);
  isKept[0] = isKept[line.length - 1] = 1;
  const open: [number, number][] = [[0, line.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let worst = by;
    let at = -1;
    for (let i = from + 1; i < to; i++) {
      const off = project(line[i]!, line[from]!, line[to]!).distance;
      if (off <= worst) continue;
      worst = off;
      at = i;
    }
    if (at < 0) continue;
    isKept[at] = 1;
    open.push([from, at], [at, to]);
  }
  return line.filter((_, i) => isKept[i]);
}
