/** What is done to many items: asked for, followed while a job does it, and taken back. */
import type { Change, ChangeView, Chosen, LeadApi } from "../../api/lead";
import { msg } from "../../engine/text";
import type { JobWatch } from "../jobs/job-watch.svelte";
import { count, counted } from "../kit/format";
import { Deed } from "../kit/deed.svelte";

export class Changing {
  /** What was asked for last, as far as it came. */
  last = $state.raw<ChangeView | null>(null);
  readonly deed = new Deed();

  constructor(
    private readonly api: LeadApi,
    private readonly projectId: string,
    /** Ends by `ended`. */
    readonly watch: JobWatch,
    private readonly done: () => void,
  ) {}

  async ask(change: Change, chosen: Chosen): Promise<boolean> {
    const made = await this.deed.run(() => this.api.change(this.projectId, change, chosen));
    if (made) this.#take(made.value);
    return made !== null;
  }

  async undo(change: ChangeView): Promise<void> {
    const made = await this.deed.run(() => this.api.undo(change.change_id));
    if (made) this.#take(made.value);
  }

  /** The job of the last change ended. */
  async ended(): Promise<void> {
    if (this.last) this.last = await this.api.changeOf(this.last.change_id).catch(() => this.last);
    this.done();
  }

  forget(): void {
    this.last = null;
    this.deed.fault = null;
  }

  get isRunning(): boolean {
    return this.watch.isRunning;
  }

  #take(view: ChangeView): void {
    this.last = view;
    const isAtOnce = view.undone_by === null ? view.finished_ms !== null : view.undone_ms !== null;
    if (view.job_id !== null && !isAtOnce) this.watch.follow(view.job_id);
    else this.done();
  }
}

const DEEDS: Readonly<Record<Change["kind"], (items: string) => string>> = {
  answer: (items) => msg`${items} answered`,
  requeue: (items) => msg`${items} to be labelled again`,
  move: (items) => msg`${items} moved`,
  gold: (items) => msg`${items} made gold`,
  delete: (items) => msg`${items} deleted`,
  restore: (items) => msg`${items} restored`,
};

/** "12 items answered; 3 stayed as they were" */
export function outcomeOf(view: ChangeView): string {
  const kind = view.change.kind;
  if (view.undone_ms !== null) return view.changed ? msg`Taken back, but for ${counted(view.changed, "item")} that changed since` : msg`Taken back`;
  const done = DEEDS[kind](counted(view.changed, "item"));
  const left = view.total - view.changed;
  return left > 0 && view.finished_ms !== null ? msg`${done}; ${count(left)} stayed as they were` : done;
}

/** What was asked for, in a few words. */
export function changeName(change: Change, questionName: (id: string) => string, valueName: (id: string, value: unknown) => string, batchName: (id: string) => string): string {
  switch (change.kind) {
    case "answer":
      return msg`${questionName(change.question_id)}: ${valueName(change.question_id, change.value)}`;
    case "requeue":
      return msg`Label again`;
    case "move":
      return change.batch_id ? msg`Move to ${batchName(change.batch_id)}` : msg`Priority ${change.priority ?? 0}`;
    case "gold":
      return msg`Make gold`;
    case "delete":
      return msg`Delete`;
    case "restore":
      return msg`Restore`;
  }
}
