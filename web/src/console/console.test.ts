import { expect, it } from "vitest";
import type { Comparison, Job } from "../api/console-types";
import { CutForm } from "./datasets/cut-form.svelte";
import { curveSeries, rowShare, verdictText } from "./evaluations/numbers";
import { progressText, shareDone } from "./jobs/job-names";
import { pageOf } from "./lineage/links";
import { mayChange, rolesUpTo } from "./settings/roles";

const job: Job = {
  job_id: "job_1", workspace_id: "wsp_1", kind: "items.import", subject: "", state: "running", attempt: 1, max_attempts: 3, done: 120, total: 400, message: "",
  rate_per_s: 8, eta_ms: 35_000, is_cancel_requested: false, result: null, error: null, created_by: null, created_ms: 0, started_ms: 0, finished_ms: null,
};

it("tells how far a job is", () => {
  expect([progressText(job), shareDone(job)]).toEqual(["120 of 400, 35 s left", 0.3]);
  expect(progressText({ ...job, state: "done" })).toMatch(/^400 of 400/);
  expect(progressText({ ...job, state: "failed", error: { code: "x", detail: "The disk is full." } })).toBe("The disk is full.");
  expect(shareDone({ ...job, total: null })).toBeNull();
});

it("says a comparison's verdict in words", () => {
  const c: Comparison = { metric: "ap50", this: 0.5, other: 0.4, difference: { value: 0.1, low: 0.05, high: 0.15 }, probability_better: 1, verdict: "better", classes: {} };
  expect(verdictText(c, "B", "A")).toBe("B is better than A: +0.100 AP50 (95 % interval +0.050 to +0.150).");
  expect(verdictText({ ...c, verdict: "inconclusive", probability_better: 0.7 }, "B", "A")).toContain("do not tell B and A apart");
});

it("cuts curves where recall ends, and shares rows of the confusion", () => {
  const none = { value: null, low: null, high: null };
  const curve = curveSeries([{ class_id: "a", name: "A", gold: 2, ap: none, ap50: none, precision_curve: [1, 0.5, 0, 0, 0] }, { class_id: "b", name: "B", gold: 0, ap: none, ap50: none, precision_curve: [] }]);
  expect(curve.map((s) => s.points)).toEqual([[{ x: 0, y: 1 }, { x: 0.25, y: 0.5 }]]);
  expect([rowShare([[3, 1], [0, 0]], 0, 0), rowShare([[3, 1], [0, 0]], 1, 0)]).toEqual([0.75, null]);
});

it("makes the policy of a version whose shares add up", () => {
  const form = new CutForm();
  expect(form.fault).toBe("Choose a project.");
  form.projectIds = ["prj_1"];
  form.trainPercent = 70;
  expect(form.fault).toBeNull();
  expect(form.policy.split.fractions).toEqual({ train: 0.7, validation: 0.2, test: 0.1 });
  form.validationPercent = 40;
  expect(form.fault).toContain("100");
});

it("links things of a lineage to their pages", () => {
  expect(pageOf({ kind: "run", id: "run_1", detail: {} })).toBe("/runs/run_1");
  expect(pageOf({ kind: "member", id: "mem_1", detail: {} })).toBeNull();
});

it("offers roles up to one's own", () => {
  expect(rolesUpTo("manager").map((r) => r.value)).toEqual(["manager", "reviewer", "annotator", "viewer"]);
  expect([mayChange("manager", "owner"), mayChange("manager", "reviewer"), mayChange("owner", "owner")]).toEqual([false, true, true]);
});
