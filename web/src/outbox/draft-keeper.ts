/** Keeps one open task's draft: on this computer at once, on the server within a second; of its log only what is new. */
import { ApiError, isOffline, sentenceFor } from "../api/http";
import type { DraftPut, Lease, ServerDraft } from "../api/types";
import type { LogRecord } from "../engine/edits/delta";
import type { LogWriter } from "../engine/edits/kept-log";
import type { DraftRecord, KeptDraft, KeptStore } from "./kept";

export interface DraftKeeperPorts {
  readonly store: KeptStore;
  readonly put: (judgementId: string, body: DraftPut) => Promise<{ revision?: number } | null>;
  readonly now: () => number;
  readonly later: (ms: number, run: () => void) => () => void;
  /** Where the newest state is safe now. */
  readonly onSaved: (where: "here" | "server", atMs: number) => void;
  readonly onTrouble: (trouble: DraftTrouble) => void;
}

/**
 * offline: kept here, trying on. superseded: another device went on with the draft, which is told to be merged. lost: the
 * lease ended. refused: the server does not take it. unkept: this computer does not, and only the server has it.
 * forgotten: so many of the oldest steps can no longer be undone after a reload.
 */
export type DraftTrouble =
  | { readonly kind: "offline" }
  | { readonly kind: "lost" }
  | { readonly kind: "superseded"; readonly standing: ServerDraft | null }
  | { readonly kind: "refused" | "unkept"; readonly why: string }
  | { readonly kind: "forgotten"; readonly steps: number };

export interface DraftPlace {
  readonly lease: Lease;
  readonly userId: string;
  readonly projectId: string;
  readonly taskId: string;
}

/** The work as it is; plain data, no proxies. */
export interface DraftState {
  readonly head: unknown;
  readonly log: readonly LogRecord[];
}

export interface DraftStart {
  /** Holds the lines that are kept already. */
  readonly log: LogWriter;
  /** The name under which the server takes what is sent. */
  readonly writer: string;
  readonly revision: number;
  /** The revision that stands on the server. */
  readonly confirmed: number;
  /** How many lines this computer keeps, and the server has, as they are in the log. */
  readonly keptLines: number;
  readonly sentLines: number;
}

const TO_SERVER_MS = 700;
const AGAIN_MS = 3000;

export class DraftKeeper {
  readonly #log: LogWriter;
  readonly #writer: string;
  #revision: number;
  #confirmed: number;
  /** The first line that this computer has not, and the first that the server has not. */
  #unkeptFrom: number;
  #unsentFrom: number;
  #state: (() => DraftState) | null = null;
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();
  #isDirtyHere = false;
  #isSending = false;
  #cancelTimer: (() => void) | null = null;
  #isClosed = false;
  #isHalted = false;

  constructor(private readonly ports: DraftKeeperPorts, private readonly place: DraftPlace, start: DraftStart) {
    this.#log = start.log;
    this.#writer = start.writer;
    this.#revision = start.revision;
    this.#confirmed = start.confirmed;
    this.#unkeptFrom = Math.min(start.keptLines, start.log.lines.length);
    this.#unsentFrom = Math.min(start.sentLines, start.log.lines.length);
  }

  /** Counts the states that were written. */
  get revision(): number {
    return this.#revision;
  }

  get hasUnsent(): boolean {
    return this.#revision > this.#confirmed;
  }

  get lines(): readonly string[] {
    return this.#log.lines;
  }

  /** The work changed; `state` gives it when it is written. */
  changed(state: () => DraftState): void {
    if (this.#isClosed) return;
    this.#state = state;
    this.#revision += 1;
    this.#isDirtyHere = true;
    if (!this.#isWriting) this.#written = this.#writeHere();
    this.#plan(TO_SERVER_MS);
  }

  /** Sends what is unsent without delay, such as when the page is being hidden. */
  flush(): void {
    if (this.hasUnsent && !this.#isClosed) this.#plan(0);
  }

  /** Resolves when this computer keeps the work as it is, or has been told that it cannot. */
  written(): Promise<void> {
    return this.#written;
  }

  /** No more writes: the work was submitted or given back. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  /** The work could not be submitted: it goes on. */
  reopen(): void {
    this.#isClosed = false;
  }

  /** What stood in the way has been merged: the lines from here on go on from that revision. */
  rebase(confirmed: number, sharedLines: number): void {
    this.#confirmed = confirmed;
    this.#revision = Math.max(this.#revision, confirmed);
    this.#unsentFrom = Math.min(this.#unsentFrom, sharedLines);
    this.#isHalted = false;
  }

  /** The draft as it would be kept, with a state that may not have been written yet. */
  snapshot(state: DraftState): KeptDraft {
    this.#bring(state);
    return { ...this.#record(state.head, this.#revision + 1), lines: this.#log.lines.slice() };
  }

  #record(head: unknown, revision = this.#revision): DraftRecord {
    const { lease, userId, projectId, taskId } = this.place;
    return { judgementId: lease.judgement_id, userId, projectId, taskId, head, revision, serverRevision: this.#confirmed, writer: this.#writer, savedMs: this.ports.now() };
  }

  /** Brings the lines up to date. */
  #bring({ log }: DraftState): void {
    const { from, forgotten } = this.#log.write(log);
    this.#unkeptFrom = Math.min(this.#unkeptFrom, from);
    this.#unsentFrom = Math.min(this.#unsentFrom, from);
    if (forgotten) this.ports.onTrouble({ kind: "forgotten", steps: forgotten });
  }

  async #writeHere(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#isDirtyHere && !this.#isClosed && this.#state) {
        this.#isDirtyHere = false;
        const state = this.#state();
        this.#bring(state);
        const from = this.#unkeptFrom;
        const record = this.#record(state.head);
        this.#unkeptFrom = this.#log.lines.length;
        try {
          await this.ports.store.putDraft(record, { from, lines: this.#log.lines.slice(from) });
          this.ports.onSaved("here", record.savedMs);
        } catch (error) {
          this.#unkeptFrom = Math.min(this.#unkeptFrom, from);
          this.ports.onTrouble({ kind: "unkept", why: sentenceFor(error) });
        }
      }
    } finally {
      this.#isWriting = false;
    }
  }

  #plan(ms: number): void {
    if (this.#isSending || this.#isHalted || (this.#cancelTimer && ms > 0)) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.ports.later(ms, () => {
      this.#cancelTimer = null;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    if (this.#isClosed || !this.#state || this.#isSending || !this.hasUnsent) return;
    this.#isSending = true;
    const revision = this.#revision;
    const state = this.#state();
    this.#bring(state);
    const from = this.#unsentFrom;
    const lines = this.#log.lines.slice(from);
    this.#unsentFrom = this.#log.lines.length;
    const { judgement_id, token } = this.place.lease;
    let again: number | null = null;
    try {
      await this.ports.put(judgement_id, { token, body: state.head, revision, after_revision: this.#confirmed, writer: this.#writer, log: { from_line: from, lines } });
      this.#confirmed = revision;
      if (!this.#isClosed) {
        await this.ports.store.confirmDraft(judgement_id, revision).catch(() => undefined);
        this.ports.onSaved("server", this.ports.now());
      }
      if (this.hasUnsent) again = TO_SERVER_MS;
    } catch (error) {
      this.#unsentFrom = Math.min(this.#unsentFrom, from);
      again = this.#failed(error);
      // What stood in the way was merged on the spot.
      if (again === null && !this.#isHalted && this.hasUnsent) again = 0;
    } finally {
      this.#isSending = false;
    }
    if (again !== null && !this.#isClosed) this.#plan(again);
  }

  #failed(error: unknown): number | null {
    if (this.#isClosed) return null;
    if (!(error instanceof ApiError) || error.isTransient || error.status === 401) {
      if (isOffline(error)) this.ports.onTrouble({ kind: "offline" });
      return AGAIN_MS;
    }
    if (error.errors.some((e) => e.where === "log.from_line") && this.#unsentFrom > 0) {
      this.#unsentFrom = 0;
      return 0;
    }
    this.#isHalted = true;
    if (error.code === "version_conflict") this.ports.onTrouble({ kind: "superseded", standing: (error.problem["draft"] as ServerDraft | undefined) ?? null });
    else if ([404, 409, 410].includes(error.status)) this.ports.onTrouble({ kind: "lost" });
    else this.ports.onTrouble({ kind: "refused", why: sentenceFor(error) });
    return null;
  }
}
