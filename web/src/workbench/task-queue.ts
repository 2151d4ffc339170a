/** The tasks that wait decoded behind the open one, so that switching shows no spinner. */
import type { Api } from "../api/client";
import type { Ontology, Stage, TaskPayload } from "../api/types";
import { type TaskHold, holdTask } from "../outbox/tabs";
import type { LeaseWatch } from "./lease-watch";
import { type Picture, loadPicture } from "./picture";
import { fetchAhead } from "./document/ahead";
import { isDrawnOn } from "./document/pages.svelte";
import { scopedOntology } from "./scope";
import { type TaskView, viewFor } from "./views";

export interface ReadyTask {
  readonly payload: TaskPayload;
  /** What the task asks for: the project's, or its part of it. */
  readonly ontology: Ontology;
  readonly hold: TaskHold;
  /** Null when it cannot be shown; the person may then skip it. */
  readonly picture: Promise<Picture | null>;
  readonly view: Promise<TaskView>;
  readonly abort: AbortController;
}

/** One to switch to at once and one more for a server that is away for a while. */
const DEPTH = 2;

export class TaskQueue {
  readonly #ready: ReadyTask[] = [];
  readonly #ontologies = new Map<number, Promise<Ontology>>();
  #filling: Promise<void> | null = null;
  #isClosed = false;

  constructor(private readonly api: Api, private readonly projectId: string, private readonly stage: Stage, private readonly watch: LeaseWatch) {}

  /** Prepares a task whose lease is already ours; null when another tab has it. */
  async prepare(payload: TaskPayload, steal = false): Promise<ReadyTask | null> {
    const hold = await holdTask(payload.lease.judgement_id, steal);
    if (!hold) return null;
    const abort = new AbortController();
    // Only pictures are decoded ahead; the files of other items are fetched by the page that shows them.
    const picture = isDrawnOn(payload.item) ? loadPicture(this.api.http, payload.item, abort.signal).catch(() => null) : Promise.resolve(null);
    const view = viewFor(payload.item);
    // What cannot be loaded now is told when the task is opened.
    view.catch(() => undefined);
    fetchAhead([...(payload.item.parts ?? []), ...(payload.scope?.context ?? [])]);
    try {
      return { payload, ontology: scopedOntology(await this.#ontology(payload.ontology_version), payload.scope), hold, picture, view, abort };
    } catch (error) {
      hold.release();
      throw error;
    }
  }

  add(task: ReadyTask): void {
    this.#ready.push(task);
    this.watch.watch(task.payload.lease, () => this.#drop(task));
  }

  /** Puts a task before all others: it was open, and something else comes in between. */
  addFirst(task: ReadyTask): void {
    this.#ready.unshift(task);
    this.watch.watch(task.payload.lease, () => this.#drop(task));
  }

  /** The one that `next` would give without asking the server. */
  get upcoming(): ReadyTask | null {
    return this.#ready[0] ?? null;
  }

  /** The next task, claimed now if none is ready; null when nothing is left. Throws when the server cannot be asked. */
  async next(): Promise<ReadyTask | null> {
    if (!this.#ready.length) await this.fill(1);
    const task = this.#ready.shift() ?? null;
    if (task) this.watch.stop(task.payload.lease);
    return task;
  }

  /** Claims ahead. */
  async fill(depth = DEPTH): Promise<void> {
    if (this.#filling) await this.#filling.catch(() => undefined);
    if (this.#ready.length >= depth || this.#isClosed) return;
    this.#filling = this.#claimUpTo(depth);
    try {
      await this.#filling;
    } finally {
      this.#filling = null;
    }
  }

  /** Gives back what was claimed ahead, so that others can work on it. */
  close(): void {
    this.#isClosed = true;
    for (const task of this.#ready.splice(0)) {
      this.watch.stop(task.payload.lease);
      letGo(task);
      void this.api.release(task.payload.lease).catch(() => undefined);
    }
  }

  async #claimUpTo(depth: number): Promise<void> {
    while (this.#ready.length < depth && !this.#isClosed) {
      const payload = await this.api.nextTask(this.projectId, this.stage);
      if (!payload) return;
      const task = await this.prepare(payload, true);
      if (task && this.#isClosed) {
        letGo(task);
        void this.api.release(payload.lease).catch(() => undefined);
      } else if (task) this.add(task);
    }
  }

  #drop(task: ReadyTask): void {
    const at = this.#ready.indexOf(task);
    if (at < 0) return;
    this.#ready.splice(at, 1);
    letGo(task);
  }

  #ontology(version: number): Promise<Ontology> {
    let found = this.#ontologies.get(version);
    if (!found) {
      found = this.api.ontology(this.projectId, version).then((v) => v.ontology);
      this.#ontologies.set(version, found);
      found.catch(() => this.#ontologies.delete(version));
    }
    return found;
  }
}

/** Of a task that is not opened here. */
function letGo({ abort, hold, picture }: ReadyTask): void {
  abort.abort();
  hold.release();
  void picture.then((found) => found?.close());
}
