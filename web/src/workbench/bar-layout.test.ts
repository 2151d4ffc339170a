import { expect, it } from "vitest";
import { barLayout } from "./bar-layout";

const BOXES = [8, 1, 2, 4, 2, 2];
const EVERYTHING = [18, 7, 2, 4, 2, 2];

it("is one column of large buttons where there is room", () => {
  expect(barLayout(BOXES, 1000, false)).toEqual({ size: "large", columns: 1 });
  expect(barLayout(BOXES, 1200, true)).toEqual({ size: "large", columns: 1 });
});

it("gets smaller buttons first, then more columns, so that all are in sight", () => {
  expect(barLayout(BOXES, 680, false)).toEqual({ size: "normal", columns: 1 });
  expect(barLayout(EVERYTHING, 1160, false)).toEqual({ size: "normal", columns: 1 });
  expect(barLayout(EVERYTHING, 680, false)).toEqual({ size: "normal", columns: 2 });
  expect(barLayout(EVERYTHING, 680, true)).toEqual({ size: "normal", columns: 3 });
});

it("gives up at three columns: the bar scrolls then", () => expect(barLayout(EVERYTHING, 100, false).columns).toBe(3));
