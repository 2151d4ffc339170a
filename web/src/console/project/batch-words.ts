/** What the list of batches says of one. */
import type { Batch } from "../../api/console-types";
import { msg } from "../../engine/text";

/** Tasks in these states ask for something. */
const UNFINISHED = ["open", "resolving", "review"] as const;

export type BatchStatus = Batch["state"] | "completed";

export interface BatchKind {
  readonly name: string;
  /** What it is for. */
  readonly meaning: string;
}

const kinds: Readonly<Record<string, BatchKind>> = {
  production: { name: msg`production`, meaning: msg`Work as it is delivered` },
  calibration: { name: msg`calibration`, meaning: msg`A few tasks to try the instructions on, before the many` },
  self_label: { name: msg`self-label`, meaning: msg`Labelled by the team that gave the project, to see what it asks for` },
};

/** The kind that a script of the task API gave a batch; null for those made otherwise, which have none. */
export function kindOf(batch: Batch): BatchKind | null {
  return batch.origin["kind"] === "scale_v1" ? (kinds[String(batch.origin["batch"])] ?? null) : null;
}

export const tasksOf = (batch: Batch): number => Object.values(batch.states).reduce<number>((sum, n) => sum + (n ?? 0), 0);

/** A batch that is handed out is completed when none of its tasks asks for anything any more. */
export function statusOf(batch: Batch): BatchStatus {
  const isUnderWay = UNFINISHED.some((state) => (batch.states[state] ?? 0) > 0);
  return batch.state === "open" && tasksOf(batch) > 0 && !isUnderWay ? "completed" : batch.state;
}

export const statusNames: Readonly<Record<BatchStatus, string>> = {
  staging: msg`staged`, open: msg`open`, paused: msg`paused`, cancelled: msg`cancelled`, completed: msg`completed`,
};

/** In the colours of states. */
export const statusTones: Readonly<Record<BatchStatus, string>> = { staging: "waiting", open: "active", paused: "paused", cancelled: "cancelled", completed: "done" };
