import { expect, it } from "vitest";
import type { AnnotatorQuality } from "../../api/console-types";
import type { Audit, Consequence, GoldTask, QualityPolicy, SimulatedPoint, TargetReport } from "../../api/quality-types";
import { auditRange, auditSeries, auditShare, found, readings } from "./audit";
import { CoursePlan } from "./course-plan.svelte";
import { goldCounts, goldIn } from "./gold";
import { matrixOf } from "./pairs";
import { peopleOf, shareOfCounts, sorted } from "./people";
import { PolicyDraft } from "./policy-draft.svelte";
import { crowdFault, saving, simulatedRange, simulatedSeries } from "./simulation";
import { budgetUsed, standingOf } from "./standing";
import { ANSWERS, evidenceText, money, priceRange, signalName } from "./words";

const policy: QualityPolicy = {
  asking: "fixed", target: null, budget_judgements: null, least_judgements: 2, most_judgements: 5, reserve_s: 3600, rate_per_hour: null, currency: "EUR", retire_gold_after: null,
  consequences: { spam: "tell", copying: "tell", straight_lining: "tell", too_fast: "tell", drift: "tell", gold: "tell" },
  course: { is_required: false, exam_tasks: 10, pass_share: 0.8, tries: 3 },
};
const report = (change: Partial<TargetReport> = {}): TargetReport => ({
  policy, tasks: 100, done: 40, judgements: 90, judgements_per_task: 2.1, reviews: 3, expected: { value: 0.94, low: 0.92, high: 0.96 }, ambiguous: 2, budget_left: null, forecast: null, cost: null, ...change,
});
const consequence = (id: string, change: Partial<Consequence> = {}): Consequence => ({
  consequence_id: id, project_id: "p", member_id: "a", name: "Ada", kind: "tell", signal: "spam", state: "active", evidence: { sentence: "", numbers: [], task_ids: [], other_member_id: null }, created_ms: 1, created_by: null, appeal: null, history: [], ...change,
});
const point = (name: string, is_adaptive: boolean, judgements_per_task: number, value: number, change: Partial<SimulatedPoint> = {}): SimulatedPoint => ({
  name, is_adaptive, threshold: null, judgements_per_task, accuracy: { value, low: value - 0.01, high: value + 0.01 }, cost: null, is_chosen: false, ...change,
});

it("lays pairs out as a square, best agreeing first", () => {
  const pair = (first: string, second: string, f1: number) => ({ first, second, f1, mean_iou: 0.8, items: 10 });
  const matrix = matrixOf([pair("a", "b", 0.4), pair("b", "c", 0.9), pair("a", "c", 0.5)], [{ member_id: "b", name: "Ben" }]);
  expect(matrix.ids).toEqual(["c", "b", "a"]);
  expect(matrix.names[1]).toBe("Ben");
  expect([matrix.at(0, 0), matrix.at(2, 1)?.f1, matrix.at(1, 2)?.f1]).toEqual([null, 0.4, 0.4]);
});

it("says where the project stands against its target", () => {
  expect(standingOf(report({ expected: null })).title).toBe("Nothing to tell yet");
  expect(standingOf(report()).title).toBe("94.0 % of the objects are expected to be right");
  const at = (target: number, change: Partial<TargetReport> = {}) => standingOf(report({ policy: { ...policy, target }, ...change }));
  expect([at(0.91), at(0.93), at(0.95), at(0.99)].map((s) => s.tone)).toEqual(["good", "warn", "warn", "bad"]);
  expect(at(0.95).title).toBe("A little below the target of 95.0 %");
  expect(at(0.99).text).toContain("60 tasks still open");
  expect(at(0.99, { budget_left: 0 }).text).toContain("budget is used up");
  expect(at(0.99, { done: 100 }).text).toContain("more opinions");
  expect(standingOf(report({ done: 100, policy: { ...policy, target: 0.99, asking: "adaptive" } })).text).toContain("raise the most");
});

it("tells how much of a budget is used", () => {
  expect(budgetUsed(report())).toBeNull();
  expect(budgetUsed(report({ budget_left: 50, policy: { ...policy, budget_judgements: 200 } }))).toBe(0.75);
});

it("keeps a policy as its form shows it and back", () => {
  const full: QualityPolicy = { ...policy, asking: "adaptive", target: 0.975, budget_judgements: 400, rate_per_hour: 12.5, retire_gold_after: 40, reserve_s: 1800, course: { is_required: true, exam_tasks: 5, pass_share: 0.85, tries: 2 } };
  for (const each of [policy, full]) {
    const draft = new PolicyDraft({ version: 3, policy: each });
    expect(draft.body).toEqual(each);
    expect([draft.isChanged, draft.fault]).toEqual([false, null]);
  }
  const draft = new PolicyDraft({ version: 1, policy });
  draft.asking = "adaptive";
  expect([draft.isChanged, draft.fault !== null]).toEqual([true, true]);
  draft.hasTarget = true;
  draft.consequences.spam = "pause";
  expect([draft.fault, draft.body.target, draft.body.consequences.spam]).toEqual([null, 0.95, "pause"]);
  draft.least = 9;
  expect(draft.fault).toContain("least");
  draft.least = 2;
  draft.currency = "euros";
  expect(draft.fault).toContain("three letters");
});

it("puts those who need a look first, then the most skilled", () => {
  const person = (member_id: string, value: number) => ({ member_id, name: member_id, skill: { value, low: value, high: value } }) as AnnotatorQuality;
  const people = peopleOf([person("a", 0.9), person("b", 0.6), person("c", 0.95), person("d", 0.5)], [
    consequence("1", { member_id: "b", kind: "pause", state: "appealed" }), consequence("2", { member_id: "d", kind: "pause" }), consequence("3", { member_id: "c", state: "lifted" }),
  ]);
  expect(people.map((p) => p.quality.member_id)).toEqual(["b", "d", "c", "a"]);
  expect(people.map((p) => [p.isPaused, p.hasAppeal, p.consequences.length])).toEqual([[true, true, 1], [true, false, 1], [false, false, 0], [false, false, 0]]);
  const lists = sorted([consequence("1"), consequence("2", { created_ms: 5, state: "upheld" }), consequence("3", { state: "lifted" }), consequence("4", { state: "appealed" })]);
  expect([lists.appeals, lists.inForce, lists.over].map((l) => l.map((c) => c.consequence_id))).toEqual([["4"], ["2", "1"], ["3"]]);
});

it("gives counted shares an interval that stays within them", () => {
  expect(shareOfCounts(0, 0)).toBeNull();
  const none = shareOfCounts(0, 5)!;
  expect([none.value, none.low]).toEqual([0, 0]);
  expect(none.high).toBeCloseTo(0.247, 2);
  const all = shareOfCounts(20, 20)!;
  expect(all.high).toBeCloseTo(1, 9);
  expect(all.low).toBeGreaterThan(0.9);
});

it("draws choices by cost or by judgements, and says what the chosen one saves", () => {
  const points = [point("fixed 1", false, 1, 0.8), point("fixed 3", false, 3, 0.95), point("adaptive 0.9", true, 2.1, 0.951, { is_chosen: true }), point("adaptive 0.8", true, 1.5, 0.9)];
  const [fixed, adaptive] = simulatedSeries(points, "judgements", "EUR");
  expect(fixed!.points.map((p) => [p.x, p.tag])).toEqual([[1, "1"], [3, "3"]]);
  expect(adaptive!.points.map((p) => [p.x, p.isMarked ?? false])).toEqual([[1.5, false], [2.1, true]]);
  expect(adaptive!.points[1]!.said).toBe("adaptive 0.9: 95.1 % right (94.1 % to 96.1 %), 2.10 judgements a task");
  expect(simulatedSeries(points, "cost", "EUR").flatMap((s) => s.points)).toEqual([]);
  expect(simulatedRange(points, 0.99)).toEqual([0.75, 1]);
  expect(saving(points)).toMatchObject({ than: { name: "fixed 3" } });
  expect(saving(points)!.share).toBeCloseTo(0.3);
  expect(saving(points.slice(0, 2))).toBeNull();
});

it("refuses a crowd that cannot be", () => {
  expect(crowdFault([{ skill: 0.9, seconds: 5, count: 3 }])).toBeNull();
  expect([crowdFault([]), crowdFault([{ skill: 1.2, seconds: 5, count: 1 }]), crowdFault([{ skill: 0.9, seconds: -1, count: 1 }]), crowdFault([{ skill: 0.9, seconds: 1, count: 201 }])].every((f) => f !== null)).toBe(true);
});

it("draws an audit closing in, and lists what was found, most first", () => {
  const curve = [[1, 0.4, 1], [2, 0.6, 1], [3, 0.82, 0.99], [4, 0.87, 0.98]].map(([reviewed, low, high]) => ({ reviewed: reviewed!, objects: reviewed! * 5, value: 0.95, low: low!, high: high! }));
  const finding = (task_id: string, wrong: number, missed: number) => ({ task_id, item_id: "i", item_name: task_id, right: 3, wrong, missed });
  const audit: Audit = {
    audit_id: "x", state: "running", target: 0.9, confidence: 0.95, planned: 20, drawn: 8, reviewed: 4, objects: 20, right: 19, value: 0.95, low: 0.87, high: 0.98, curve, sentence: "", created_ms: 0, ended_ms: null,
    findings: [finding("a", 0, 0), finding("b", 1, 0), finding("c", 1, 2)],
  };
  expect(auditSeries(audit)[0]!.points[3]).toMatchObject({ x: 4, low: 0.87, said: "after 4 tasks, 20 objects: 95.0 % right, 87.0 % to 98.0 %" });
  expect(auditRange(audit)).toEqual([0.6, 1]);
  expect(auditShare(audit)).toBe(0.2);
  expect(found(audit.findings).map((f) => f.task_id)).toEqual(["c", "b"]);
  expect(readings([1, 2, 3])).toEqual([1, 2, 3]);
  expect(readings(Array.from({ length: 100 }, (_, i) => i), 4)).toEqual([0, 33, 66, 99]);
});

it("sorts known answers by what is to be done about them", () => {
  const gold = (task_id: string, change: Partial<GoldTask> = {}): GoldTask => ({
    task_id, item_id: "i", item_name: task_id, uses: 4, right: 4, total: 4, by_skilled: { right: 2, total: 2 }, is_doubtful: false, doubt: null, is_leaked: false, leak: null, is_retired: false, ...change,
  });
  const list = [gold("a"), gold("b", { right: 1 }), gold("c", { is_doubtful: true }), gold("d", { is_retired: true, is_doubtful: true }), gold("e", { is_leaked: true })];
  expect(goldIn(list, "all").map((g) => g.task_id)).toEqual(["c", "e", "b", "a"]);
  expect(goldCounts(list)).toEqual({ all: 4, doubtful: 1, leaked: 1, retired: 1 });
});

it("plans a course out of known answers", () => {
  const saved = { lessons: [{ task_id: "a", text: "look" }], exam: ["b"] };
  const plan = new CoursePlan(saved);
  expect([plan.body, plan.isChanged]).toEqual([saved, false]);
  plan.put("b", "lesson");
  plan.texts["b"] = " closer ";
  plan.put("a", "none");
  expect(plan.body).toEqual({ lessons: [{ task_id: "b", text: "closer" }], exam: [] });
  expect(plan.isChanged).toBe(true);
});

it("writes money and evidence no longer than they are known", () => {
  expect([money(1234.5, "EUR"), money(0.0312, "EUR"), money(null, "EUR"), money(2, "??")]).toEqual(["€1,234.50", "€0.0312", "–", "2.00 ??"]);
  expect([evidenceText(0.12345), evidenceText(12), evidenceText(null), evidenceText("many")]).toEqual(["0.123", "12", "–", "many"]);
  expect(signalName("manual")).toBe("Decided by a person");
  expect(ANSWERS.map((a) => a.value)).toEqual(["off", "tell", "more_gold", "requalify", "pause"]);
});

it("says between which prices a label lies, where that is known", () => {
  const cost = { total: 20, per_label: 0.2, per_label_low: 0.195, per_label_high: 0.205, hours: 1, currency: "EUR" };
  expect(priceRange(cost)).toBe("€0.195 to €0.205");
  expect([priceRange({ ...cost, per_label_low: null, per_label_high: null }), priceRange({ ...cost, per_label_low: 0.2, per_label_high: 0.2 })]).toEqual([undefined, undefined]);
});
