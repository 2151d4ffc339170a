/** Background jobs in words. */
import type { Job } from "../../api/console-types";
import { count, duration, titled } from "../kit/format";

const NAMES: Readonly<Record<string, string>> = {
  "items.import": "Import", "items.tiles": "Cut a huge image into tiles", "quality.resolve": "Resolve labels", "datasets.cut": "Cut dataset version", "datasets.export": "Export dataset version",
  "training.run": "Train", "training.prelabel": "Pre-label", "evaluation.measure": "Evaluate", "evaluation.send": "Send to labelling",
};

export const jobName = (kind: string): string => NAMES[kind] ?? kind.replace(/[._]/g, " ");

export const isOpen = (job: Pick<Job, "state">): boolean => job.state === "queued" || job.state === "running";

export const shareDone = (job: Job): number | null => (job.state === "done" ? 1 : job.total ? Math.min(1, job.done / job.total) : null);

/** "120 of 400, 35 s left" */
export function progressText(job: Job): string {
  if (job.is_cancel_requested && isOpen(job)) return "Ending…";
  if (job.state === "queued") return job.error ? `Waits to be tried again. ${titled(job.error.detail)}` : "Waits for its turn";
  if (job.state === "failed") return titled(job.error?.detail ?? "failed");
  if (job.state === "cancelled") return "Cancelled";
  const counted = job.total ? `${count(job.done)} of ${count(job.total)}` : job.done ? count(job.done) : "";
  if (job.state === "done") return [counted, took(job)].filter(Boolean).join(", ");
  return [job.message, counted, job.eta_ms === null ? "" : `${duration(job.eta_ms)} left`].filter(Boolean).join(", ") || "Running";
}

const took = (job: Job): string => (job.started_ms && job.finished_ms ? `took ${duration(job.finished_ms - job.started_ms)}` : "");
