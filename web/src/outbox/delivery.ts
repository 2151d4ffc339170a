/** Takes kept answers to the server: in order, one at a time, again and again until each was taken or refused. */
import { ApiError, isOffline, sentenceFor } from "../api/http";
import type { KeptStore, OutboxEntry } from "./kept";

export interface DeliveryPorts {
  readonly store: KeptStore;
  readonly send: (entry: OutboxEntry) => Promise<unknown>;
  /** Whose answers may be sent now; null while nobody is signed in. */
  readonly userId: () => string | null;
  readonly random: () => number;
  readonly now: () => number;
  /** Resolves after `ms`, or earlier when `wake` is called. */
  readonly nap: (ms: number, wake: (early: () => void) => void) => Promise<void>;
  readonly onChange: (state: DeliveryState) => void;
  readonly onDelivered: (entry: OutboxEntry, answer: unknown) => void;
}

export type DeliveryState = "idle" | "sending" | "offline" | "signed-out";

const FIRST_WAIT_MS = 500;
const MOST_WAIT_MS = 15_000;
const IDLE_MS = 60_000;

export class Delivery {
  #early: (() => void) | null = null;
  #hasNews = false;
  #isRunning = false;
  #failures = 0;

  constructor(private readonly ports: DeliveryPorts) {}

  /** Something was filed, the network is back or somebody signed in: look again now. */
  kick(): void {
    this.#hasNews = true;
    this.#early?.();
  }

  stop(): void {
    this.#isRunning = false;
    this.kick();
  }

  /** Runs until stopped. */
  async run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isRunning) {
      this.#hasNews = false;
      const waitMs = await this.#step();
      if (waitMs > 0 && this.#isRunning && !this.#hasNews) await this.#nap(waitMs);
    }
  }

  /** Delivers at most one entry; returns how long to wait before the next look. */
  async #step(): Promise<number> {
    const { ports } = this;
    const userId = ports.userId();
    if (userId === null) {
      ports.onChange("signed-out");
      return IDLE_MS;
    }
    const entry = await ports.store.firstWaiting(userId, ports.now());
    if (!entry) {
      this.#failures = 0;
      ports.onChange("idle");
      const heldUntilMs = await ports.store.firstHeldUntil(userId, ports.now());
      return heldUntilMs === null ? IDLE_MS : Math.min(IDLE_MS, Math.max(1, heldUntilMs - ports.now()));
    }
    if (this.#failures === 0) ports.onChange("sending");
    try {
      const answer = await ports.send(entry);
      await ports.store.dropEntry(entry.seq);
      this.#failures = 0;
      ports.onDelivered(entry, answer);
      return 0;
    } catch (error) {
      return this.#failed(entry, error);
    }
  }

  async #failed(entry: OutboxEntry, error: unknown): Promise<number> {
    const { ports } = this;
    if (error instanceof ApiError && error.status === 401) {
      ports.onChange("signed-out");
      return IDLE_MS;
    }
    if (error instanceof ApiError && !error.isTransient) {
      await ports.store.replaceEntry({ ...entry, state: "refused", refusal: sentenceFor(error) });
      return 0;
    }
    this.#failures += 1;
    ports.onChange(isOffline(error) ? "offline" : "sending");
    const wait = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    return (error instanceof ApiError ? error.retryAfterMs : null) ?? wait * (0.75 + ports.random() / 2);
  }

  async #nap(ms: number): Promise<void> {
    await this.ports.nap(ms, (early) => (this.#early = early));
    this.#early = null;
  }
}
