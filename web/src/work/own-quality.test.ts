import { describe, expect, it } from "vitest";
import type { DayOfQuality, OwnQuality } from "../api/own-quality";
import { dailyLines, paceOf, restsOn } from "./own-quality";

const day = (name: string, rest: Partial<DayOfQuality> = {}): DayOfQuality => ({ day: name, decisions: 20, agreement: 0.9, gold_right: 0, gold_total: 0, ...rest });
const interval = { value: 0.9, low: 0.8, high: 0.95 };
const own = (rest: Partial<OwnQuality> = {}): OwnQuality => ({
  skill: { skill: interval, per_class: {}, gold: { right: 8, total: 10 }, agreement: 0.9, is_enough: true, submissions: 12, objects: 80 },
  series: [], submissions: 12, active_ms: 1, skips: 0, median_ms: 20_000, project_median_ms: 30_000,
  standing: { state: "active", reason: "", tier: 0 }, consequences: [],
  course: { state: "none", tries_left: 0, lessons_done: 0, lessons: 0, exam_right: 0, exam_total: 0 },
  ...rest,
});

describe("the days of one's work", () => {
  it("are counted backwards from the last one", () => {
    const lines = dailyLines([day("2026-03-01"), day("2026-03-04", { agreement: 0.5 })])!;
    expect(lines.series).toHaveLength(1);
    expect(lines.series[0]!.points).toEqual([{ x: -3, y: 0.9 }, { x: 0, y: 0.5 }]);
  });

  it("make no line out of one day, or of days that say nothing", () => {
    expect(dailyLines([])).toBeNull();
    expect(dailyLines([day("2026-03-01")])).toBeNull();
    expect(dailyLines([day("2026-03-01"), day("2026-03-02", { decisions: 2 })])).toBeNull();
  });

  it("show known answers as a line of their own", () => {
    const lines = dailyLines([day("2026-03-01", { gold_right: 1, gold_total: 2 }), day("2026-03-02", { gold_right: 3, gold_total: 3 })])!;
    expect(lines.series[1]!.points.map((p) => p.y)).toEqual([0.5, 1]);
  });
});

describe("what a skill rests on", () => {
  it("says so where nothing is known", () => {
    expect(restsOn(own({ skill: null }))).toContain("Nothing is known yet");
  });

  it("names known answers apart, and little evidence as such", () => {
    expect(restsOn(own())).toContain("10 hidden known answers, of which 8");
    expect(restsOn(own({ skill: { ...own().skill!, is_enough: false } }))).toContain("first impression");
  });
});

it("tells the own pace beside everybody's", () => {
  expect(paceOf(own())).toEqual({ value: "20 s", note: "everybody's: 30 s" });
  expect(paceOf(own({ median_ms: null })).value).toBe("–");
});
