/** The flow of work: open a task, keep it safe, file the answer, switch to the next. Labelling and review share it. */
import { ApiError, isOffline, sentenceFor } from "../api/http";
import type { Labelling, ReviewBody, SkipBody, Stage, SubmitBody, TaskPayload, Workflow } from "../api/types";
import type { ServerDraft } from "../api/types";
import { merge } from "../engine/edits/merge";
import { DraftKeeper, type DraftState, type DraftTrouble } from "../outbox/draft-keeper";
import { mergeDrafts } from "../outbox/draft-merge";
import type { EntryKind, KeptDraft, NewEntry } from "../outbox/kept";
import { newRequestKey, newWriter } from "../outbox/request-key";
import type { AppContext } from "../shell/app-context";
import { Guide } from "./guide.svelte";
import { type LaidOut, LayingOut, type Upcoming } from "./laying-out.svelte";
import { LeaseWatch } from "./lease-watch";
import { MergeCase } from "./merge-case";
import { type DraftExtra, type OpenTask, chooseDraft, openBench } from "./open-task";
import { watchPerson } from "./person-watch";
import { type ReadyTask, TaskQueue } from "./task-queue";
import { viewFor } from "./views";
import { msg } from "../engine/text";

/**
 * waiting: the server does not answer and nothing is ready. elsewhere: the task is open in another tab.
 * paused: the member's own work was paused. course: the project's course is to be passed first.
 */
export type Phase = "loading" | "working" | "empty" | "waiting" | "failed" | "elsewhere" | "paused" | "course";
/** What the server calls the reasons to hand nothing out that a member can do something about. */
const BARRED: Readonly<Record<string, Phase>> = { paused: "paused", course_required: "course" };

/** What happened to the open task while it was worked on; the work itself is kept. */
export type Trouble = "lost" | "taken";

export interface FlowOptions {
  readonly projectId: string;
  readonly stage: Stage;
  /** What a task starts from when there is no draft. */
  readonly baseOf: (payload: TaskPayload, workflow: Workflow) => Labelling;
  readonly isReadonly: boolean;
  /** Kept with the draft. */
  readonly extra?: () => DraftExtra;
  /** What a task begins with may be made anew while somebody is at it; then both are put together. */
  readonly newBase?: {
    readonly versionOf: (payload: TaskPayload) => number;
    /** The new one with the ids that its objects had before. */
    readonly align: (now: Labelling, before: Labelling) => Labelling;
    readonly reason: string;
    /** What both sides are called. */
    readonly mine: string;
    readonly theirs: string;
  };
  /** Told what another device kept with its draft, to be put together with the own. */
  readonly onExtra?: (theirs: DraftExtra) => void;
  /** Told when another task is on the bench. */
  readonly onOpen?: (task: OpenTask) => void;
  /** Another form of what is filed, such as for work that has no lease. */
  readonly asEntry?: (entry: NewEntry) => NewEntry;
  /** Told when an answer was filed; the next task is not opened where this is given. */
  readonly onFiled?: () => void;
  /** How long an answer is kept back here, so that it can be taken back. */
  readonly holdMs?: () => number;
}

/** The answer filed last, as long as it may be taken back. */
interface Filed {
  readonly seq: number;
  readonly payload: TaskPayload;
  readonly draft: KeptDraft;
}

type Answer<T extends { token: number; request_key: string }> = Omit<T, "token" | "request_key">;

const AGAIN_MS = 3_000;
const LOOK_AGAIN_MS = 20_000;
const FILL_AFTER_MS = 80;

export class TaskFlow {
  phase = $state<Phase>("loading");
  trouble = $state<Trouble | null>(null);
  /** Two states of the open task that a person has to bring together. */
  merging = $state.raw<MergeCase | null>(null);
  failure = $state("");
  task = $state.raw<OpenTask | null>(null);
  /** The first picture and its objects are on the screen: what is looked at after them may come. */
  hasShown = $state(false);
  workflow = $state.raw<Workflow | null>(null);
  projectName = $state("");
  /** Answers filed since the page was opened. */
  done = $state(0);
  readonly guide: Guide;
  readonly #watch: LeaseWatch;
  readonly #queue: TaskQueue;
  readonly #ahead: LayingOut;
  #elsewhere: TaskPayload | null = null;
  #filed: Filed | null = null;
  /** The task whose answer is being kept. */
  #filing: OpenTask | null = null;
  /** The task answered last in this sitting. */
  lastTaskId: string | null = null;
  /** The version of what the open task began with, as far as it was taken into account. */
  #baseVersion: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;
  /** What was begun last of filing and taking back; a thing begun meanwhile comes after it. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #stopWatching: () => void;

  constructor(private readonly app: AppContext, private readonly options: FlowOptions) {
    const { api } = app;
    this.#watch = new LeaseWatch({ renew: (lease) => api.renew(lease), now: Date.now, later });
    this.#queue = new TaskQueue(api, options.projectId, options.stage, this.#watch);
    this.#ahead = new LayingOut(this.#queue, (ready) => this.#laidOut(ready));
    this.guide = new Guide(api, options.projectId);
    this.#stopWatching = watchPerson({ isHere: () => this.touch(), isGone: () => this.task?.clock.pause(Date.now()), keep: () => this.task?.keeper.flush() });
    void this.#guarded(() => this.#start());
  }

  /** The next task, once it is laid out. */
  get upcoming(): Upcoming | null {
    return this.#ahead.upcoming;
  }

  get projectId(): string {
    return this.options.projectId;
  }

  /** Time to leave: what was claimed ahead goes back, the open task stays ours. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#stopWatching();
    this.task?.keeper.flush();
    this.task?.clock.pause(Date.now());
    this.task?.ready.hold.release();
    this.task?.picture?.close();
    this.#watch.stopAll();
    this.#queue.close();
    void this.app.outbox.release();
  }

  /** A sign of life. */
  touch(): void {
    this.task?.clock.touch(Date.now());
  }

  /** Something the draft holds has changed. */
  draftChanged(): void {
    const { task } = this;
    if (task && this.trouble !== "taken") task.keeper.changed(() => this.#stateOf(task));
  }

  submit(body: Answer<SubmitBody>): Promise<void> {
    return this.#file("submit", body);
  }

  skip(body: Answer<SkipBody>): Promise<void> {
    return this.#file("skip", body);
  }

  review(body: Answer<ReviewBody>): Promise<void> {
    return this.#file("review", body);
  }

  /** Works here on a task that another tab had open. */
  takeOver(): Promise<void> {
    return this.#inTurn(() => this.#guarded(async () => {
      const payload = this.#elsewhere ?? this.task?.ready.payload;
      const ready = payload && (await this.#queue.prepare(payload, true));
      if (ready) await this.#open(ready);
    }));
  }

  /** Opens the task answered last again, with its draft; the open one waits behind it. False when the answer is under way or there is none. */
  takeBack(): Promise<boolean> {
    return this.#inTurn(async () => {
      const filed = this.#filed;
      this.#filed = null;
      if (!filed || !(await this.app.outbox.takeBack(filed.seq, filed.draft))) return false;
      this.done -= 1;
      await this.#guarded(async () => {
        await this.#putBehind();
        const back = await this.#queue.prepare(filed.payload, true);
        if (back) await this.#open(back);
      });
      return true;
    });
  }

  /** Leaves the task where it is and takes another. */
  takeAnother(): Promise<void> {
    return this.#inTurn(async () => {
      this.#elsewhere = null;
      this.#leave();
      await this.#guarded(() => this.#advance());
    });
  }

  retry(): Promise<void> {
    // By then something may have been taken back.
    return this.#inTurn(async () => (this.task ? undefined : this.#guarded(() => (this.workflow ? this.#advance() : this.#start()))));
  }

  async #start(): Promise<void> {
    const { api, outbox } = this.app;
    const { projectId, stage } = this.options;
    // Answered already, only not yet delivered: these must not be opened again. Read before the leases are asked for:
    // one that is delivered in between would still be in that list and no longer in the outbox.
    const entries = await outbox.store.entries(this.#userId);
    const filed = new Set(entries.filter((e) => e.kind !== "revise" || e.state === "waiting").map((e) => e.judgementId));
    const [project, { workflow }, leases] = await Promise.all([api.project(projectId), api.workflow(projectId), api.leases(projectId)]);
    this.workflow = workflow;
    this.projectName = project.name;
    void this.guide.show(undefined).catch(() => undefined);
    const mine = leases.filter((p) => p.lease.stage === stage && !filed.has(p.lease.judgement_id));
    for (const payload of mine) {
      const ready = await this.#queue.prepare(payload);
      if (ready) this.#queue.add(ready);
      else this.#elsewhere ??= payload;
      if (this.#elsewhere) break;
    }
    if (this.#elsewhere) this.phase = "elsewhere";
    else await this.#advance();
  }

  async #advance(): Promise<void> {
    const ready = await this.#queue.next();
    if (this.#isClosed) return;
    if (!ready) {
      this.#leave();
      this.phase = "empty";
      return this.#later(LOOK_AGAIN_MS);
    }
    try {
      await this.#open(ready);
    } catch (error) {
      // It is ours: the next try begins with it.
      if (this.task?.ready !== ready) this.#queue.addFirst(ready);
      throw error;
    }
  }

  async #open(ready: ReadyTask): Promise<void> {
    const [{ payload }, { outbox, api, toasts }] = [ready, this.app];
    // Where nothing was laid out ahead, it is done while the picture is still on its way.
    const { chosen, base, opened } = await this.#ahead.of(ready);
    const [picture, view] = await Promise.all([ready.picture, ready.view.catch(() => viewFor(payload.item))]);
    if (this.#isClosed) return ready.hold.release();
    const { bench, clock, log, lostLines } = opened;
    const keeper = new DraftKeeper(
      {
        store: outbox.store,
        put: (id, body) => api.putDraft(id, body),
        now: Date.now,
        later,
        onSaved: (where, atMs) => outbox.saved(where, atMs),
        onTrouble: (trouble) => this.#onTrouble(ready, trouble),
      },
      { lease: payload.lease, userId: this.#userId, projectId: payload.task.project_id, taskId: payload.task.task_id },
      { ...chosen, log },
    );
    this.#leave();
    bench.editor.onMessage = (text) => toasts.say(text);
    bench.editor.subscribe((aspect) => (aspect === "document" || aspect === "flags") && this.draftChanged());
    this.task = { ready, bench, picture, view, clock, keeper, extra: chosen.extra };
    this.#baseVersion = chosen.baseVersion ?? this.options.newBase?.versionOf(payload) ?? null;
    this.trouble = null;
    this.phase = "working";
    clock.touch(Date.now());
    this.#watch.watch(payload.lease, () => this.#lost(ready, "lost"));
    void ready.hold.taken.then(() => this.#lost(ready, "taken"));
    this.options.onOpen?.(this.task);
    if (!this.hasShown) requestAnimationFrame(() => later(0, () => (this.hasShown = true)));
    if (lostLines) toasts.say(msg`The last ${lostLines} steps of the kept work could not be read; what came before them is here.`, "bad");
    if (chosen.theirs) this.#mergeWith(chosen.theirs);
    else if (chosen.draft && this.#baseVersion !== (this.options.newBase?.versionOf(payload) ?? null)) this.#mergeBase(base, chosen.draft.beginning.labelling);
    else if (keeper.hasUnsent || chosen.draft?.kept) this.draftChanged();
    this.guide.forTask(payload.scope?.instructions ?? "");
    void this.guide.show(payload.instructions_version).catch(() => undefined);
    // First this one onto the screen, then the next from the server.
    later(FILL_AFTER_MS, () => void this.#queue.fill().then(() => this.#ahead.next()).catch(() => undefined));
  }

  async #laidOut(ready: ReadyTask): Promise<LaidOut> {
    const { payload } = ready;
    const here = await this.app.outbox.store.draft(payload.lease.judgement_id, this.#userId);
    const chosen = chooseDraft(here, payload.draft, newWriter);
    const base = this.options.baseOf(payload, this.workflow!);
    return { chosen, base, opened: openBench(ready, base, chosen, this.options.isReadonly) };
  }

  async #file(kind: EntryKind, body: Answer<SubmitBody> | Answer<SkipBody> | Answer<ReviewBody>): Promise<void> {
    const { task } = this;
    if (!task || this.phase !== "working" || this.trouble === "taken") return;
    // By then it may have been filed by an earlier press of the same key.
    return this.#inTurn(async () => (this.task === task ? this.#fileNow(task, kind, body) : undefined));
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #fileNow(task: OpenTask, kind: EntryKind, body: Answer<SubmitBody> | Answer<SkipBody> | Answer<ReviewBody>): Promise<void> {
    const { lease, item, task: brief } = task.ready.payload;
    const { onFiled } = this.options;
    const asItWas = this.#setAside(task);
    try {
      const nowMs = Date.now();
      const holdMs = this.options.holdMs?.() ?? 0;
      // Put together only where it may be wanted back.
      const draft = holdMs > 0 ? task.keeper.snapshot(this.#stateOf(task)) : null;
      const entry: NewEntry = {
        userId: this.#userId, kind, judgementId: lease.judgement_id, projectId: brief.project_id, title: item.name, createdMs: nowMs,
        body: { ...body, token: lease.token, request_key: newRequestKey() } as SubmitBody | SkipBody | ReviewBody,
        ...(holdMs > 0 ? { heldUntilMs: nowMs + holdMs } : {}),
      };
      this.#filing = task;
      const filed = this.app.outbox.file(this.options.asEntry?.(entry) ?? entry);
      // The next task comes onto the screen while this computer still writes the answer down.
      const opened = onFiled ? null : this.#guarded(() => this.#advance());
      const seq = await filed.then((e) => e.seq, (error: unknown) => this.#takeUp(asItWas, error, opened));
      if (seq === null) return;
      this.#filed = draft && { seq, payload: task.ready.payload, draft };
      this.done += 1;
      if (kind === "submit") this.lastTaskId = brief.task_id;
      this.#watch.stop(lease);
      if (onFiled) return onFiled();
      await opened;
      this.#putDown(task);
    } finally {
      this.#filing = null;
    }
  }

  /** No more is written of a task that is being filed; gives back how it comes onto the bench again. */
  #setAside(task: OpenTask): () => void {
    const { bench: { editor }, keeper } = task;
    const { isReadonly } = editor;
    const [extra, baseVersion, trouble] = [this.options.extra?.() ?? {}, this.#baseVersion, this.trouble];
    const fix = (now: boolean): void => {
      editor.isReadonly = now;
      editor.changed("tool");
    };
    keeper.close();
    // Where the next one has to be fetched first, nothing is drawn that would belong to no answer.
    if (!this.#queue.upcoming) fix(true);
    return () => {
      if (editor.isReadonly !== isReadonly) fix(isReadonly);
      keeper.reopen();
      [this.#baseVersion, this.trouble, this.phase] = [baseVersion, trouble, "working"];
      if (this.task !== task) {
        this.task = { ...task, extra };
        this.options.onOpen?.(this.task);
      }
      this.draftChanged();
    };
  }

  /** The answer could not be kept: the task comes back as it was. */
  async #takeUp(asItWas: () => void, error: unknown, opened: Promise<void> | null): Promise<null> {
    await opened;
    this.app.toasts.say(msg`This computer could not keep the answer: ${sentenceFor(error)}`, "bad");
    if (this.#isClosed) return null;
    if (this.task !== this.#filing) await this.#putBehind();
    asItWas();
    return null;
  }

  /** The open task waits behind the one that comes now. */
  async #putBehind(): Promise<void> {
    const { task } = this;
    await task?.keeper.written();
    this.#leave();
    const behind = task && (await this.#queue.prepare(task.ready.payload, true));
    if (behind) this.#queue.addFirst(behind);
  }

  #stateOf({ bench: { editor }, clock }: OpenTask): DraftState {
    const base = this.#baseVersion === null ? {} : { base_version: this.#baseVersion };
    return { head: { ...editor.draftHead(clock.totalMs), extra: this.options.extra?.() ?? {}, ...base }, log: editor.history.log };
  }

  #leave(): void {
    const { task } = this;
    if (!task) return;
    this.task = null;
    this.#ahead.upcoming = null;
    this.merging = null;
    // One whose answer is not yet safe is taken up again if it cannot be kept.
    if (task !== this.#filing) this.#putDown(task);
  }

  #putDown({ bench, keeper, picture, ready }: OpenTask): void {
    keeper.close();
    bench.destroy();
    ready.hold.release();
    picture?.close();
    this.#watch.stop(ready.payload.lease);
  }

  #onTrouble(ready: ReadyTask, trouble: DraftTrouble): void {
    const { outbox, toasts } = this.app;
    if (trouble.kind === "offline") outbox.state = "offline";
    else if (trouble.kind === "lost") this.#lost(ready, "lost");
    else if (trouble.kind === "superseded") {
      if (this.task?.ready === ready && trouble.standing) this.#mergeWith(trouble.standing);
    }
    else if (trouble.kind === "forgotten") toasts.say(msg`The history of this task has grown very large: after a reload its oldest ${trouble.steps} steps can no longer be undone.`);
    else if (trouble.kind === "unkept") toasts.say(msg`This computer cannot keep the draft (${trouble.why}); it goes to the server alone.`, "bad");
    else toasts.say(msg`The server does not take the draft, it is kept here alone: ${trouble.why}`, "bad");
  }

  /** Puts the open task together with another state of it; without conflicts nobody is asked. */
  bringTogether(merging: MergeCase): void {
    this.#settleMerge(merging);
  }

  /** Another device went on with the draft: what both did is put together; what both changed differently is asked. */
  #mergeWith(standing: ServerDraft): void {
    const { task } = this;
    if (!task || this.#isClosed) return;
    const { bench: { editor }, keeper } = task;
    const found = mergeDrafts(keeper.lines, editor.document.toLabelling(), standing);
    this.options.onExtra?.((standing.body as { extra?: DraftExtra } | null)?.extra ?? {});
    const goOn = (): void => {
      keeper.rebase(standing.revision, found?.shared ?? 0);
      editor.suggestions.takeOver(found?.decided ?? []);
      this.merging = null;
      this.draftChanged();
    };
    if (!found) return goOn();
    const names = { mine: msg`This computer`, theirs: msg`Your other device` };
    this.#settleMerge(new MergeCase(editor, found.merge, names, msg`You went on with this task on another device before this one had sent its work.`, goOn));
  }

  /** What the task began with is another now than when its draft was begun. */
  #mergeBase(now: Labelling, before: Labelling): void {
    const { task, options: { newBase } } = this;
    if (!task || !newBase) return;
    const { editor } = task.bench;
    const goOn = (): void => {
      this.#baseVersion = newBase.versionOf(task.ready.payload);
      this.merging = null;
      this.draftChanged();
    };
    const found = merge(before, editor.document.toLabelling(), newBase.align(now, before));
    this.#settleMerge(new MergeCase(editor, found, { mine: newBase.mine, theirs: newBase.theirs }, newBase.reason, goOn));
  }

  /** Without conflicts nobody is asked. */
  #settleMerge(merging: MergeCase): void {
    if (merging.merge.conflictCount) {
      this.merging = merging;
      return;
    }
    const isNews = merging.merge.objects.some((o) => o.changedBy === "theirs") || merging.merge.answers.length > 0;
    merging.finish();
    if (isNews) this.app.toasts.say(merging.summary);
  }

  #lost(ready: ReadyTask, trouble: Trouble): void {
    if (this.task?.ready !== ready || this.#isClosed) return;
    this.trouble = trouble;
    this.#watch.stop(ready.payload.lease);
    if (trouble === "taken") this.task.keeper.close();
  }

  /** Runs a step; a server that is away or a refusal becomes a phase of the page. */
  async #guarded(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (this.#isClosed) return;
      this.#leave();
      if (isOffline(error) || (error instanceof ApiError && error.isTransient)) {
        this.phase = "waiting";
        this.#later(AGAIN_MS);
      } else {
        this.phase = (error instanceof ApiError && BARRED[error.code]) || "failed";
        // A pause is lifted, and an appeal granted, while somebody waits here.
        if (this.phase === "paused") this.#later(LOOK_AGAIN_MS);
        this.failure = sentenceFor(error);
      }
    }
  }

  #later(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => ["waiting", "empty", "paused"].includes(this.phase) && void this.retry(), ms);
  }

  get #userId(): string {
    return this.app.session.me?.user.user_id ?? "";
  }
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
