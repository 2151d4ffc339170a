import { describe, expect, it } from "vitest";
import { seeded } from "../testing";
import { emptyBitmap, spansOfBitmap } from "./bitmap";
import { united } from "./combine";
import { type Ink, type Window, colorsOf, markedWindow } from "./screen";
import { type Spans, hasPixel, rectSpans } from "./spans";

const ink: Ink = { fill: 1, border: 2, rim: 3, borderPx: 1, isDashed: false };
const wide = { x0: -50, y0: -50, x1: 400, y1: 400 };

interface Patch extends Window {
  readonly width: number;
  readonly height: number;
  readonly colors: Uint32Array;
}

function patchOf(spans: Spans, k: number, tx: number, ty: number, window: Window, how: Ink): Patch | null {
  const marked = markedWindow(spans, { k, tx, ty }, window, how);
  return marked && { ...marked, width: marked.x1 - marked.x0, height: marked.y1 - marked.y0, colors: colorsOf(spans, { k, tx, ty }, marked, how) };
}

/** Rows of digits, without the empty ones around. */
function shown({ width, height, colors }: Patch): string[] {
  const rows = Array.from({ length: height }, (_, y) => [...colors.subarray(y * width, (y + 1) * width)].join("")).filter((row) => /[1-9]/.test(row));
  const left = Math.min(...rows.map((row) => row.search(/[1-9]/)));
  const right = Math.max(...rows.map((row) => row.length - [...row].reverse().join("").search(/[1-9]/)));
  return rows.map((row) => row.slice(left, right));
}

describe("masks on screen", () => {
  it("have an inside, a border and a rim", () => {
    const patch = patchOf(rectSpans(2, 1, 6, 5), 1, 0, 0, wide, ink)!;
    expect([patch.x0, patch.y0, patch.x1, patch.y1]).toEqual([-1, -2, 9, 8]);
    expect(shown(patch)).toEqual(["033330", "322223", "321123", "321123", "322223", "033330"]);
  });

  it("show single pixels when large, and thin parts when small", () => {
    const set = united(rectSpans(0, 0, 1, 1), rectSpans(10, 0, 11, 90));
    const large = patchOf(set, 8, 0, 0, wide, { ...ink, rim: 0 })!;
    expect(shown(large)[0]).toMatch(/^2{8}/);
    expect(shown(large)[1]).toMatch(/^21{6}2/);
    const small = patchOf(set, 0.1, 0, 0, wide, { ...ink, rim: 0 })!;
    expect(shown(small)).toEqual(["22", "02", "02", "02", "02", "02", "02", "02", "02"]);
  });

  it("take no edge of the window for a border", () => {
    const patch = patchOf(rectSpans(0, 0, 1000, 1000), 1, 0, 0, { x0: 100, y0: 100, x1: 110, y1: 110 }, ink)!;
    expect(new Set(patch.colors)).toEqual(new Set([1]));
    expect(patchOf(rectSpans(0, 0, 50, 50), 1, 0, 0, { x0: 100, y0: 100, x1: 110, y1: 110 }, ink)).toBeNull();
  });

  it.each([1, 2, 3])("cover just the pixels of the mask at any place and scale (seed %i)", (seed) => {
    const random = seeded(seed);
    const bitmap = emptyBitmap(0, 0, 20, 20);
    bitmap.data.forEach((_, i) => (bitmap.data[i] = random() < 0.5 ? 1 : 0));
    const set = spansOfBitmap(bitmap);
    const k = 1 + random() * 9;
    const [tx, ty] = [random() * 30, random() * 30];
    const patch = patchOf(set, k, tx, ty, wide, { ...ink, rim: 0 })!;
    for (let y = 0; y < patch.height; y++) for (let x = 0; x < patch.width; x++) {
      const [i, j] = [(patch.x0 + x + 0.5 - tx) / k, (patch.y0 + y + 0.5 - ty) / k];
      expect(patch.colors[y * patch.width + x] !== 0).toBe(hasPixel(set, Math.floor(i), Math.floor(j)));
    }
  });
});
