/** The talk about one task: its threads, and the comments of this person that are still on their way. */
import type { Api } from "../api/client";
import type { CommentBody, ReplyBody, Thread } from "../api/talk";
import type { Point } from "../engine/geometry";
import type { OutboxEntry } from "../outbox/kept";
import type { Outbox } from "../outbox/outbox.svelte";
import { newRequestKey } from "../outbox/request-key";
import { whenIdle } from "../shell/idle";

export interface TalkTask {
  readonly taskId: string;
  readonly projectId: string;
  /** For people: the item's name. */
  readonly title: string;
}

export interface Waiting {
  readonly seq: number;
  readonly text: string;
  /** Of a reply. */
  readonly threadId: string | null;
  readonly at: Point | null;
  /** Why the server did not take it. */
  readonly refusal: string | null;
}

export class TaskTalk {
  threads = $state.raw<readonly Thread[]>([]);
  waiting = $state.raw<readonly Waiting[]>([]);
  isLoaded = $state(false);
  /** Could not be read; what is shown may be old. */
  hasFailed = $state(false);
  currentId = $state<string | null>(null);
  showsResolved = $state(false);
  #isClosed = false;
  readonly #stops: (() => void)[] = [];

  constructor(private readonly api: Api, private readonly outbox: Outbox, private readonly userId: () => string, readonly task: TalkTask) {
    this.#stops.push(outbox.onDelivered((entry) => this.#isOwn(entry) && void this.load()));
    // The task itself comes first.
    this.#stops.push(whenIdle(() => void this.load()));
  }

  readonly open: readonly Thread[] = $derived.by(() => this.threads.filter((t) => t.resolved_ms === null));
  readonly shown: readonly Thread[] = $derived.by(() => (this.showsResolved ? this.threads : this.threads.filter((t) => t.resolved_ms === null || t.comment_id === this.currentId)));

  get current(): Thread | null {
    return this.threads.find((t) => t.comment_id === this.currentId) ?? null;
  }

  /** Something was sent or taken, maybe by another tab: what waits here may stand there now. */
  async sent(): Promise<void> {
    const before = this.waiting.length;
    await this.#readWaiting();
    if (this.waiting.length < before) await this.load();
  }

  /** A thread's number on the picture: in the order they were begun. */
  numberOf(thread: Thread): number {
    return this.threads.findIndex((t) => t.comment_id === thread.comment_id) + 1;
  }

  destroy(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
  }

  async load(): Promise<void> {
    await this.#readWaiting();
    try {
      const threads = await this.api.talk.allThreads(this.task.taskId);
      if (this.#isClosed) return;
      this.threads = threads;
      this.hasFailed = false;
      this.isLoaded = true;
    } catch {
      this.hasFailed = true;
    }
  }

  /** Kept here at once, and sent whenever the server can be reached. */
  async comment(text: string, at: Point | null, annotationId: string | null = null): Promise<void> {
    const place = at && { x: round(at[0]), y: round(at[1]) };
    const body: CommentBody = { request_key: newRequestKey(), text, ...place, ...(annotationId ? { annotation_id: annotationId } : {}) };
    await this.#file("comment", this.task.taskId, body);
  }

  async reply(threadId: string, text: string): Promise<void> {
    await this.#file("reply", threadId, { request_key: newRequestKey(), text });
  }

  async resolve(thread: Thread, isResolved: boolean): Promise<void> {
    const now = await this.api.talk.resolve(thread.comment_id, isResolved);
    this.threads = this.threads.map((t) => (t.comment_id === now.comment_id ? now : t));
  }

  async #file(kind: "comment" | "reply", sendTo: string, body: CommentBody | ReplyBody): Promise<void> {
    const { taskId, projectId, title } = this.task;
    await this.outbox.file({ userId: this.userId(), kind, judgementId: "", sendTo, taskId, projectId, title, body, createdMs: Date.now() });
    await this.#readWaiting();
  }

  async #readWaiting(): Promise<void> {
    const entries = (await this.outbox.store.entries(this.userId())).filter((e) => this.#isOwn(e));
    if (this.#isClosed) return;
    this.waiting = entries.map((e): Waiting => {
      const body = JSON.parse(e.body) as CommentBody;
      return { seq: e.seq, text: body.text, threadId: e.kind === "reply" ? (e.sendTo ?? null) : null, at: body.x === undefined || body.y === undefined ? null : [body.x, body.y], refusal: e.refusal };
    });
  }

  #isOwn(entry: OutboxEntry): boolean {
    return (entry.kind === "comment" || entry.kind === "reply") && entry.taskId === this.task.taskId;
  }
}

const round = (n: number): number => Math.round(n * 100) / 100;
