import { expect, it } from "vitest";
import { areaPath, down, linePath, pointAt, saidOf, shareRange, type BandSeries, type Plot } from "./band";
import { nearest, pathOf, scaleOf } from "./chart";
import { ago, bytes, counted, duration, figure, percent, signed } from "./format";

it("writes numbers and times as people read them", () => {
  expect([percent(0.4231, 1), percent(null), figure(0.5), signed(-0.004), signed(0.1, 1)]).toEqual(["42.3 %", "–", "0.500", "−0.004", "+0.1"]);
  expect([duration(45_000), duration(5 * 60_000), duration(192 * 60_000), duration(5 * 86_400_000)]).toEqual(["45 s", "5 min", "3 h 12 min", "5 days"]);
  expect([duration(59.6 * 60_000), duration(119.7 * 60_000), duration(59_700)]).toEqual(["1 h 0 min", "2 h 0 min", "1 min"]);
  expect([counted(1, "item"), counted(1234, "item"), bytes(999), bytes(2_500_000)]).toEqual(["1 item", "1,234 items", "999 B", "2.5 MB"]);
  expect([ago(null, 0), ago(0, 30_000), ago(0, 3_600_000)]).toEqual(["never", "just now", "1 h ago"]);
});

it("chooses round steps that cover the values", () => {
  expect(scaleOf([0.13, 0.87]).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(scaleOf([3, 3])).toMatchObject({ from: 3 });
  expect(scaleOf([], 4, 0, 1).ticks).toEqual([0, 0.5, 1]);
});

it("draws around what is not known and reads the nearest point", () => {
  const series = { name: "ap", tone: "red", points: [{ x: 0, y: 0 }, { x: 1, y: null }, { x: 2, y: 1 }] };
  const unit = scaleOf([0, 1]);
  expect(pathOf(series, scaleOf([0, 2]), unit, 100, 50)).toBe("M0.0 50.0L100.0 0.0");
  expect(nearest([series], 1.2)[0]).toMatchObject({ x: 2, y: 1 });
});

it("draws an area there and back, keeps it within the axis, and finds the point meant", () => {
  const plot: Plot = { x: scaleOf([], 4, 0, 10), y: scaleOf([], 4, 0.5, 1), width: 100, height: 50 };
  const point = (x: number, y: number, low: number, high: number) => ({ x, y, low, high, said: `at ${x}` });
  const series: BandSeries[] = [{ name: "right", tone: "red", look: "band", points: [point(0, 0.75, 0.2, 1), point(10, 1, 0.75, 1)] }];
  expect(areaPath(series[0]!.points, plot)).toBe("M0.0 0.0L100.0 0.0L100.0 25.0L0.0 50.0Z");
  expect(areaPath(series[0]!.points.slice(0, 1), plot)).toBe("");
  expect(linePath(series[0]!.points, plot)).toBe("M0.0 25.0L100.0 0.0");
  expect(down(plot, 0)).toBe(50);
  expect(pointAt(series, plot, 90, 40)?.point.x).toBe(10);
  expect(pointAt([], plot, 0, 0)).toBeNull();
  expect(saidOf("Chart", series)).toBe("Chart. right: 2 points, last at 10");
});

it("chooses an axis for shares near one", () => {
  expect([shareRange([0.93, 0.99]), shareRange([]), shareRange([0.31]), shareRange([0.9])]).toEqual([[0.9, 1], [0.95, 1], [0.3, 1], [0.9, 1]]);
});
