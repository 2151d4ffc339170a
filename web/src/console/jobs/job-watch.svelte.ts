/** Follows one job until it ends. */
import type { ConsoleApi } from "../../api/console";
import type { Job } from "../../api/console-types";
import { repeatWhileSeen } from "../kit/repeat.svelte";
import { isOpen } from "./job-names";

const EVERY_MS = 1000;

export class JobWatch {
  job = $state.raw<Job | null>(null);
  #id = $state<string | null>(null);

  /** Call while a component is being set up; `onEnd` is told once for each job. */
  constructor(
    private readonly api: ConsoleApi,
    private readonly workspaceId: string,
    private readonly onEnd: (job: Job) => void = () => undefined,
  ) {
    repeatWhileSeen(() => (this.isRunning ? EVERY_MS : null), () => void this.#look());
  }

  get isRunning(): boolean {
    return this.#id !== null && (this.job === null || isOpen(this.job));
  }

  follow(jobId: string): void {
    this.#id = jobId;
    this.job = null;
    void this.#look();
  }

  async cancel(): Promise<void> {
    if (this.job) this.job = await this.api.steerJob(this.job, "cancel");
  }

  async #look(): Promise<void> {
    const id = this.#id;
    if (id === null) return;
    const job = await this.api.job(this.workspaceId, id).catch(() => null);
    if (!job || id !== this.#id) return;
    const hadEnded = this.job !== null && !isOpen(this.job);
    this.job = job;
    if (!isOpen(job) && !hadEnded) this.onEnd(job);
  }
}
