/** Targets, audits, consequences and gold, by the wire's names. */
import type { Interval } from "./console-types";

export type Signal = "spam" | "copying" | "straight_lining" | "too_fast" | "drift" | "gold";
export type ConsequenceKind = "tell" | "more_gold" | "requalify" | "pause";

export interface QualityPolicy {
  asking: "fixed" | "adaptive";
  /** Expected share of objects that are right. */
  target: number | null;
  /** All judgements of the project. */
  budget_judgements: number | null;
  least_judgements: number;
  most_judgements: number;
  /** How long a doubtful task waits for skilled people. */
  reserve_s: number;
  rate_per_hour: number | null;
  currency: string;
  /** Answers after which a known answer is not handed out any more. */
  retire_gold_after: number | null;
  consequences: Record<Signal, "off" | ConsequenceKind>;
  course: { is_required: boolean; exam_tasks: number; pass_share: number; tries: number };
}

export interface VersionedPolicy {
  version: number;
  policy: QualityPolicy;
}

export interface TargetReport {
  policy: QualityPolicy;
  tasks: number;
  done: number;
  judgements: number;
  judgements_per_task: number | null;
  reviews: number;
  /** Share of objects that are right, as far as the posteriors tell. */
  expected: Interval | null;
  /** Finished tasks that are worse than the target allows. */
  ambiguous: number;
  budget_left: number | null;
  forecast: { judgements: number; hours: number; cost: number | null } | null;
  cost: { total: number | null; per_label: number | null; per_label_low: number | null; per_label_high: number | null; hours: number; currency: string | null } | null;
}

/** People alike in a simulation. */
export interface CrowdGroup {
  /** Probability that a decision is right. */
  skill: number;
  seconds: number;
  count: number;
}

export interface SimulationRequest {
  policy: QualityPolicy | null;
  /** Null: as learnt in the project. */
  crowd: readonly CrowdGroup[] | null;
  tasks: number;
  seed: number;
}

export interface SimulatedPoint {
  name: string;
  is_adaptive: boolean;
  threshold: number | null;
  judgements_per_task: number;
  accuracy: Interval;
  cost: number | null;
  is_chosen: boolean;
}

export interface Simulation {
  points: SimulatedPoint[];
  crowd: CrowdGroup[];
  note: string;
}

export type AuditState = "running" | "proved" | "refuted" | "stopped";

export interface AuditReading {
  reviewed: number;
  objects: number;
  value: number;
  low: number;
  high: number;
}

export interface AuditFinding {
  task_id: string;
  item_id: string;
  item_name: string;
  right: number;
  wrong: number;
  missed: number;
}

export interface Audit {
  audit_id: string;
  state: AuditState;
  target: number;
  confidence: number;
  /** Reviews at most. */
  planned: number;
  /** What reviewers were asked about so far. */
  drawn: number;
  /** Looked at, in the order drawn and without a gap. */
  reviewed: number;
  objects: number;
  right: number;
  /** Share that is right, over all objects of the project. */
  value: number | null;
  low: number | null;
  high: number | null;
  curve: AuditReading[];
  sentence: string;
  created_ms: number;
  ended_ms: number | null;
  findings: AuditFinding[];
}

export interface EvidenceNumber {
  name: string;
  value: number | string | null;
  /** What is usual among the others. */
  usual: number | string | null;
}

export interface Appeal {
  text: string;
  at_ms: number;
  verdict: "granted" | "upheld" | null;
  answer: string | null;
  answered_by: string | null;
  answered_ms: number | null;
}

export interface ConsequenceEvent {
  kind: "raised" | "appealed" | "granted" | "upheld" | "lifted";
  /** Name of who did it; null for the policy. */
  by: string | null;
  text: string;
  at_ms: number;
}

export interface Consequence {
  consequence_id: string;
  project_id: string;
  member_id: string;
  name: string;
  kind: ConsequenceKind;
  signal: Signal | "manual";
  state: "active" | "appealed" | "lifted" | "upheld";
  evidence: { sentence: string; numbers: EvidenceNumber[]; task_ids: string[]; other_member_id: string | null };
  created_ms: number;
  /** Name of who decided it; null where the policy did. */
  created_by: string | null;
  appeal: Appeal | null;
  /** Oldest first. */
  history: ConsequenceEvent[];
}

export interface GoldTask {
  task_id: string;
  item_id: string;
  item_name: string;
  uses: number;
  right: number;
  total: number;
  by_skilled: { right: number; total: number };
  is_doubtful: boolean;
  doubt: string | null;
  is_leaked: boolean;
  leak: string | null;
  is_retired: boolean;
}

export interface Course {
  lessons: { task_id: string; text: string }[];
  exam: string[];
}
