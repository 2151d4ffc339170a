import { describe, expect, it } from "vitest";
import { seeded } from "../../../engine/testing";
import { PLAIN, type Recipe, WHOLE, adjust, eveningOf, isPlain, toneTable } from "./pixels";

function noise(width: number, height: number, from = 0, to = 255): Uint8ClampedArray {
  const random = seeded(4);
  return Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : from + random() * (to - from)));
}
const grey = (levels: readonly number[]): Uint8ClampedArray => Uint8ClampedArray.from(levels.flatMap((l) => [l, l, l, 255]));
const tone = (change: Partial<Recipe>): number[] => [...toneTable({ ...PLAIN, ...change })];

describe("tone", () => {
  it("leaves a plain picture as it is", () => {
    expect(isPlain(PLAIN)).toBe(true);
    expect(tone({})).toEqual(Array.from({ length: 256 }, (_, i) => i));
    const pixels = noise(20, 20);
    const before = [...pixels];
    adjust(pixels, 20, 20, { tone: toneTable(PLAIN), saturation: 0, evening: null });
    expect([...pixels]).toEqual(before);
  });

  it("never turns dark and light round, but for the negative", () => {
    for (const change of [{ brightness: 40 }, { contrast: 70 }, { contrast: -80 }, { gamma: 2.2 }, { gamma: 0.4, brightness: -30 }]) {
      const table = tone(change);
      expect(table.every((level, i) => i === 0 || level >= table[i - 1]!)).toBe(true);
    }
    expect(tone({ inverts: true })).toEqual(tone({}).reverse());
  });

  it("brightens, spreads about the middle, lifts the dark", () => {
    expect(tone({ brightness: 20 })[100]).toBe(151);
    expect(tone({ contrast: 50 })[64]).toBeLessThan(10);
    expect(tone({ contrast: -100 })).toEqual(new Array(256).fill(128));
    expect(tone({ gamma: 2 })[64]).toBe(128);
  });
});

describe("saturation", () => {
  it("takes colours out and keeps greys", () => {
    const pixels = Uint8ClampedArray.from([200, 40, 40, 255, 90, 90, 90, 255]);
    adjust(pixels, 2, 1, { tone: toneTable(PLAIN), saturation: -100, evening: null });
    expect(pixels[0]).toBe(pixels[1]);
    expect(pixels[1]).toBe(pixels[2]);
    expect([...pixels.slice(4)]).toEqual([90, 90, 90, 255]);
  });
});

describe("an evened histogram", () => {
  const spread = (pixels: Uint8ClampedArray): number => {
    const levels = [...pixels].filter((_, i) => i % 4 === 0);
    return Math.max(...levels) - Math.min(...levels);
  };

  it.each(["whole", "local"] as const)("spreads a flat picture (%s)", (how) => {
    const pixels = noise(64, 64, 100, 130);
    const evening = eveningOf(pixels, 64, 64, how);
    adjust(pixels, 64, 64, { tone: toneTable(PLAIN), saturation: 0, evening });
    expect(spread(pixels)).toBeGreaterThan(how === "whole" ? 220 : 70);
  });

  it("leaves one single grey alone", () => {
    const pixels = grey(new Array<number>(100).fill(77));
    adjust(pixels, 10, 10, { tone: toneTable(PLAIN), saturation: 0, evening: eveningOf(pixels, 10, 10, "whole") });
    expect([...pixels]).toEqual([...grey(new Array<number>(100).fill(77))]);
  });

  it("shows a part as it shows it in the whole", () => {
    const whole = noise(64, 64);
    const evening = eveningOf(whole, 64, 64, "local");
    const part = new Uint8ClampedArray(32 * 32 * 4);
    for (let y = 0; y < 32; y++) part.set(whole.subarray(((y + 32) * 64 + 32) * 4, ((y + 32) * 64 + 64) * 4), y * 32 * 4);
    const prepared = { tone: toneTable(PLAIN), saturation: 30, evening };
    adjust(whole, 64, 64, prepared, WHOLE);
    adjust(part, 32, 32, prepared, { x0: 0.5, y0: 0.5, x1: 1, y1: 1 });
    for (let y = 0; y < 32; y++) expect([...part.subarray(y * 128, y * 128 + 128)]).toEqual([...whole.subarray(((y + 32) * 64 + 32) * 4, ((y + 32) * 64 + 64) * 4)]);
  });
});
