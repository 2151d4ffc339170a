import { describe, expect, it } from "vitest";
import type { Point } from "./geometry";
import { seeded } from "./testing";
import { Viewport, turnedCursor } from "./viewport";

function near(a: Point, b: Point): void {
  expect(a[0]).toBeCloseTo(b[0], 6);
  expect(a[1]).toBeCloseTo(b[1], 6);
}

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

describe("turned", () => {
  it.each([90, 180, 270, 17.5])("maps there and back, keeps the middle, and zooms at the pointer (%d degrees)", (degrees) => {
    const v = open();
    v.zoomBy(3);
    const middle = v.toImage([400, 300]);
    v.turnBy(degrees);
    near(v.toImage([400, 300]), middle);
    const random = seeded(degrees);
    for (let i = 0; i < 50; i++) {
      const at = [random() * 800, random() * 600] as const;
      near(v.toScreen(v.toImage(at)), at);
      const under = v.toImage(at);
      v.zoomAt(at, 0.8 + random() * 0.4);
      near(v.toImage(at), under);
    }
  });

  it("turns clockwise on screen", () => {
    const v = open();
    v.turnBy(90);
    // What was at the left is at the top now.
    near(v.toScreen([0, 500]), [400, 300 - 1000 * v.scale]);
  });

  it("fits the picture as it lies, keeps its aspect, and shows the whole of it", () => {
    const v = open();
    v.turnBy(90);
    v.fit();
    expect(v.fitScale).toBeCloseTo((600 - 48) / 2000, 9);
    const seen = v.visible();
    expect([seen.x0 < 0, seen.y0 < 0, seen.x1 > 2000, seen.y1 > 1000]).toEqual([true, true, true, true]);
  });

  it("follows the hand while panning, and turns about the pointer", () => {
    const v = open();
    v.zoomBy(4);
    v.turnBy(30);
    const under = v.toImage([200, 200]);
    v.panBy(50, -20);
    near(v.toScreen(under), [250, 180]);
    const pinned = v.toImage([300, 350]);
    v.turnBy(25, [300, 350]);
    near(v.toScreen(pinned), [300, 350]);
    expect(v.turn).toBe(55);
  });

  it("never loses the picture", () => {
    const random = seeded(5);
    const v = open();
    for (let i = 0; i < 300; i++) {
      v.turnBy(random() * 360);
      v.panBy((random() - 0.5) * 1e5, (random() - 0.5) * 1e5);
      v.zoomAt([random() * 800, random() * 600], 0.2 + 2 * random());
      const { x0, y0, x1, y1 } = v.visible();
      expect(x0 < 2000 && x1 > 0 && y0 < 1000 && y1 > 0).toBe(true);
    }
  });

  it("comes back to exactly upright after four quarters", () => {
    const v = open();
    const before = v.view;
    for (let i = 0; i < 4; i++) v.turnBy(90);
    expect(v.turn).toBe(0);
    near([v.view.tx, v.view.ty], [before.tx, before.ty]);
  });

  it("takes arrow keys along the screen, and shows cursors as they have to look", () => {
    const v = open();
    expect(v.alongPicture(1, 0)).toEqual([1, 0]);
    v.turnBy(90);
    // To the right of the screen is up in a picture that was turned clockwise.
    expect(v.alongPicture(1, 0)).toEqual([0, -1]);
    expect(v.alongPicture(0, 10)).toEqual([10, 0]);
    v.turnBy(100);
    expect(v.alongPicture(1, 0)).toEqual([-1, 0]);
    expect([0, 45, 90, 135, 180, 350].map((d) => turnedCursor("ns-resize", d))).toEqual(["ns-resize", "nesw-resize", "ew-resize", "nwse-resize", "ns-resize", "ns-resize"]);
    expect(turnedCursor("grab", 90)).toBe("grab");
  });
});
