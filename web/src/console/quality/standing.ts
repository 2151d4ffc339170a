/** Where a project stands against its target, in a sentence. */
import type { TargetReport } from "../../api/quality-types";
import { msg } from "../../engine/text";
import { counted, percent } from "../kit/format";

export interface Standing {
  readonly tone: "plain" | "good" | "warn" | "bad";
  readonly title: string;
  readonly text: string;
}

export function standingOf(report: TargetReport): Standing {
  const { expected, policy } = report;
  const open = report.tasks - report.done;
  if (!expected) return { tone: "plain", title: msg`Nothing to tell yet`, text: msg`As soon as labels are resolved, this tells how many of them are expected to be right.` };
  const range = msg`${percent(expected.low, 1)} to ${percent(expected.high, 1)}`;
  if (policy.target === null) return { tone: "plain", title: msg`${percent(expected.value, 1)} of the objects are expected to be right`, text: msg`Probably ${range}. No target is stated: state one, and goldsmith asks for judgements where they are worth it.` };
  const goal = percent(policy.target, 1);
  if (expected.low >= policy.target) return { tone: "good", title: msg`The target of ${goal} is met, as far as the labels tell`, text: msg`Expected: ${range}. An audit proves it to others.` };
  if (expected.value >= policy.target) return { tone: "warn", title: msg`About at the target of ${goal}`, text: msg`Expected: ${range}. ${rest(report, open)}` };
  if (expected.high >= policy.target) return { tone: "warn", title: msg`A little below the target of ${goal}`, text: msg`Expected: ${range}. ${rest(report, open)}` };
  return { tone: "bad", title: msg`Below the target of ${goal}`, text: msg`Expected: ${range}. ${rest(report, open)}` };
}

/** What would help. */
function rest(report: TargetReport, open: number): string {
  if (report.budget_left === 0) return msg`The budget is used up: raise it, or let reviewers decide what is in doubt.`;
  if (open > 0) return msg`${counted(open, "task")} still open.`;
  if (report.policy.asking === "fixed") return msg`All tasks are done: ask for more opinions, or switch to asking where it is worth it.`;
  return msg`All tasks are done: raise the most judgements a task, or let reviewers decide what is in doubt.`;
}

/** Share of the budget that is used; null without one. */
export const budgetUsed = (report: TargetReport): number | null =>
  report.budget_left === null || report.policy.budget_judgements === null ? null : 1 - report.budget_left / Math.max(1, report.policy.budget_judgements);
