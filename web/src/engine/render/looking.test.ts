import { describe, expect, it } from "vitest";
import { seeded } from "../testing";
import { Viewport } from "../viewport";
import { Backdrop } from "./backdrop";
import { magnified } from "./loupe";
import type { Surface } from "./paint";
import { BitmapPicture, type SizedImage } from "./picture";
import { gridStep, paintGrid } from "./screen-marks";
import type { Bitmap } from "./settled-layer";
import { type Stage, between, stageOf } from "./stage";

const frame = { width: 4000, height: 3000 };

function open(turn = 0): Viewport {
  const v = new Viewport(frame);
  v.resize(1000, 700);
  v.fit();
  v.turnBy(turn);
  return v;
}

describe("the loupe", () => {
  it.each([0, 90, 37])("keeps the place under the pointer where it is, and enlarges about it (%d degrees)", (turn) => {
    const random = seeded(turn + 1);
    const v = open(turn);
    v.zoomBy(1.7);
    for (let i = 0; i < 30; i++) {
      const at = [random() * 1000, random() * 700] as const;
      const stage = stageOf(v, 1);
      const m = between(stage, magnified(stage, at, 4));
      expect(m.a * at[0] + m.c * at[1] + m.e).toBeCloseTo(at[0], 6);
      expect(m.b * at[0] + m.d * at[1] + m.f).toBeCloseTo(at[1], 6);
      expect(Math.hypot(m.a, m.b)).toBeCloseTo(4, 9);
    }
  });
});

describe("the grid", () => {
  it("widens its step until lines can be told apart", () => {
    expect([gridStep(50, 1), gridStep(50, 0.1), gridStep(5, 0.1), gridStep(0, 1)]).toEqual([50, 100, 80, 8]);
  });

  it("stays on the picture", () => {
    const points: [number, number][] = [];
    const to = new Proxy({} as Surface, {
      get: (_t, key) => (key === "moveTo" || key === "lineTo" ? (x: number, y: number) => void points.push([x, y]) : () => undefined),
      set: () => true,
    });
    const view = { scale: 0.1, tx: 100, ty: 50 };
    paintGrid(to, view, { x0: -1000, y0: -1000, x1: 9000, y1: 9000 }, frame, 200);
    expect(points.length).toBeGreaterThan(40);
    expect(points.every(([x, y]) => x >= 100 && x <= 501 && y >= 50 && y <= 351)).toBe(true);
  });
});

/** A surface that remembers the names of what was drawn on it. */
function recorder(drawn: string[]): Surface {
  return new Proxy({} as Surface, {
    get: (_t, key) => (key === "drawImage" ? (image: { name?: string }) => void drawn.push(image.name ?? "plate") : () => undefined),
    set: () => true,
  });
}
const image = (name: string, width: number, height: number): SizedImage => ({ name, width, height }) as unknown as SizedImage;

describe("a picture", () => {
  it("is drawn from the smallest copy that has a pixel for each of the screen's", () => {
    const drawn: string[] = [];
    let made = 0;
    const makeBitmap = (): Bitmap => ({ name: `half${++made}`, width: 0, height: 0, getContext: () => recorder([]) }) as unknown as Bitmap;
    const picture = new BitmapPicture(image("whole", 4000, 3000), frame, makeBitmap);
    const at = (scale: number): string | undefined => {
      picture.paint(recorder(drawn), { view: { scale, tx: 0, ty: 0 }, turn: 0, width: 1000, height: 700, ratio: 1 });
      return drawn.at(-1);
    };
    expect([at(2), at(1), at(0.5), at(0.45), at(0.3), at(0.25), at(0.2), at(0.1)]).toEqual(["whole", "whole", "whole", "half1", "half1", "half1", "half2", "half3"]);
    expect(made).toBe(3);
    // What was made is used as soon as it has enough pixels.
    expect([at(0.5), at(0.25)]).toEqual(["half1", "half2"]);
  });
});

describe("the backdrop", () => {
  const world = () => {
    const drawn: string[] = [];
    const painted: Stage[] = [];
    const backdrop = new Backdrop(() => ({ width: 0, height: 0, getContext: () => recorder([]) }), () => "#000");
    backdrop.picture = { paint: (_to, stage) => void painted.push(stage) };
    const surface = recorder(drawn);
    return { backdrop, painted, drawn, draw: (stage: Stage) => backdrop.draw(surface, stage) };
  };
  const stage = (scale: number, tx: number): Stage => ({ view: { scale, tx, ty: 0 }, turn: 0, width: 1000, height: 700, ratio: 1 });

  it("is painted anew while it zooms, and only moved while it pans", () => {
    const w = world();
    for (let i = 0; i < 10; i++) w.draw(stage(1 + i / 10, 0));
    expect([w.painted.length, w.drawn.length]).toEqual([10, 0]);
    for (let i = 0; i < 50; i++) w.draw(stage(1.9, i));
    expect([w.painted.length, w.drawn.length]).toEqual([11, 50]);
  });

  it("follows beyond its margin", () => {
    const w = world();
    for (let i = 0; i < 100; i++) w.draw(stage(1, -20 * i));
    expect(w.painted.length).toBeGreaterThan(4);
    expect(w.painted.length).toBeLessThan(12);
  });

  it("shows a changed picture at once", () => {
    const w = world();
    w.draw(stage(1, 0));
    w.draw(stage(1, 0));
    w.backdrop.invalidate();
    w.draw(stage(1, 0));
    expect(w.painted.length).toBe(3);
  });
});
