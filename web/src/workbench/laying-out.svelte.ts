/** The next task is put on its bench with all its objects while nobody waits, so that it only has to be shown. */
import type { Labelling } from "../engine/types";
import { labellingText } from "../outbox/body-text";
import { whenIdle } from "../shell/idle";
import type { Bench } from "./bench.svelte";
import type { ChosenDraft, OpenBench } from "./open-task";
import type { Picture } from "./picture";
import type { ReadyTask, TaskQueue } from "./task-queue";

/** A task with its objects, ready to be worked on. */
export interface LaidOut {
  readonly chosen: ChosenDraft;
  readonly base: Labelling;
  readonly opened: OpenBench;
}

/** The task that comes next, on its bench. */
export interface Upcoming {
  readonly bench: Bench;
  readonly picture: Picture | null;
}

export class LayingOut {
  upcoming = $state.raw<Upcoming | null>(null);
  readonly #ahead = new WeakMap<ReadyTask, LaidOut>();

  constructor(private readonly queue: TaskQueue, private readonly layOut: (ready: ReadyTask) => Promise<LaidOut>) {}

  /** A task laid out, ahead or now. */
  of(ready: ReadyTask): LaidOut | Promise<LaidOut> {
    return this.#ahead.get(ready) ?? this.layOut(ready);
  }

  /** Lays the next task out when nothing else is to be done; this tab holds it. */
  next(): void {
    const { upcoming } = this.queue;
    if (!upcoming || this.#ahead.has(upcoming)) return;
    // What cannot be read now is read when the task is opened.
    whenIdle(() => void this.#prepare(upcoming).catch(() => undefined));
  }

  async #prepare(ready: ReadyTask): Promise<void> {
    const isNext = (): boolean => this.queue.upcoming === ready;
    if (!isNext()) return;
    const laid = await this.layOut(ready);
    if (!isNext()) return;
    const { bench } = laid.opened;
    void bench.problems;
    labellingText(bench.editor.document.toLabelling());
    this.#ahead.set(ready, laid);
    const picture = await ready.picture;
    if (isNext()) this.upcoming = { bench, picture };
  }
}
