import { describe, expect, it } from "vitest";
import { type Point, nearestEdge } from "../geometry";
import { spansOfBitmap, emptyBitmap } from "../raster/bitmap";
import { intersected, united } from "../raster/combine";
import { withoutHoles } from "../raster/regions";
import { spansOfRings } from "../raster/scan";
import { areaOfSpans, isEmptySpans, rectSpans, sameSpans } from "../raster/spans";
import { seeded } from "../testing";
import { type Rings, areaOfRings, intersectedRings, subtractedRings, tidyRing, unitedRings } from "./clip";
import { isSimple } from "./crossings";
import { simplifiedLine, simplifiedPolygons } from "./simplify";
import { slicedPolygon, slicedSpans } from "./slice";
import { smoothedPolygons, smoothedSpans } from "./smooth";

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
const round = (v: number): number => Math.round(v * 100) / 100;

/** A simple polygon: corners around a middle at random distances. */
function star(random: () => number, [cx, cy]: Point = [500, 300], radius = 200): Point[] {
  const count = 3 + Math.floor(random() * 60);
  return Array.from({ length: count }, (_, i): Point => {
    const angle = (i / count) * 2 * Math.PI;
    const r = radius * (0.3 + 0.7 * random());
    return [round(cx + r * Math.cos(angle)), round(cy + r * Math.sin(angle))];
  });
}

const total = (polygons: readonly Rings[]): number => polygons.reduce((sum, p) => sum + areaOfRings(p), 0);

describe("polygons together", () => {
  it.each(seeds)("union = a + b - intersection, difference = a - intersection (seed %i)", (seed) => {
    const random = seeded(seed);
    const a: Rings = [star(random)];
    const b: Rings = [star(random, [500 + 300 * random(), 300], 200)];
    const both = total(intersectedRings(a, b));
    // Crossings are rounded to a hundredth: each moves an edge by at most that over its length.
    const slack = 0.01 * 40 * 50;
    expect(Math.abs(total(unitedRings([a, b])) - (areaOfRings(a) + areaOfRings(b) - both))).toBeLessThan(slack);
    expect(Math.abs(total(subtractedRings(a, [b])) - (areaOfRings(a) - both))).toBeLessThan(slack);
  });

  it("keeps holes and makes them", () => {
    const big: Rings = [[[0, 0], [100, 0], [100, 100], [0, 100]]];
    const small: Rings = [[[40, 40], [60, 40], [60, 60], [40, 60]]];
    const ringed = subtractedRings(big, [small]);
    expect(ringed).toHaveLength(1);
    expect(ringed[0]!).toHaveLength(2);
    expect(unitedRings([ringed[0]!, small])).toEqual([[expect.arrayContaining([[0, 0], [100, 0], [100, 100], [0, 100]])]]);
  });

  it("joins polygons along a border that rounding has bent", () => {
    const left: Rings = [[[0, 0], [10, 0], [13.33, 100], [0, 100]]];
    // Its corner lies on the border of the left one, a few thousandths beside it.
    const right: Rings = [[[11.67, 50], [50, 50], [50, 100], [13.33, 100]]];
    expect(unitedRings([left, right])).toHaveLength(1);
  });
});

describe("slicing", () => {
  it.each(seeds)("halves of a polygon add up to the whole and join to it again (seed %i)", (seed) => {
    const random = seeded(seed);
    const rings: Rings = [star(random)];
    const cut: Point[] = [[100 + 100 * random(), 300 + 200 * (random() - 0.5)], ...(random() < 0.5 ? [[500, 300 + 60 * random()] as Point] : []), [900, 300 + 200 * (random() - 0.5)]];
    const pieces = slicedPolygon(rings, cut);
    expect(pieces.length).toBeGreaterThan(1);
    const slack = 0.01 * 600;
    expect(Math.abs(total(pieces) - areaOfRings(rings))).toBeLessThan(slack);
    const again = unitedRings(pieces);
    expect(again).toHaveLength(1);
    expect(Math.abs(areaOfRings(again[0]!) - areaOfRings(rings))).toBeLessThan(slack);
    expect(again[0]).toHaveLength(1);
  });

  it.each(seeds)("halves of a mask are the mask, to the pixel (seed %i)", (seed) => {
    const random = seeded(seed);
    const set = spansOfRings([star(random), star(random, [520, 320], 60)], { width: 1000, height: 600 });
    const halves = slicedSpans(set, [[200 * random(), 600 * random()], [1000 - 200 * random(), 600 * random()]]);
    if (halves.length === 1) return expect(halves[0]).toBe(set);
    expect(halves).toHaveLength(2);
    expect(isEmptySpans(intersected(halves[0]!, halves[1]!))).toBe(true);
    expect(sameSpans(united(halves[0]!, halves[1]!), set)).toBe(true);
    expect(areaOfSpans(halves[0]!)).toBeGreaterThanOrEqual(areaOfSpans(halves[1]!));
  });

  const horseshoe: Rings = [[[0, 0], [100, 0], [100, 100], [70, 100], [70, 30], [30, 30], [30, 100], [0, 100]]];

  it("cuts only what the line crosses: one leg of a horseshoe", () => {
    const pieces = slicedPolygon(horseshoe, [[-10, 60], [50, 60]]);
    expect(pieces.map(areaOfRings)).toEqual([6_000, 1_200]);
    const halves = slicedSpans(spansOfRings(horseshoe, { width: 200, height: 200 }), [[-10, 60], [50, 60]]);
    expect(halves.map(areaOfSpans)).toEqual([6_000, 1_200]);
    expect(slicedPolygon(horseshoe, [[-10, 60], [110, 60]]).map(areaOfRings)).toEqual([4_800, 1_200, 1_200]);
  });

  it("draws a line that ends inside on to the border, and cuts nothing where it only passes by", () => {
    expect(slicedPolygon(horseshoe, [[50, -10], [50, 10]]).map(areaOfRings)).toEqual([3_600, 3_600]);
    expect(slicedPolygon(horseshoe, [[-50, -50], [300, -20]])).toEqual([horseshoe]);
    expect(slicedPolygon(horseshoe, [[50, 50], [50, 90]])).toEqual([horseshoe]);
  });

  it("leaves parts of a mask that the line misses with the larger half", () => {
    const set = united(rectSpans(0, 0, 100, 40), rectSpans(10, 60, 20, 70));
    expect(slicedSpans(set, [[80, -5], [80, 50]]).map(areaOfSpans)).toEqual([3_300, 800]);
  });
});

describe("simplifying", () => {
  it.each(seeds)("stays within the tolerance and never crosses itself (seed %i)", (seed) => {
    const random = seeded(seed);
    const ring = star(random);
    const tolerance = random() * 60;
    const [result] = simplifiedPolygons([[ring]], tolerance);
    const out = result![0]!;
    expect(out.length).toBeGreaterThanOrEqual(3);
    for (const p of ring) expect(nearestEdge(out, p).distance).toBeLessThanOrEqual(tolerance + 1e-9);
    for (const p of out) expect(ring).toContainEqual(p);
    expect(isSimple(result!)).toBe(true);
  });

  it.each(seeds)("keeps a border that two polygons share (seed %i)", (seed) => {
    const random = seeded(seed);
    const pieces = slicedPolygon([star(random)], [[100, 290 + 20 * random()], [300, 310], [420, 280], [500, 330], [900, 300]]);
    const simple = simplifiedPolygons(pieces, 8);
    const joined = unitedRings(simple);
    const gap = total(simple) - total(joined);
    expect(Math.abs(gap)).toBeLessThan(1);
    // With the neighbour left alone, what is shared stays point for point.
    const alone = simplifiedPolygons([pieces[0]!], 8, pieces[1]!);
    for (const p of pieces[0]![0]!) if (pieces[1]!.flat().some((q) => q[0] === p[0] && q[1] === p[1])) expect(alone[0]!.flat()).toContainEqual(p);
  });

  it("keeps the ends of a line", () => {
    expect(simplifiedLine([[0, 0], [1, 0.1], [2, -0.1], [3, 0]], 0.5)).toEqual([[0, 0], [3, 0]]);
  });

  it("puts points back rather than let a hole cross the outer ring", () => {
    const outer: Point[] = [[0, 0], [100, 0], [100, 100], [52, 100], [50, 60], [48, 100], [0, 100]];
    const hole: Point[] = [[45, 40], [55, 40], [50, 55]];
    const [result] = simplifiedPolygons([[outer, hole]], 50);
    expect(isSimple(result!)).toBe(true);
    expect(result!.map((r) => r.length >= 3)).toEqual([true, true]);
  });
});

describe("smoothing", () => {
  it.each(seeds.slice(0, 10))("stays simple, near and shared (seed %i)", (seed) => {
    const random = seeded(seed);
    const pieces = slicedPolygon([star(random)], [[100, 300], [500, 320], [900, 300]]);
    const smooth = smoothedPolygons(pieces, 2);
    for (const p of smooth) expect(isSimple(p)).toBe(true);
    const overlap = smooth.flatMap((a, i) => smooth.slice(i + 1).flatMap((b) => intersectedRings(a, b)));
    expect(total(overlap)).toBeLessThan(2);
  });

  it("rounds a mask and drops a thorn", () => {
    const frame = { width: 100, height: 100 };
    const thorny = united(rectSpans(20, 20, 60, 60), rectSpans(60, 40, 80, 41));
    const smooth = smoothedSpans(thorny, 3, frame);
    expect(areaOfSpans(intersected(smooth, rectSpans(64, 0, 100, 100)))).toBe(0);
    expect(Math.abs(areaOfSpans(smooth) - 1600)).toBeLessThan(60);
    expect(sameSpans(withoutHoles(smooth), smooth)).toBe(true);
    expect(isEmptySpans(smoothedSpans(spansOfBitmap(emptyBitmap(0, 0, 4, 4)), 2, frame))).toBe(true);
  });
});

it("drops points that say nothing", () => {
  expect(tidyRing([[0, 0], [5, 0], [10, 0], [10, 10], [10, 10], [14, 10], [10, 10], [0, 10]])).toEqual([[0, 0], [10, 0], [10, 10], [0, 10]]);
});
