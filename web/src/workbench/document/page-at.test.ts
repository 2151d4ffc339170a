import { describe, expect, it } from "vitest";
import { pageAt } from "./page-at";

describe("pageAt", () => {
  const areas = [
    { top: 0, width: 100, height: 200 },
    { top: 232, width: 120, height: 50 },
    { top: 314, width: 100, height: 100 },
  ];

  it("is the page that a height is on, or the nearer one", () => {
    expect([-5, 0, 199, 215, 216, 232, 281, 330, 9999].map((y) => pageAt(areas, y))).toEqual([0, 0, 0, 0, 1, 1, 1, 2, 2]);
  });

  it("is the first where there is none", () => {
    expect(pageAt([], 7)).toBe(0);
  });
});
