import { describe, expect, it } from "vitest";
import type { DayOfQuality, OwnQuality } from "../api/own-quality";
import type { Consequence } from "../api/quality-types";
import { dailyLines, figuresOf, isFresh, liftedWith, paceOf, pauseText, restsOn } from "./own-quality";

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

const DAY_MS = 86_400_000;
const paused = (rest: Partial<Consequence> = {}): Consequence => ({
  consequence_id: "csq_1", project_id: "prj_1", member_id: "mem_1", name: "Dee", kind: "pause", signal: "manual", state: "active",
  evidence: { sentence: "Loose boxes.", numbers: [], task_ids: [], other_member_id: null }, created_ms: 0, created_by: "a manager", appeal: null,
  history: [{ kind: "raised", by: "a manager", text: "Loose boxes.", at_ms: 0 }], ...rest,
});

describe("a pause", () => {
  it("says what it means where a card says why, and why where none does", () => {
    const standing = { state: "paused", reason: "Ask Ada.", tier: 0 } as const;
    expect(pauseText(own({ standing, consequences: [paused()] }))).toContain("until it is lifted");
    expect(pauseText(own({ standing, consequences: [paused({ state: "lifted" })] }))).toBe("Ask Ada.");
  });

  it("that ended is news for a week, with what was said", () => {
    const lifted = paused({ state: "lifted", history: [{ kind: "lifted", by: "a manager", text: "We have talked.", at_ms: 20 * DAY_MS }] });
    expect(isFresh([lifted], 22 * DAY_MS)).toBe(true);
    expect(isFresh([lifted], 30 * DAY_MS)).toBe(false);
    expect(isFresh([], 0)).toBe(false);
    expect(liftedWith(lifted)?.text).toBe("We have talked.");
    expect(liftedWith(paused())).toBeNull();
  });
});

it("counts known answers only where some were met", () => {
  expect(figuresOf(own()).at(-1)).toEqual({ name: "Known answers", value: "80 %", note: "8 of 10 right" });
  expect(figuresOf(own({ skill: null, skips: 2 })).map((f) => [f.name, f.note])).toEqual([["Tasks", "2 skipped"], ["Time", "breaks left out"], ["A task", "everybody's: 30 s"]]);
});

it("tells the own pace beside everybody's", () => {
  expect(paceOf(own())).toEqual({ value: "20 s", note: "everybody's: 30 s" });
  expect(paceOf(own({ median_ms: null })).value).toBe("–");
});
