/// <reference types="node" />
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Geometry, MaskGeometry } from "../types";
import { type Point, inRing, signedArea } from "../geometry";
import { seeded } from "../testing";
import { type Bitmap, bitmapOfSpans, emptyBitmap, spansOfBitmap } from "./bitmap";
import { clippedSpans, intersected, subtracted, united, xored } from "./combine";
import { distanceToBorder } from "./near";
import { partsOf, splitParts, withoutHoles, withoutSpecks } from "./regions";
import { maskOfSpans, spansOfMask } from "./runs";
import { spansOfRings } from "./scan";
import { type Spans, NO_SPANS, areaOfSpans, boundsOfSpans, hasPixel, movedSpans, rectSpans, sameSpans } from "./spans";
import { sweptSpans } from "./stroke";
import { polygonsOfSpans } from "./trace";

const W = 40;
const H = 30;
const frame = { width: W, height: H };

/** Blots of all densities, with holes, specks and corners that touch. */
function blot(random: () => number): Bitmap {
  const bitmap = emptyBitmap(0, 0, W, H);
  const density = random();
  const grain = 1 + Math.floor(random() * 5);
  const cell = new Map<number, boolean>();
  for (let j = 0; j < H; j++) for (let i = 0; i < W; i++) {
    const key = Math.floor(j / grain) * 100 + Math.floor(i / grain);
    if (!cell.has(key)) cell.set(key, random() < density);
    bitmap.data[j * W + i] = cell.get(key) ? 1 : 0;
  }
  return bitmap;
}

/** How many pixels in and around the picture differ from what is expected. */
function wrong(set: Spans, expected: (i: number, j: number) => boolean): number {
  let count = 0;
  for (let j = -1; j <= H; j++) for (let i = -1; i <= W; i++) if (hasPixel(set, i, j) !== expected(i, j)) count += 1;
  return count;
}

function at({ data }: Bitmap, i: number, j: number): boolean {
  return i >= 0 && j >= 0 && i < W && j < H && data[j * W + i] === 1;
}

const seeds = Array.from({ length: 30 }, (_, i) => i + 1);

describe("sets of pixels", () => {
  it.each(seeds)("combine as their pixels do (seed %i)", (seed) => {
    const random = seeded(seed);
    const [p, q] = [blot(random), blot(random)];
    const a = spansOfBitmap(p);
    const b = movedSpans(spansOfBitmap(q), 0, 0);
    const sets: [Spans, (i: number, j: number) => boolean][] = [
      [united(a, b), (i, j) => at(p, i, j) || at(q, i, j)],
      [intersected(a, b), (i, j) => at(p, i, j) && at(q, i, j)],
      [subtracted(a, b), (i, j) => at(p, i, j) && !at(q, i, j)],
      [xored(a, b), (i, j) => at(p, i, j) !== at(q, i, j)],
    ];
    for (const [set, expected] of sets) expect(wrong(set, expected)).toBe(0);
    expect(areaOfSpans(united(a, b))).toBe(areaOfSpans(a) + areaOfSpans(b) - areaOfSpans(intersected(a, b)));
    expect(sameSpans(xored(xored(a, b), b), a)).toBe(true);
    const far = movedSpans(b, 13, -50);
    expect(areaOfSpans(united(a, far))).toBe(areaOfSpans(a) + areaOfSpans(far));
    expect(sameSpans(clippedSpans(united(a, far), frame), a)).toBe(true);
  });

  it.each(seeds)("go to runs, bitmaps and polygons and back unchanged (seed %i)", (seed) => {
    const random = seeded(seed);
    const set = spansOfBitmap(blot(random));
    const mask = maskOfSpans(set);
    if (!mask) return expect(areaOfSpans(set)).toBe(0);
    expect(sameSpans(spansOfMask({ ...mask }), set)).toBe(true);
    expect(mask.runs.slice(1).every((n) => n > 0)).toBe(true);
    expect(mask.runs.reduce((s, n) => s + n, 0)).toBe(mask.size_wh[0] * mask.size_wh[1]);
    expect(sameSpans(spansOfBitmap(bitmapOfSpans(set, 2)), set)).toBe(true);
    const polygons = polygonsOfSpans(set);
    expect(sameSpans(spansOfRings(polygons.flat(), frame), set)).toBe(true);
    // Each polygon is one connected part: holes taken from the outer ring, areas exact.
    const parts = splitParts(set);
    expect(polygons.length).toBe(parts.length);
    polygons.forEach((rings, i) => {
      expect(rings.map((ring) => signedArea(ring) > 0)).toEqual(rings.map((_, r) => r === 0));
      expect(rings.reduce((sum, ring) => sum + signedArea(ring), 0)).toBe(areaOfSpans(parts[i]!));
      expect(sameSpans(spansOfRings(rings, frame), parts[i]!)).toBe(true);
    });
    expect(parts.reduce(united, NO_SPANS)).toEqual(set);
  });

  it("keep corners that touch apart", () => {
    const set = united(rectSpans(0, 0, 2, 2), rectSpans(2, 2, 4, 4));
    expect(polygonsOfSpans(set)).toEqual([[[[0, 0], [2, 0], [2, 2], [0, 2]]], [[[2, 2], [4, 2], [4, 4], [2, 4]]]]);
    expect(partsOf(set, 8).count).toBe(1);
  });

  it.each(seeds)("fill holes and lose specks (seed %i)", (seed) => {
    const random = seeded(seed);
    const set = spansOfBitmap(blot(random));
    const filled = withoutHoles(set);
    for (const rings of polygonsOfSpans(filled)) expect(rings).toHaveLength(1);
    expect(areaOfSpans(subtracted(set, filled))).toBe(0);
    expect(sameSpans(boundsOfSpans(set) ? filled : set, withoutHoles(filled))).toBe(true);
    const clean = withoutSpecks(set, 12);
    const largest = Math.max(0, ...splitParts(set, 8).map(areaOfSpans));
    for (const part of splitParts(clean, 8)) expect(areaOfSpans(part)).toBeGreaterThanOrEqual(Math.min(12, largest));
    for (const part of splitParts(subtracted(set, clean), 8)) expect(areaOfSpans(part)).toBeLessThan(12);
  });

  it.each(seeds)("take the pixels whose centre is inside a polygon (seed %i)", (seed) => {
    const random = seeded(seed);
    // Whole and half numbers put borders right onto pixel centres.
    const spot = (): Point => [Math.round(random() * 96 - 8) / 2, Math.round(random() * 76 - 8) / 2];
    const rings = Array.from({ length: 1 + Math.floor(random() * 3) }, () => Array.from({ length: 3 + Math.floor(random() * 6) }, spot));
    const set = spansOfRings(rings, frame);
    const isInside = (i: number, j: number): boolean => rings.filter((ring) => inRing(ring, [i + 0.5, j + 0.5])).length % 2 === 1;
    expect(wrong(set, (i, j) => i >= 0 && j >= 0 && i < W && j < H && isInside(i, j))).toBe(0);
  });

  it.each(seeds)("tell the distance to their border (seed %i)", (seed) => {
    const random = seeded(seed);
    const set = spansOfBitmap(blot(random));
    const edges = polygonsOfSpans(set).flat();
    for (let n = 0; n < 20; n++) {
      const p: Point = [random() * 60 - 10, random() * 50 - 10];
      let least = Infinity;
      for (const ring of edges) ring.forEach((a, i) => (least = Math.min(least, toSegment(p, a, ring[(i + 1) % ring.length]!))));
      expect(distanceToBorder(set, p)).toBeCloseTo(least, 9);
    }
  });
});

function toSegment(p: Point, a: Point, b: Point): number {
  const length2 = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2;
  const t = Math.max(0, Math.min(1, ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / length2));
  return Math.hypot(p[0] - a[0] - t * (b[0] - a[0]), p[1] - a[1] - t * (b[1] - a[1]));
}

interface Golden {
  readonly name: string;
  readonly geometry: Geometry;
  readonly polygon_rings: readonly (readonly Point[])[] | null;
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../../../tests/golden/geometry.json"), "utf8")) as Golden[];

describe.each(golden.filter((c) => c.geometry.kind === "mask"))("the golden $name", ({ geometry, polygon_rings }) => {
  /** Begun at its least point, so that lists of rings can be compared. */
  const turned = (ring: readonly Point[]): string => {
    const start = ring.reduce((best, p, i) => (p[1] < ring[best]![1] || (p[1] === ring[best]![1] && p[0] < ring[best]![0]) ? i : best), 0);
    return JSON.stringify([...ring.slice(start), ...ring.slice(0, start)]);
  };

  it("has the same rings", () => {
    const rings = polygonsOfSpans(spansOfMask(geometry as MaskGeometry)).flat();
    expect(rings.map(turned)).toEqual(polygon_rings!.map(turned));
  });

  it("comes back from them pixel for pixel", () => {
    const mask = geometry as MaskGeometry;
    const moved = polygon_rings!.map((ring) => ring.map(([x, y]): Point => [x + 10, y]));
    expect(maskOfSpans(movedSpans(spansOfRings(moved, { width: 200, height: 200 }), -10, 0))).toEqual(mask);
  });
});

describe("a brush", () => {
  it.each(seeds)("covers what lies under it (seed %i)", (seed) => {
    const random = seeded(seed);
    const size = 1 + Math.floor(random() * 12);
    const middle = size % 2 === 1 ? 0.5 : 0;
    const spot = (): Point => [Math.floor(random() * W) + middle, Math.floor(random() * H) + middle];
    const [a, b] = [spot(), random() < 0.2 ? null : spot()];
    const to = b ?? a;
    const round = sweptSpans(a, to, size, "round", frame);
    const square = sweptSpans(a, to, size, "square", frame);
    const isIn = (i: number, j: number): boolean => i >= 0 && j >= 0 && i < W && j < H;
    const away = (i: number, j: number): number => (b ? toSegment([i + 0.5, j + 0.5], a, to) : Math.hypot(i + 0.5 - a[0], j + 0.5 - a[1]));
    const isUnsure = (i: number, j: number): boolean => Math.abs(away(i, j) - size / 2) < 1e-6;
    expect(wrong(round, (i, j) => (isIn(i, j) && isUnsure(i, j) ? hasPixel(round, i, j) : isIn(i, j) && away(i, j) < size / 2))).toBe(0);
    if (!b) expect(wrong(square, (i, j) => isIn(i, j) && Math.max(Math.abs(i + 0.5 - a[0]), Math.abs(j + 0.5 - a[1])) <= size / 2)).toBe(0);
    expect(areaOfSpans(subtracted(round, square))).toBe(0);
    expect(sameSpans(round, sweptSpans(to, a, size, "round", frame))).toBe(true);
  });

  it("paints single pixels", () => {
    expect(maskOfSpans(sweptSpans([7.9, 3.2], [7.9, 3.2], 1, "round", frame))).toEqual({ kind: "mask", origin_xy: [7, 3], size_wh: [1, 1], runs: [0, 1] });
  });
});
