import { describe, expect, it } from "vitest";
import type { Bounds } from "../geometry";
import { Viewport } from "../viewport";
import type { Surface } from "./paint";
import { type Bitmap, SettledLayer } from "./settled-layer";
import { type Stage, areaOf, between, onScreenBounds, onSheet, stageOf } from "./stage";

/** Counts paints and blits; draws nothing. */
function world(count: number) {
  let painted = 0;
  let time = 0;
  let blits = 0;
  const surface = new Proxy({} as Surface, { get: (_t, key) => (key === "drawImage" ? () => void (blits += 1) : () => undefined), set: () => true });
  const items = Array.from({ length: count }, (_, i) => {
    const bounds: Bounds = { x0: i % 100, y0: 0, x1: (i % 100) + 1, y1: 1 };
    return { bounds, paint: () => void ((painted += 1), (time += 0.05)) };
  });
  const source = { itemsIn: (area: Bounds) => items.filter((i) => i.bounds.x0 <= area.x1 && i.bounds.x1 >= area.x0) };
  const layer = new SettledLayer(source, (): Bitmap => ({ width: 0, height: 0, getContext: () => surface }), { x0: 0, y0: 0, x1: 100, y1: 100 });
  const stageAt = (scale: number, tx: number, turn = 0): Stage => ({ view: { scale, tx, ty: 0 }, turn, width: 500, height: 400, ratio: 1 });
  /** One frame, as the renderer makes it; tells whether another is wanted. */
  const frame = (scale: number, tx: number, turn = 0): boolean => {
    const stage = stageAt(scale, tx, turn);
    layer.work(stage, { now: () => time, budgetMs: 5 });
    layer.draw(surface, stage, time);
    return layer.isUnfinished;
  };
  /** Frames until it stands. */
  const settle = (scale: number, tx: number, turn = 0): number => {
    let frames = 1;
    while (frame(scale, tx, turn)) {
      time += 16;
      frames += 1;
      expect(frames).toBeLessThan(500);
    }
    return frames;
  };
  /** Draws ahead, slice by slice. */
  const prepare = (scale: number): void => {
    for (let i = 0; !layer.prepare(stageAt(scale, 0), { now: () => time, budgetMs: 5 }); i++) expect(i).toBeLessThan(500);
  };
  return { layer, frame, settle, prepare, waitMs: () => layer.restMs(time), count: () => painted, blits: () => blits };
}

it("paints once and then only moves the bitmap", () => {
  const w = world(200);
  w.settle(4, 0);
  const [painted, blits] = [w.count(), w.blits()];
  for (let i = 1; i < 50; i++) w.frame(4, i);
  expect(w.count()).toBe(painted);
  expect(w.blits()).toBe(blits + 49);
});

it("shows a few objects at once, and sharp while it zooms", () => {
  const w = world(200);
  w.frame(1, 0);
  expect([w.count(), w.blits()]).toEqual([200, 0]);
  w.settle(1, 0);
  const [painted, blits] = [w.count(), w.blits()];
  for (let i = 1; i < 5; i++) w.frame(1 + i / 10, 0);
  expect([w.count(), w.blits()]).toEqual([painted + 4 * 200, blits]);
});

it("paints many objects over several frames after a zoom or a turn has come to rest", () => {
  const w = world(5000);
  w.settle(1, 0);
  for (const [scale, turn] of [[1.1, 0], [1.1, 30]] as const) {
    const before = w.count();
    const blits = w.blits();
    expect(w.frame(scale, 0, turn)).toBe(true);
    expect([w.count(), w.blits()]).toEqual([before, blits + 1]);
    expect(w.settle(scale, 0, turn)).toBeGreaterThan(12);
    expect(w.count()).toBe(before + 5000);
  }
});

it("goes on building while the view pans", () => {
  const w = world(5000);
  w.settle(20, 0);
  const blits = w.blits();
  let at = 0;
  for (let i = 0; i < 400; i++) w.frame(20, (at -= 3));
  expect(w.blits()).toBe(blits + 400);
  expect(w.frame(20, at)).toBe(false);
});

it.each([200, 5000])("has its first frame drawn when %d objects were drawn ahead", (count) => {
  const w = world(count);
  w.prepare(1);
  const [painted, blits] = [w.count(), w.blits()];
  expect(painted).toBe(count);
  expect(w.frame(1, 0)).toBe(false);
  expect([w.count(), w.blits()]).toEqual([painted, blits + 1]);
});

it("asks for no frames while the view still moves and all is on the screen already", () => {
  const w = world(200);
  expect(w.frame(1, 0)).toBe(true);
  expect(w.waitMs()).toBeGreaterThan(0);
  const many = world(5000);
  many.frame(1, 0);
  expect(many.waitMs()).toBe(0);
});

it("repaints only what changed", () => {
  const w = world(200);
  w.settle(4, 0);
  const first = w.count();
  w.layer.repaint({ x0: 50, y0: 0, x1: 51, y1: 1 });
  expect(w.count() - first).toBeLessThan(60);
});

describe("a stage", () => {
  const open = (turn: number): { viewport: Viewport; stage: Stage } => {
    const viewport = new Viewport({ width: 2000, height: 1000 });
    viewport.resize(800, 600);
    viewport.fit();
    viewport.turnBy(turn);
    viewport.zoomAt([200, 100], 2.5);
    return { viewport, stage: stageOf(viewport, 2) };
  };

  it.each([0, 90, 180, 270, 33])("maps as the viewport does (%d degrees)", (turn) => {
    const { viewport, stage } = open(turn);
    let m: number[] = [];
    onSheet({ setTransform: (...numbers: number[]) => void (m = numbers) } as unknown as Surface, stage, 10);
    const [x, y] = [123 * stage.view.scale + stage.view.tx, 456 * stage.view.scale + stage.view.ty];
    const [sx, sy] = viewport.toScreen([123, 456]);
    expect((m[0]! * x + m[2]! * y + m[4]!) / 2).toBeCloseTo(sx + 10, 6);
    expect((m[1]! * x + m[3]! * y + m[5]!) / 2).toBeCloseTo(sy + 10, 6);
    const seen = viewport.visible();
    const area = areaOf(stage);
    expect([area.x0, area.y0, area.x1, area.y1].map((n) => n.toFixed(6))).toEqual([seen.x0, seen.y0, seen.x1, seen.y1].map((n) => n.toFixed(6)));
    const on = onScreenBounds(stage, { x0: 123, y0: 456, x1: 123, y1: 456 });
    expect([on.x0, on.y0]).toEqual([on.x1, on.y1]);
    expect(on.x0).toBeCloseTo(sx, 6);
  });

  it("says where what was drawn for another stage is now", () => {
    const { viewport, stage: from } = open(20);
    const [x, y] = viewport.toScreen([700, 300]);
    viewport.turnBy(77, [10, 500]);
    viewport.zoomAt([600, 20], 1.7);
    viewport.panBy(31, -12);
    const m = between(from, stageOf(viewport, 2));
    const [nx, ny] = viewport.toScreen([700, 300]);
    expect(m.a * x + m.c * y + m.e).toBeCloseTo(nx, 6);
    expect(m.b * x + m.d * y + m.f).toBeCloseTo(ny, 6);
  });
});
