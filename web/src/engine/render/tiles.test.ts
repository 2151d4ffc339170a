/// <reference types="node" />
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { seeded } from "../testing";
import { Viewport } from "../viewport";
import type { Surface } from "./paint";
import type { SizedImage } from "./picture";
import { Pyramid, type Tile, keyOf } from "./pyramid";
import { stageOf } from "./stage";
import { TilePicture } from "./tiles";

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../../../tests/golden/tiles.json"), "utf8")) as { width: number; height: number; sizes: number[][]; grids: number[][] }[];

describe("a pyramid", () => {
  it.each(golden.map((v) => [`${v.width} x ${v.height}`, v] as const))("is the server's: %s", (_name, v) => {
    const pyramid = new Pyramid(v);
    const levels = Array.from({ length: pyramid.levels }, (_, i) => i);
    expect(levels.map((l) => Object.values(pyramid.size(l)))).toEqual(v.sizes);
    expect(levels.map((l) => Object.values(pyramid.grid(l)))).toEqual(v.grids);
  });

  it("covers any area with tiles that exist, and with no others", () => {
    const random = seeded(3);
    const pyramid = new Pyramid({ width: 9999, height: 30001 });
    for (let i = 0; i < 300; i++) {
      const level = Math.floor(random() * pyramid.levels);
      const [x0, y0] = [random() * 12000 - 1000, random() * 33000 - 1000];
      const area = { x0, y0, x1: x0 + random() * 4000, y1: y0 + random() * 4000 };
      const tiles = pyramid.within(level, area);
      const { columns, rows } = pyramid.grid(level);
      const touching = Array.from({ length: columns * rows }, (_, n): Tile => ({ level, x: n % columns, y: Math.floor(n / columns) })).filter((t) => {
        const b = pyramid.areaOf(t);
        return b.x0 <= area.x1 && area.x0 < b.x1 && b.y0 <= area.y1 && area.y0 < b.y1;
      });
      const keys = new Set(tiles.map(keyOf));
      expect(touching.filter((t) => !keys.has(keyOf(t)))).toEqual([]);
      expect(tiles.every((t) => t.x < columns && t.y < rows)).toBe(true);
    }
  });

  it("takes the level that has enough pixels and no more", () => {
    const pyramid = new Pyramid({ width: 16000, height: 16000 });
    expect([4, 1, 0.9, 0.5, 0.3, 0.25, 0.01].map((s) => pyramid.levelFor(s))).toEqual([0, 0, 0, 1, 1, 2, 5]);
  });
});

/** Loads by hand; remembers what was drawn. */
function world() {
  const drawn: string[] = [];
  const asked: string[] = [];
  const open = new Map<string, (image: SizedImage | null) => void>();
  const surface = { drawImage: (image: { name: string }) => void drawn.push(image.name) } as unknown as Surface;
  const named = (name: string, width = 512): SizedImage => ({ name, width, height: width, close: () => closed.push(name) }) as unknown as SizedImage;
  const closed: string[] = [];
  let changes = 0;
  const picture = new TilePicture({ width: 16000, height: 16000 }, named("preview", 2048), {
    load: (tile, signal) =>
      new Promise((resolve, reject) => {
        asked.push(keyOf(tile));
        open.set(keyOf(tile), resolve);
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      }),
    onChange: () => void (changes += 1),
  });
  const viewport = new Viewport({ width: 16000, height: 16000 });
  viewport.resize(1000, 800);
  const paint = (): void => {
    drawn.length = 0;
    picture.paint(surface, stageOf(viewport, 1), 0);
  };
  const arrive = async (key: string, image: SizedImage | null = named(key)): Promise<void> => {
    open.get(key)!(image);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { picture, viewport, paint, drawn, asked, closed, arrive, changes: () => changes };
}

describe("a huge picture", () => {
  it("needs no tiles while the preview is fine enough", () => {
    const w = world();
    w.viewport.fit();
    w.paint();
    expect([w.drawn, w.asked]).toEqual([["preview"], []]);
  });

  it("asks for what is in view, nearest to the middle first, a few at a time", async () => {
    const w = world();
    w.viewport.show({ x0: 4000, y0: 4000, x1: 5000, y1: 4800 }, 0);
    w.paint();
    expect(w.asked).toHaveLength(6);
    expect(w.asked[0]).toBe("0/8/8");
    await w.arrive(w.asked[0]!);
    expect(w.changes()).toBe(1);
    w.paint();
    expect(w.drawn).toEqual(["preview", "0/8/8"]);
  });

  it("shows a coarser tile until the finer is there", async () => {
    const w = world();
    w.viewport.show({ x0: 4096, y0: 4096, x1: 5120, y1: 4915 }, 0);
    w.viewport.zoomBy(0.5);
    w.paint();
    for (const key of [...w.asked]) await w.arrive(key);
    w.viewport.zoomBy(2);
    w.paint();
    expect(w.drawn[0]).toBe("preview");
    expect(w.drawn.slice(1).length).toBeGreaterThan(0);
    expect(w.drawn.slice(1).every((name) => name.startsWith("1/"))).toBe(true);
  });

  it("gives up what went out of view, and lives with levels that are not there", async () => {
    const w = world();
    w.viewport.show({ x0: 0, y0: 0, x1: 1000, y1: 800 }, 0);
    w.paint();
    const first = [...w.asked];
    w.viewport.show({ x0: 15000, y0: 15000, x1: 16000, y1: 15800 }, 0);
    for (let i = 0; i < 8; i++) w.paint();
    await new Promise((resolve) => setTimeout(resolve));
    w.paint();
    expect(w.asked.slice(first.length).every((key) => Number(key.split("/")[1]) > 25)).toBe(true);
    await w.arrive(w.asked.at(-1)!, null);
    w.paint();
    expect(w.drawn).toEqual(["preview"]);
  });

  it("keeps a bounded number of tiles, and gives all back when it is closed", async () => {
    const w = world();
    w.viewport.show({ x0: 0, y0: 0, x1: 1000, y1: 800 }, 0);
    for (let i = 0; i < 300; i++) {
      w.viewport.panBy(-400, i % 24 === 23 ? -700 : 0);
      if (i % 24 === 23) w.viewport.panBy(1e6, 0);
      w.paint();
      while (w.asked.length) await w.arrive(w.asked.shift()!);
    }
    expect(w.closed.length).toBeGreaterThan(0);
    const before = w.closed.length;
    w.picture.close();
    expect(w.closed.length - before).toBeLessThanOrEqual(192);
  });
});
