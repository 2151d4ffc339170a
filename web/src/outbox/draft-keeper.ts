/** Keeps one open task's draft: on this computer at once, on the server within a second. */
import { ApiError, isOffline } from "../api/http";
import type { DraftPut, Lease } from "../api/types";
import type { KeptStore } from "./kept";

export interface DraftKeeperPorts {
  readonly store: KeptStore;
  readonly put: (judgementId: string, body: DraftPut) => Promise<{ revision?: number } | null>;
  readonly now: () => number;
  readonly later: (ms: number, run: () => void) => () => void;
  /** Where the newest state is safe now. */
  readonly onSaved: (where: "here" | "server", atMs: number) => void;
  readonly onTrouble: (trouble: DraftTrouble) => void;
}

/** offline: kept here, trying on. superseded: another device wrote a newer draft. lost: the lease ended. */
export type DraftTrouble = "offline" | "superseded" | "lost";

export interface DraftPlace {
  readonly lease: Lease;
  readonly userId: string;
  readonly projectId: string;
  readonly taskId: string;
}

const TO_SERVER_MS = 700;
const AGAIN_MS = 3000;

export class DraftKeeper {
  #revision: number;
  #confirmed: number;
  #body: (() => unknown) | null = null;
  #isWriting = false;
  #isDirtyHere = false;
  #isSending = false;
  #cancelTimer: (() => void) | null = null;
  #isClosed = false;

  constructor(private readonly ports: DraftKeeperPorts, private readonly place: DraftPlace, revision: number, confirmed: number) {
    this.#revision = revision;
    this.#confirmed = confirmed;
  }

  /** Counts the states that were written. */
  get revision(): number {
    return this.#revision;
  }

  get hasUnsent(): boolean {
    return this.#revision > this.#confirmed;
  }

  /** The work changed; `body` gives its state when it is written: plain data, no proxies. */
  changed(body: () => unknown): void {
    if (this.#isClosed) return;
    this.#body = body;
    this.#revision += 1;
    this.#isDirtyHere = true;
    void this.#writeHere();
    this.#plan(TO_SERVER_MS);
  }

  /** Sends what is unsent without delay, such as when the page is being hidden. */
  flush(): void {
    if (this.hasUnsent && !this.#isClosed) this.#plan(0);
  }

  /** No more writes: the work was submitted or given back. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  async #writeHere(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      while (this.#isDirtyHere && !this.#isClosed) {
        this.#isDirtyHere = false;
        const savedMs = this.ports.now();
        const { lease, userId, projectId, taskId } = this.place;
        await this.ports.store.putDraft({
          judgementId: lease.judgement_id, userId, projectId, taskId,
          body: this.#body?.() ?? null, revision: this.#revision, serverRevision: this.#confirmed, savedMs,
        });
        this.ports.onSaved("here", savedMs);
      }
    } finally {
      this.#isWriting = false;
    }
  }

  #plan(ms: number): void {
    if (this.#isSending || (this.#cancelTimer && ms > 0)) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.ports.later(ms, () => {
      this.#cancelTimer = null;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    if (this.#isClosed || !this.#body || this.#isSending || !this.hasUnsent) return;
    this.#isSending = true;
    const revision = this.#revision;
    const { judgement_id, token } = this.place.lease;
    let again: number | null = null;
    try {
      await this.ports.put(judgement_id, { token, body: this.#body(), revision });
      this.#confirmed = revision;
      if (!this.#isClosed) {
        await this.ports.store.confirmDraft(judgement_id, revision);
        this.ports.onSaved("server", this.ports.now());
      }
      if (this.hasUnsent) again = TO_SERVER_MS;
    } catch (error) {
      again = this.#failed(error);
    } finally {
      this.#isSending = false;
    }
    if (again !== null && !this.#isClosed) this.#plan(again);
  }

  #failed(error: unknown): number | null {
    if (this.#isClosed) return null;
    if (error instanceof ApiError && error.code === "version_conflict") {
      this.ports.onTrouble("superseded");
      return null;
    }
    if (error instanceof ApiError && [404, 409, 410].includes(error.status)) {
      this.ports.onTrouble("lost");
      return null;
    }
    if (error instanceof ApiError && !error.isTransient && error.status !== 401) return null;
    if (isOffline(error)) this.ports.onTrouble("offline");
    return AGAIN_MS;
  }
}
