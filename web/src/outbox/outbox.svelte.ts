/** The page's view of what is on its way: one status line, whatever the network does. */
import type { Api } from "../api/client";
import type { Session } from "../shell/session.svelte";
import { Delivery, type DeliveryState } from "./delivery";
import type { KeptDraft, KeptStore, NewEntry, OutboxEntry } from "./kept";
import { TabNews, asOnlyTab } from "./tabs";

/** An answer this near to being sent is let go: another tab may be about to send it. */
const MARGIN_MS = 150;
/** What was filed is safe; the next task comes onto the screen before it is counted and sent. */
const SEND_AFTER_MS = 120;

export class Outbox {
  state = $state<DeliveryState>("idle");
  waiting = $state(0);
  refused = $state.raw<readonly OutboxEntry[]>([]);
  /** When the newest work became safe, here or on the server. */
  savedMs = $state<number | null>(null);
  savedOn = $state<"here" | "server" | null>(null);
  readonly #delivery: Delivery;
  readonly #news = new TabNews();
  readonly #listeners = new Set<(entry: OutboxEntry, answer: unknown) => void>();

  constructor(readonly store: KeptStore, api: Api, private readonly session: Session) {
    this.#delivery = new Delivery({
      store,
      send: (entry) => api.send(entry.kind, entry.sendTo ?? entry.judgementId, entry.body),
      userId: () => (session.state === "in" ? (session.me?.user.user_id ?? null) : null),
      random: Math.random,
      now: Date.now,
      nap: (ms, wake) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake(() => {
            clearTimeout(timer);
            resolve();
          });
        }),
      onChange: (state) => {
        this.state = state;
        void this.recount();
      },
      onDelivered: (entry, answer) => this.#delivered(entry, answer),
    });
  }

  start(): void {
    addEventListener("online", () => this.kick());
    document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? this.kick() : void this.release()));
    addEventListener("pagehide", () => void this.release());
    this.#news.listen(() => {
      this.#delivery.kick();
      void this.recount();
    });
    void this.recount();
    void asOnlyTab("deliver", () => this.#delivery.run());
  }

  kick(): void {
    this.#delivery.kick();
  }

  /** Resolves when the answer is safe on this computer; delivery goes on by itself. */
  async file(entry: NewEntry): Promise<OutboxEntry> {
    const filed = await this.store.file(entry);
    this.saved("here", filed.createdMs);
    this.waiting += 1;
    setTimeout(() => {
      void this.recount();
      this.#delivery.kick();
      this.#news.tell();
    }, SEND_AFTER_MS);
    return filed;
  }

  /** Takes an answer back while it is held, and keeps its draft again; false when it may have been sent. */
  async takeBack(seq: number, draft: KeptDraft): Promise<boolean> {
    const isBack = await this.store.takeBack(seq, draft, Date.now() + MARGIN_MS);
    await this.recount();
    return isBack;
  }

  /** Sends what is held without more delay, such as when the page is left. */
  async release(): Promise<void> {
    const userId = this.session.me?.user.user_id;
    if (!userId || !this.waiting) return;
    await this.store.release(userId);
    this.kick();
    this.#news.tell();
  }

  /** Told of each answer the server took in this tab. */
  onDelivered(listener: (entry: OutboxEntry, answer: unknown) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  saved(where: "here" | "server", atMs: number): void {
    this.savedMs = atMs;
    this.savedOn = where;
  }

  async retry(entry: OutboxEntry): Promise<void> {
    await this.store.replaceEntry({ ...entry, state: "waiting", refusal: null });
    await this.recount();
    this.kick();
  }

  async drop(entry: OutboxEntry): Promise<void> {
    await this.store.dropEntry(entry.seq);
    await this.recount();
  }

  async recount(): Promise<void> {
    const userId = this.session.me?.user.user_id;
    const entries = userId ? await this.store.entries(userId) : [];
    this.waiting = entries.filter((e) => e.state === "waiting").length;
    this.refused = entries.filter((e) => e.state === "refused");
  }

  #delivered(entry: OutboxEntry, answer: unknown): void {
    this.saved("server", Date.now());
    for (const listener of this.#listeners) listener(entry, answer);
    void this.recount();
    this.#news.tell();
  }
}
