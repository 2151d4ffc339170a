import { describe, expect, it } from "vitest";
import type { Point } from "../geometry";
import { inRing } from "../geometry";
import { seeded } from "../testing";
import type { PolygonGeometry } from "../types";
import { edgesOf } from "./edges";
import { SURE_GROUND, SURE_OBJECT, grabCut, trimapOfBox } from "./grabcut";
import { labOf } from "./lab";
import { liveWire, stepCosts, wayTo } from "./live-wire";
import { minCut } from "./min-cut";
import { outcomeKindFor, shapeOfBits, thinned } from "./outcome";
import { patchOver, pixelAt } from "./raster";
import { superpixels } from "./superpixels";
import { ask, boxIou, disc, iou, paint, pixelsOf, rect, run } from "./testing";
import { wandBits, wandField } from "./wand";

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

describe("colours", () => {
  it("are those of CIE L*a*b*", () => {
    const lab = labOf({ width: 3, height: 1, rgba: Uint8ClampedArray.of(255, 255, 255, 255, 255, 0, 0, 255, 0, 0, 255, 255) });
    const expected = [100, 0, 0, 53.24, 80.09, 67.2, 32.3, 79.19, -107.86];
    expected.forEach((v, i) => expect(lab[i]).toBeCloseTo(v, 0));
  });
});

describe("magic wand", () => {
  it.each(seeds)("finds a disc of one colour under noise (%i)", (seed) => {
    const random = seeded(seed);
    const scene = paint(disc(60 + 60 * random(), 50 + 40 * random(), 25 + 20 * random()), { seed });
    const at = scene.truth.indexOf(1) + 2 * scene.frame.width;
    const found = ask(scene, "wand", { picks: [{ at: [at % 200, Math.floor(at / 200)], tolerance: 60, isTaken: true }], isContiguous: true, kind: "mask" });
    expect(iou(pixelsOf(found?.geometry ?? null, scene.frame), scene.truth)).toBeGreaterThan(0.93);
    expect(iou(pixelsOf(found && { kind: "polygon", rings: found.outline }, scene.frame), scene.truth)).toBeGreaterThan(0.93);
  });

  it("takes only what hangs together, or like colours everywhere", () => {
    const inside = (x: number, y: number): boolean => disc(50, 75, 25)(x, y) || disc(150, 75, 25)(x, y);
    const scene = paint(inside, { noise: 4 });
    const pick = { at: [50, 75] as const, tolerance: 40, isTaken: true };
    const one = pixelsOf(ask(scene, "wand", { picks: [pick], isContiguous: true, kind: "mask" })?.geometry ?? null, scene.frame);
    const both = pixelsOf(ask(scene, "wand", { picks: [pick], isContiguous: false, kind: "mask" })?.geometry ?? null, scene.frame);
    expect(one[75 * 200 + 150]).toBe(0);
    expect(iou(both, scene.truth)).toBeGreaterThan(0.97);
  });

  it("adds and takes away by more picks", () => {
    const scene = paint(rect({ x0: 100, y0: 0, x1: 200, y1: 150 }), { noise: 0 });
    const pick = (x: number, isTaken: boolean) => ({ at: [x, 75] as const, tolerance: 20, isTaken });
    const all = ask(scene, "wand", { picks: [pick(30, true), pick(150, true)], isContiguous: true, kind: "box" });
    expect(all?.geometry).toEqual({ kind: "box", box_xyxy: [0, 0, 200, 150] });
    const right = ask(scene, "wand", { picks: [pick(30, true), pick(150, true), pick(30, false)], isContiguous: true, kind: "box" });
    expect(right?.geometry).toEqual({ kind: "box", box_xyxy: [100, 0, 200, 150] });
  });

  it("grows with the tolerance and never shrinks", () => {
    const scene = paint(disc(100, 75, 40), { slope: 60 });
    const field = wandField(labOf(scene.raster), 200, 150, 75 * 200 + 100, true);
    let before = wandBits(field, 0);
    for (let tolerance = 4; tolerance < 255; tolerance += 10) {
      const now = wandBits(field, tolerance);
      expect(before.every((bit, p) => !bit || now[p])).toBe(true);
      before = now;
    }
    expect(before.every((bit) => bit === 1)).toBe(true);
  });
});

describe("superpixels", () => {
  const scene = paint(disc(100, 75, 40));
  const made = superpixels(labOf(scene.raster), 200, 150, 14);

  it("cover every pixel, each in one piece of about the wanted size", () => {
    expect(Math.min(...made.of)).toBe(0);
    expect(Math.max(...made.of)).toBe(made.count - 1);
    const sizes = new Int32Array(made.count);
    for (const k of made.of) sizes[k]! += 1;
    expect(made.count).toBeGreaterThan((200 * 150) / (14 * 14) / 2);
    expect(made.count).toBeLessThan(((200 * 150) / (14 * 14)) * 2);
    expect(Math.min(...sizes)).toBeGreaterThan(20);
  });

  it("keep to the border of the disc", () => {
    const inside = new Float64Array(made.count);
    const all = new Float64Array(made.count);
    made.of.forEach((k, p) => {
      inside[k]! += scene.truth[p]!;
      all[k]! += 1;
    });
    const best = Uint8Array.from(made.of, (k) => (inside[k]! * 2 > all[k]! ? 1 : 0));
    expect(iou(best, scene.truth)).toBeGreaterThan(0.95);
  });
});

describe("minimum cut", () => {
  /** The cheapest of all cuts, tried one by one. */
  function least(width: number, height: number, energy: (bits: number) => number): number {
    let best = Infinity;
    for (let bits = 0; bits < 1 << (width * height); bits++) best = Math.min(best, energy(bits));
    return best;
  }

  it.each(seeds)("is as cheap as the cheapest of all (%i)", (seed) => {
    const random = seeded(seed);
    const [width, height] = [4, 3];
    const whole = (most: number): Int32Array => Int32Array.from({ length: width * height }, () => Math.floor(random() * most));
    const grid = { width, height, ties: whole(41).map((v) => v - 20), right: whole(15), below: whole(15), belowRight: whole(15), belowLeft: whole(15) };
    const energy = (bits: number): number => {
      const on = (p: number): number => (bits >> p) & 1;
      let sum = 0;
      for (let y = 0, p = 0; y < height; y++) {
        for (let x = 0; x < width; x++, p++) {
          sum += on(p) ? Math.max(0, -grid.ties[p]!) : Math.max(0, grid.ties[p]!);
          if (x < width - 1 && on(p) !== on(p + 1)) sum += grid.right[p]!;
          if (y === height - 1) continue;
          if (on(p) !== on(p + width)) sum += grid.below[p]!;
          if (x < width - 1 && on(p) !== on(p + width + 1)) sum += grid.belowRight[p]!;
          if (x > 0 && on(p) !== on(p + width - 1)) sum += grid.belowLeft[p]!;
        }
      }
      return sum;
    };
    const cut = minCut(grid);
    expect(energy(cut.reduce((bits, on, p) => bits | (on << p), 0))).toBe(least(width, height, energy));
  });
});

describe("GrabCut", () => {
  it.each(seeds)("cuts a disc out of a loose box (%i)", (seed) => {
    const random = seeded(seed + 50);
    const [cx, cy, r] = [70 + 60 * random(), 55 + 40 * random(), 22 + 20 * random()] as const;
    const scene = paint(disc(cx, cy, r), { seed, noise: 30 });
    const box = { x0: cx - r - 12, y0: cy - r - 9, x1: cx + r + 14, y1: cy + r + 11 };
    const found = ask(scene, "cut", { box, strokes: [], kind: "mask" });
    expect(iou(pixelsOf(found?.geometry ?? null, scene.frame), scene.truth)).toBeGreaterThan(0.95);
  });

  it("works finely on a picture of 400 by 400", () => {
    const inside = (x: number, y: number): boolean => disc(200, 200, 120)(x, y) && !rect({ x0: 190, y0: 0, x1: 210, y1: 200 })(x, y);
    const scene = paint(inside, { width: 400, height: 400, noise: 40, slope: 50 });
    const bits = run(grabCut(scene.raster, trimapOfBox(400, 400, [60, 60, 340, 340])));
    expect(iou(bits, scene.truth)).toBeGreaterThan(0.97);
  });

  it("is corrected by strokes", () => {
    const inside = (x: number, y: number): boolean => disc(70, 75, 30)(x, y) || disc(140, 75, 25)(x, y);
    const scene = paint(inside, { noise: 12 });
    const box = { x0: 25, y0: 30, x1: 180, y1: 120 };
    const stroke = { points: [[130, 75], [150, 75]] as Point[], isObject: false, radius: 10 };
    const both = pixelsOf(ask(scene, "cut", { box, strokes: [], kind: "mask" })?.geometry ?? null, scene.frame);
    expect(iou(both, scene.truth)).toBeGreaterThan(0.95);
    const left = pixelsOf(ask(scene, "cut", { box, strokes: [stroke], kind: "mask" })?.geometry ?? null, scene.frame);
    expect([left[75 * 200 + 70], left[75 * 200 + 140]]).toEqual([1, 0]);
  });

  it("keeps what it was told for sure", () => {
    const scene = paint(disc(100, 75, 40));
    const trimap = trimapOfBox(200, 150, [40, 20, 160, 130]);
    trimap[75 * 200 + 100] = SURE_GROUND;
    trimap[30 * 200 + 50] = SURE_OBJECT;
    const bits = run(grabCut(scene.raster, trimap));
    expect([bits[75 * 200 + 100], bits[30 * 200 + 50]]).toEqual([0, 1]);
  });

  it("says so when nothing stands out", () => {
    const scene = paint(() => false, { noise: 0 });
    expect(ask(scene, "cut", { box: { x0: 50, y0: 40, x1: 150, y1: 110 }, strokes: [], kind: "mask" })).toBeNull();
  });
});

describe("intelligent scissors", () => {
  it("follow the border between two anchors", () => {
    const scene = paint(disc(100, 75, 45), { noise: 10 });
    const edges = edgesOf(labOf(scene.raster), scene.raster);
    const wire = liveWire(stepCosts(edges), 200, 150, 75 * 200 + 145);
    const way = wayTo(wire, 75 * 200 + 55);
    expect(way.length).toBeGreaterThan(100);
    const far = way.map(([x, y]) => Math.abs(Math.hypot(x - 100, y - 75) - 45));
    expect(far.filter((d) => d > 2).length).toBeLessThan(way.length * 0.05);
  });

  it("lead from every pixel to the anchor, in steps to neighbours", () => {
    const scene = paint(disc(20, 20, 10), { width: 40, height: 40 });
    const wire = liveWire(stepCosts(edgesOf(labOf(scene.raster), scene.raster)), 40, 40, 5 * 40 + 7);
    for (let p = 0; p < 1600; p += 37) {
      const way = wayTo(wire, p);
      expect(way[0]).toEqual([7.5, 5.5]);
      expect(way.at(-1)).toEqual([(p % 40) + 0.5, Math.floor(p / 40) + 0.5]);
      for (let i = 1; i < way.length; i++) expect(Math.max(Math.abs(way[i]![0] - way[i - 1]![0]), Math.abs(way[i]![1] - way[i - 1]![1]))).toBe(1);
    }
  });

  it.each(seeds)("are the cheapest of all ways (%i)", (seed) => {
    const random = seeded(seed + 3);
    const [width, height] = [11, 8];
    const costs = Uint8Array.from({ length: width * height }, () => 1 + Math.floor(random() * 96));
    const anchor = Math.floor(random() * costs.length);
    const stepTo = (p: number, q: number): number => ((p - q) % width === 0 || Math.abs(p - q) === 1 ? costs[q]! : Math.round(costs[q]! * Math.SQRT2));
    const least = new Float64Array(costs.length).fill(Infinity);
    least[anchor] = 0;
    for (let round = 0; round < costs.length; round++)
      for (let p = 0; p < costs.length; p++)
        for (let q = 0; q < costs.length; q++) {
          const isBeside = p !== q && Math.abs((p % width) - (q % width)) <= 1 && Math.abs(Math.floor(p / width) - Math.floor(q / width)) <= 1;
          if (isBeside) least[q] = Math.min(least[q]!, least[p]! + stepTo(p, q));
        }
    const wire = liveWire(costs, width, height, anchor);
    for (let p = 0; p < costs.length; p++) {
      const way = wayTo(wire, p).map(([x, y]) => Math.floor(y) * width + Math.floor(x));
      expect(way.slice(1).reduce((sum, q, i) => sum + stepTo(way[i]!, q), 0)).toBe(least[p]);
    }
  });

  it("begin at the strongest edge near the click", () => {
    const scene = paint(rect({ x0: 100, y0: 0, x1: 200, y1: 150 }), { noise: 3 });
    const { anchor } = ask(scene, "wire", { anchor: [95, 70], reach: 8 });
    expect(Math.abs((anchor % 200) - 99.5)).toBeLessThan(2);
  });
});

describe("edge snap", () => {
  it.each(seeds)("puts a badly drawn polygon onto the object (%i)", (seed) => {
    const random = seeded(seed + 9);
    const scene = paint(disc(100, 75, 45), { noise: 10, seed });
    const ring = Array.from({ length: 24 }, (_, i): Point => {
      const angle = (i / 24) * 2 * Math.PI;
      const r = 45 + 7 * (random() * 2 - 1);
      return [100 + r * Math.cos(angle), 75 + r * Math.sin(angle)];
    });
    const before = iou(pixelsOf({ kind: "polygon", rings: [ring] }, scene.frame), scene.truth);
    const found = ask(scene, "snap", { geometry: { kind: "polygon", rings: [ring] }, reach: 9 });
    const after = iou(pixelsOf(found, scene.frame), scene.truth);
    expect(after).toBeGreaterThan(0.95);
    expect(after).toBeGreaterThan(before);
  });

  it("puts the sides of a box onto the edges of a rectangle", () => {
    const scene = paint(rect({ x0: 60, y0: 40, x1: 140, y1: 110 }), { noise: 12 });
    const found = ask(scene, "snap", { geometry: { kind: "box", box_xyxy: [54, 46, 147, 104] }, reach: 10 });
    expect(found?.kind === "box" && boxIou(found.box_xyxy, [60, 40, 140, 110])).toBeGreaterThan(0.95);
  });

  it("leaves an outline where there is no edge", () => {
    const scene = paint(() => false, { noise: 0 });
    const geometry = { kind: "polygon", rings: [[[50, 50], [90, 50], [90, 90], [50, 90]]] } as const;
    expect(ask(scene, "snap", { geometry, reach: 10 })).toEqual(geometry);
  });

  it("moves an open line onto a border", () => {
    const scene = paint(rect({ x0: 100, y0: 0, x1: 200, y1: 150 }), { noise: 6 });
    const found = ask(scene, "snap", { geometry: { kind: "polyline", points: [[95, 20], [106, 70], [96, 130]] }, reach: 8 });
    expect(found?.kind === "polyline" && found.points.every(([x]) => Math.abs(x - 100) < 2)).toBe(true);
  });
});

describe("fit and refine", () => {
  it.each(seeds)("tightens a box to what it holds (%i)", (seed) => {
    const random = seeded(seed + 99);
    const truth = [50 + 20 * random(), 40 + 15 * random(), 120 + 20 * random(), 95 + 15 * random()] as const;
    const scene = paint(rect({ x0: truth[0], y0: truth[1], x1: truth[2], y1: truth[3] }), { seed, noise: 25 });
    const loose = { x0: truth[0] - 14, y0: truth[1] - 10, x1: truth[2] + 12, y1: truth[3] + 15 };
    const found = ask(scene, "fit", { box: loose });
    expect(found && boxIou(found.box_xyxy, truth)).toBeGreaterThan(0.93);
  });

  it("refines a rough polygon and a rough mask", () => {
    const scene = paint(disc(100, 75, 45), { noise: 25 });
    const rough = { kind: "polygon", rings: [[[52, 75], [100, 26], [150, 75], [100, 124]]] } as const;
    const polygon = ask(scene, "refine", { geometry: rough, reach: 16 });
    expect(iou(pixelsOf(polygon, scene.frame), scene.truth)).toBeGreaterThan(0.95);
    const bits = pixelsOf(rough, scene.frame);
    const mask = shapeOfBits(bits, scene.patch, scene.frame, { kind: "mask" });
    const better = mask?.kind === "mask" ? ask(scene, "refine", { geometry: mask, reach: 16 }) : null;
    expect(better?.kind).toBe("mask");
    expect(iou(pixelsOf(better, scene.frame), scene.truth)).toBeGreaterThan(0.95);
  });
});

describe("outcomes", () => {
  it("draw as the class does", () => {
    const item = (...geometry_kinds: string[]) => ({ class_id: "c", name: "C", color: "#000000", parent_id: null, geometry_kinds, attributes: [], skeleton: null });
    expect(outcomeKindFor(item("box", "polygon"))).toBe("polygon");
    expect(outcomeKindFor(item("box", "polygon", "mask"))).toBe("mask");
    expect(outcomeKindFor(item("box", "polygon", "mask"), "box")).toBe("box");
    expect(outcomeKindFor(item("box"), "mask")).toBe("box");
    expect(outcomeKindFor(item("point"))).toBeNull();
  });

  it("keep holes, and are the same place at a coarser resolution", () => {
    const inside = (x: number, y: number): boolean => disc(100, 75, 50)(x, y) && !disc(100, 75, 20)(x, y);
    const { truth, patch, frame } = paint(inside);
    for (const kind of ["mask", "polygon"] as const) expect(iou(pixelsOf(shapeOfBits(truth, patch, frame, { kind }), frame), truth)).toBeGreaterThan(0.97);
    const large = paint((x, y) => inside(x / 3 - 10, y / 3 - 5), { width: 660, height: 500 });
    const coarse = { x0: 30, y0: 15, scale: 1 / 3, width: 200, height: 150 };
    for (const kind of ["mask", "polygon"] as const) {
      const shape = shapeOfBits(truth, coarse, large.frame, { kind });
      expect(iou(pixelsOf(shape, large.frame), large.truth)).toBeGreaterThan(0.96);
    }
  });

  it("of one part take the one that was pointed at", () => {
    const inside = (x: number, y: number): boolean => disc(40, 75, 30)(x, y) || disc(150, 75, 15)(x, y);
    const { truth, patch, frame } = paint(inside);
    const large = shapeOfBits(truth, patch, frame, { kind: "polygon" }) as PolygonGeometry;
    const small = shapeOfBits(truth, patch, frame, { kind: "polygon", near: [[150, 75]] }) as PolygonGeometry;
    expect([inRing(large.rings[0]!, [40, 75]), inRing(small.rings[0]!, [150, 75]), inRing(small.rings[0]!, [40, 75])]).toEqual([true, true, false]);
  });

  it("have few points, none far from the full outline", () => {
    const ring = Array.from({ length: 400 }, (_, i): Point => [100 + 60 * Math.cos(i / 63.66), 100 + 60 * Math.sin(i / 63.66)]);
    const few = thinned(ring, 0.8);
    expect(few.length).toBeLessThan(40);
    expect(few.length).toBeGreaterThan(12);
  });

  it("are nothing where nothing was found", () => {
    const { patch, frame, truth } = paint(() => false);
    expect(shapeOfBits(truth, patch, frame, { kind: "mask" })).toBeNull();
  });
});

describe("patches", () => {
  it("lie on whole image pixels inside the frame, at a bounded size", () => {
    const random = seeded(4);
    const frame = { width: 4000, height: 3000 };
    for (let n = 0; n < 200; n++) {
      const x0 = random() * 4000 - 200;
      const y0 = random() * 3000 - 200;
      const patch = patchOver({ x0, y0, x1: x0 + random() * 3000, y1: y0 + random() * 3000 }, frame, 400);
      expect(Math.max(patch.width, patch.height)).toBeLessThanOrEqual(400);
      expect(patch.scale).toBeLessThan(2);
      expect(pixelAt(patch, [patch.x0 + 0.4, patch.y0 + 0.4])).toBe(0);
      expect(pixelAt(patch, [-9999, 0])).toBe(-1);
    }
  });
});
