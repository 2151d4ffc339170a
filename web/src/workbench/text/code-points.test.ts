import { describe, expect, it } from "vitest";
import { seeded } from "../../engine/testing";
import { CodePoints } from "./code-points";

const SIGNS = ["a", "é", "e\u0301", "中", "😀", "👩‍👩‍👧", "🇩🇪", "ا", "ש", "\n", "\r\n", " ", "𝔘", "\u200d", "नि", "\ud800"];

function anyText(random: () => number, length: number): string {
  return Array.from({ length }, () => SIGNS[Math.floor(random() * SIGNS.length)]!).join("");
}

describe("offsets", () => {
  it("change their unit and back as the text's own iteration has it", () => {
    const random = seeded(7);
    for (let round = 0; round < 400; round++) {
      const text = anyText(random, Math.floor(random() * 60));
      const points = new CodePoints(text);
      const signs = [...text];
      expect(points.count).toBe(signs.length);
      let unit = 0;
      signs.forEach((sign, point) => {
        expect([points.toUnit(point), points.toPoint(unit)]).toEqual([unit, point]);
        // Inside of a pair is that pair.
        if (sign.length === 2) expect(points.toPoint(unit + 1)).toBe(point);
        unit += sign.length;
      });
      expect([points.toUnit(signs.length), points.toPoint(text.length)]).toEqual([text.length, signs.length]);
    }
  });

  it("give the same text by units as by code points", () => {
    const random = seeded(8);
    for (let round = 0; round < 400; round++) {
      const text = anyText(random, 5 + Math.floor(random() * 40));
      const points = new CodePoints(text);
      const signs = [...text];
      const [a, b] = [Math.floor(random() * points.count), Math.floor(random() * points.count)].sort((x, y) => x - y) as [number, number];
      const span = { start: a, end: b + 1 };
      const stretch = points.stretchOf(span);
      expect(text.slice(stretch.start, stretch.end)).toBe(signs.slice(span.start, span.end).join(""));
      expect(points.spanOf(stretch)).toEqual(span);
    }
  });

  it("take the whole of a pair that a stretch cuts", () => {
    const points = new CodePoints("a😀b😀");
    expect(points.spanOf({ start: 2, end: 5 })).toEqual({ start: 1, end: 4 });
    expect(points.spanOf({ start: 1, end: 2 })).toEqual({ start: 1, end: 2 });
  });
});
