import { expect, it } from "vitest";
import { Viewport } from "./viewport";

function open(): Viewport {
  const v = new Viewport({ width: 2000, height: 1000 });
  v.resize(800, 600);
  v.fit();
  return v;
}

it("keeps the point under the pointer where it is while zooming", () => {
  const v = open();
  const at = [123, 456] as const;
  const before = v.toImage(at);
  v.zoomAt(at, 3.7);
  const after = v.toImage(at);
  expect(after[0]).toBeCloseTo(before[0], 9);
  expect(after[1]).toBeCloseTo(before[1], 9);
});

it("fits the whole picture, centred", () => {
  const v = open();
  expect(v.toScreen([1000, 500])).toEqual([400, 300]);
  expect(v.toScreen([0, 0])[0]).toBeGreaterThan(0);
});

it("shows one image pixel as one screen pixel", () => {
  const v = open();
  v.oneToOne();
  expect(v.scale).toBeCloseTo(1, 12);
});

it("never loses the picture", () => {
  const v = open();
  v.panBy(1e6, -1e6);
  const seen = v.visible();
  expect(seen.x0).toBeLessThan(2000);
  expect(seen.y0).toBeLessThan(1000);
});
