/** The quality policy as its form holds it: shares as per cent, seconds as minutes, "none" as a tick. */
import type { ConsequenceKind, QualityPolicy, Signal, VersionedPolicy } from "../../api/quality-types";
import { msg } from "../../engine/text";

const percentOf = (share: number): number => Math.round(share * 10_000) / 100;
const shareFrom = (percent: number): number => Math.round(percent * 100) / 10_000;

export class PolicyDraft {
  asking = $state<QualityPolicy["asking"]>("fixed");
  hasTarget = $state(false);
  targetPercent = $state(95);
  hasBudget = $state(false);
  budget = $state(1000);
  least = $state(2);
  most = $state(5);
  reserveMin = $state(60);
  hasRate = $state(false);
  rate = $state(15);
  currency = $state("EUR");
  goldWears = $state(false);
  goldUses = $state(50);
  consequences = $state<Record<Signal, "off" | ConsequenceKind>>({ spam: "tell", copying: "tell", straight_lining: "tell", too_fast: "tell", drift: "tell", gold: "tell" });
  courseRequired = $state(false);
  examTasks = $state(10);
  passPercent = $state(80);
  tries = $state(3);
  readonly #before: string;

  constructor(readonly saved: VersionedPolicy) {
    const { policy } = saved;
    this.asking = policy.asking;
    this.hasTarget = policy.target !== null;
    if (policy.target !== null) this.targetPercent = percentOf(policy.target);
    this.hasBudget = policy.budget_judgements !== null;
    if (policy.budget_judgements !== null) this.budget = policy.budget_judgements;
    this.least = policy.least_judgements;
    this.most = policy.most_judgements;
    this.reserveMin = Math.round(policy.reserve_s / 60);
    this.hasRate = policy.rate_per_hour !== null;
    if (policy.rate_per_hour !== null) this.rate = policy.rate_per_hour;
    this.currency = policy.currency;
    this.goldWears = policy.retire_gold_after !== null;
    if (policy.retire_gold_after !== null) this.goldUses = policy.retire_gold_after;
    this.consequences = { ...this.consequences, ...policy.consequences };
    this.courseRequired = policy.course.is_required;
    this.examTasks = policy.course.exam_tasks;
    this.passPercent = percentOf(policy.course.pass_share);
    this.tries = policy.course.tries;
    this.#before = JSON.stringify(this.body);
  }

  get body(): QualityPolicy {
    return {
      ...this.saved.policy,
      asking: this.asking,
      target: this.hasTarget ? shareFrom(this.targetPercent) : null,
      budget_judgements: this.hasBudget ? Math.round(this.budget) : null,
      least_judgements: Math.round(this.least),
      most_judgements: Math.round(this.most),
      reserve_s: Math.round(this.reserveMin * 60),
      rate_per_hour: this.hasRate ? this.rate : null,
      currency: this.currency.trim().toUpperCase(),
      retire_gold_after: this.goldWears ? Math.round(this.goldUses) : null,
      consequences: $state.snapshot(this.consequences),
      course: { is_required: this.courseRequired, exam_tasks: Math.round(this.examTasks), pass_share: shareFrom(this.passPercent), tries: Math.round(this.tries) },
    };
  }

  get isChanged(): boolean {
    return JSON.stringify(this.body) !== this.#before;
  }

  /** Why it cannot be saved as it stands; null when it can. */
  get fault(): string | null {
    if (this.least > this.most) return msg`The least number of judgements is above the most.`;
    if (this.hasTarget && (this.targetPercent < 50 || this.targetPercent > 99.99)) return msg`A target lies between 50 and 99.99 %.`;
    if (this.asking === "adaptive" && !this.hasTarget && !this.hasBudget) return msg`Asking where it is worth it needs a target, or a budget, or both.`;
    if (!/^[A-Za-z]{3}$/.test(this.currency.trim())) return msg`A currency is three letters, such as EUR.`;
    return null;
  }
}
