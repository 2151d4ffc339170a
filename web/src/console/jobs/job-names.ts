/** Background jobs in words. */
import type { Job } from "../../api/console-types";
import { count, duration, titled } from "../kit/format";
import { msg } from "../../engine/text";

const NAMES: Readonly<Record<string, string>> = {
  "items.import": msg`Import`, "items.tiles": msg`Cut a huge image into tiles`, "items.change": msg`Change many items`, "quality.resolve": msg`Resolve labels`, "quality.signals": msg`Look for signals`, "quality.audit": msg`Follow audits`, "datasets.cut": msg`Cut dataset version`, "datasets.export": msg`Export dataset version`,
  "training.run": msg`Train`, "training.prelabel": msg`Pre-label`, "evaluation.measure": msg`Evaluate`, "evaluation.send": msg`Send to labelling`,
};

export const jobName = (kind: string): string => NAMES[kind] ?? kind.replace(/[._]/g, " ");

export const isOpen = (job: Pick<Job, "state">): boolean => job.state === "queued" || job.state === "running";

export const shareDone = (job: Job): number | null => (job.state === "done" ? 1 : job.total ? Math.min(1, job.done / job.total) : null);

/** "120 of 400, 35 s left" */
export function progressText(job: Job): string {
  if (job.is_cancel_requested && isOpen(job)) return msg`Ending…`;
  if (job.state === "queued") return job.error ? msg`Waits to be tried again. ${titled(job.error.detail)}` : msg`Waits for its turn`;
  if (job.state === "failed") return titled(job.error?.detail ?? "failed");
  if (job.state === "cancelled") return msg`Cancelled`;
  // progress is told now and then, so the last that a finished job told may lie before its end
  const done = job.state === "done" && job.total ? job.total : job.done;
  const counted = job.total ? msg`${count(done)} of ${count(job.total)}` : done ? count(done) : "";
  if (job.state === "done") return [counted, took(job)].filter(Boolean).join(", ");
  return [job.message, counted, job.eta_ms === null ? "" : `${duration(job.eta_ms)} left`].filter(Boolean).join(", ") || msg`Running`;
}

const took = (job: Job): string => (job.started_ms && job.finished_ms ? msg`took ${duration(job.finished_ms - job.started_ms)}` : "");
