import { expect, it } from "vitest";
import type { Bounds } from "../geometry";
import type { Surface } from "./paint";
import { type Bitmap, SettledLayer } from "./settled-layer";

/** Counts paints and blits; draws nothing. */
function world(count: number) {
  let painted = 0;
  let time = 0;
  const surface = new Proxy({} as Surface, { get: (_t, key) => (key === "drawImage" ? () => void (blits += 1) : () => undefined), set: () => true });
  let blits = 0;
  const items = Array.from({ length: count }, (_, i) => {
    const bounds: Bounds = { x0: i % 100, y0: 0, x1: (i % 100) + 1, y1: 1 };
    return { bounds, paint: () => void ((painted += 1), (time += 0.05)) };
  });
  const source = { itemsIn: (area: Bounds) => items.filter((i) => i.bounds.x0 <= area.x1 && i.bounds.x1 >= area.x0) };
  const layer = new SettledLayer(source, (): Bitmap => ({ width: 0, height: 0, getContext: () => surface }), { x0: 0, y0: 0, x1: 100, y1: 100 });
  const draw = (scale: number, tx: number): boolean => layer.draw(surface, { scale, tx, ty: 0 }, 500, 400, 1, () => time, 5);
  return { layer, draw, count: () => painted, blits: () => blits, wait: (ms: number) => (time += ms) };
}

it("paints once and then only moves the bitmap", () => {
  const w = world(200);
  w.draw(4, 0);
  const first = w.count();
  for (let i = 1; i < 50; i++) w.draw(4, i);
  expect(w.count()).toBe(first);
  expect(w.blits()).toBe(50);
});

it("paints many objects over several frames after a zoom has come to rest", () => {
  const w = world(5000);
  w.draw(1, 0);
  const first = w.count();
  expect(w.draw(1.1, 0)).toBe(true);
  expect(w.count()).toBe(first);
  w.wait(100);
  let frames = 1;
  while (w.draw(1.1, 0)) frames += 1;
  expect(frames).toBeGreaterThan(10);
  expect(w.count()).toBe(first + 5000);
});

it("repaints only what changed", () => {
  const w = world(200);
  w.draw(4, 0);
  const first = w.count();
  w.layer.repaint({ x0: 50, y0: 0, x1: 51, y1: 1 });
  expect(w.count() - first).toBeLessThan(60);
});
