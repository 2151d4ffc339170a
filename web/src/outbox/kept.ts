/** What is kept on this computer until the server has it: answers on their way, and drafts. IndexedDB behind a few calls. */
import type { CommentBody, ReplyBody } from "../api/talk";
import type { ReviewBody, ReviseBody, SkipBody, SubmitBody } from "../api/types";
import { bodyText } from "./body-text";

/** What is filed; it carries the request_key, by which the server knows a repeat. */
export type EntryBody = SubmitBody | SkipBody | ReviewBody | ReviseBody | CommentBody | ReplyBody;

export type EntryKind = "submit" | "skip" | "review" | "revise" | "comment" | "reply";

export interface OutboxEntry {
  /** Given by the store; entries are delivered in this order. */
  readonly seq: number;
  readonly userId: string;
  readonly kind: EntryKind;
  /** Of a lease; otherwise the key of the draft it was made from, if any. */
  readonly judgementId: string;
  /** The task or thread, for what goes to no lease. */
  readonly sendTo?: string;
  readonly taskId?: string;
  readonly projectId: string;
  /** For people: the item's name. */
  readonly title: string;
  /** JSON, as it goes to the server in the end; text is also kept several times faster than thousands of points. */
  readonly body: string;
  readonly createdMs: number;
  readonly state: "waiting" | "refused";
  /** Why the server said no. */
  readonly refusal: string | null;
  /** Not to be sent before this time, so that it can be taken back. */
  readonly heldUntilMs?: number;
}

export type NewEntry = Omit<OutboxEntry, "seq" | "state" | "refusal" | "body"> & { readonly body: EntryBody };

/** A draft beside its log. */
export interface DraftRecord {
  readonly judgementId: string;
  readonly userId: string;
  readonly projectId: string;
  readonly taskId: string;
  readonly head: unknown;
  /** Grows with each state that was written. */
  readonly revision: number;
  /** The revision that the server was last known to have. */
  readonly serverRevision: number;
  /** Whose lines the server takes as going on from what stands there. */
  readonly writer: string;
  readonly savedMs: number;
}

export interface KeptDraft extends DraftRecord {
  readonly lines: readonly string[];
}

/** What is new in a log: from this line on. */
export interface LogTail {
  readonly from: number;
  readonly lines: readonly string[];
}

interface LineRecord {
  readonly judgementId: string;
  readonly index: number;
  readonly line: string;
}

const NAME = "goldsmith";
const VERSION = 2;

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed."));
  });
}

function finished(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new Error("IndexedDB gave up the transaction."));
    tx.onerror = () => reject(tx.error ?? new Error("IndexedDB failed."));
  });
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    const db = request.result;
    if (!db.objectStoreNames.contains("entries")) db.createObjectStore("entries", { keyPath: "seq", autoIncrement: true });
    if (!db.objectStoreNames.contains("drafts")) db.createObjectStore("drafts", { keyPath: "judgementId" });
    db.createObjectStore("lines", { keyPath: ["judgementId", "index"] });
  };
  return result(request);
}

export class KeptStore {
  #db: Promise<IDBDatabase> | null = null;

  constructor(private readonly factory: IDBFactory) {}

  /** Files an answer and drops the draft it was made from, both or neither; durable when the promise resolves. */
  async file(entry: NewEntry): Promise<OutboxEntry> {
    const tx = await this.#write(["entries", "drafts", "lines"]);
    const filed = { ...entry, body: bodyText(entry.body), state: "waiting", refusal: null } as const;
    const seq = result(tx.objectStore("entries").add(filed));
    dropDraft(tx, entry.judgementId);
    await finished(tx);
    return { ...filed, seq: Number(await seq) };
  }

  async entries(userId: string): Promise<OutboxEntry[]> {
    const tx = (await this.#open()).transaction("entries");
    const all = (await result(tx.objectStore("entries").getAll())) as OutboxEntry[];
    return all.filter((e) => e.userId === userId);
  }

  /** The first that may be sent now. */
  async firstWaiting(userId: string, nowMs: number): Promise<OutboxEntry | null> {
    return (await this.entries(userId)).find((e) => e.state === "waiting" && (e.heldUntilMs ?? 0) <= nowMs) ?? null;
  }

  /** When the next held entry may be sent; null when none is held. */
  async firstHeldUntil(userId: string, nowMs: number): Promise<number | null> {
    const held = (await this.entries(userId)).filter((e) => e.state === "waiting" && (e.heldUntilMs ?? 0) > nowMs);
    return held.length ? Math.min(...held.map((e) => e.heldUntilMs!)) : null;
  }

  /** Takes a held entry out again and puts its draft back, both or neither; false when it may have been sent. */
  async takeBack(seq: number, draft: KeptDraft, nowMs: number): Promise<boolean> {
    const tx = await this.#write(["entries", "drafts", "lines"]);
    const entries = tx.objectStore("entries");
    const found = (await result(entries.get(seq))) as OutboxEntry | undefined;
    const isHeld = found?.state === "waiting" && (found.heldUntilMs ?? 0) > nowMs;
    if (isHeld) {
      entries.delete(seq);
      const { lines, ...record } = draft;
      putDraft(tx, record, { from: 0, lines });
    }
    await finished(tx);
    return isHeld;
  }

  /** Lets go of all that is held. */
  async release(userId: string): Promise<void> {
    const tx = await this.#write(["entries"]);
    const entries = tx.objectStore("entries");
    for (const entry of (await result(entries.getAll())) as OutboxEntry[]) if (entry.userId === userId && entry.heldUntilMs) entries.put({ ...entry, heldUntilMs: 0 });
    await finished(tx);
  }

  async replaceEntry(entry: OutboxEntry): Promise<void> {
    const tx = await this.#write(["entries"]);
    tx.objectStore("entries").put(entry);
    await finished(tx);
  }

  async dropEntry(seq: number): Promise<void> {
    const tx = await this.#write(["entries"]);
    tx.objectStore("entries").delete(seq);
    await finished(tx);
  }

  /** Writes what is new: the small record, and the log from the first line that is other than before. */
  async putDraft(draft: DraftRecord, tail: LogTail): Promise<void> {
    const tx = await this.#write(["drafts", "lines"], "relaxed");
    putDraft(tx, draft, tail);
    await finished(tx);
  }

  async draft(judgementId: string, userId: string): Promise<KeptDraft | null> {
    const tx = (await this.#open()).transaction(["drafts", "lines"]);
    const record = result(tx.objectStore("drafts").get(judgementId)) as Promise<DraftRecord | undefined>;
    const lines = result(tx.objectStore("lines").getAll(linesOf(judgementId, 0))) as Promise<LineRecord[]>;
    const found = await record;
    // Of a format before lines, which holds nothing that could be read.
    if (found?.userId !== userId || typeof found.writer !== "string") return null;
    return { ...found, lines: (await lines).map((l) => l.line) };
  }

  /** Notes what the server has, unless a newer state was written meanwhile under the same draft. */
  async confirmDraft(judgementId: string, revision: number): Promise<void> {
    const tx = await this.#write(["drafts"], "relaxed");
    const drafts = tx.objectStore("drafts");
    const found = (await result(drafts.get(judgementId))) as DraftRecord | undefined;
    if (found) drafts.put({ ...found, serverRevision: Math.max(found.serverRevision, revision) });
    await finished(tx);
  }

  async dropDraft(judgementId: string): Promise<void> {
    const tx = await this.#write(["drafts", "lines"]);
    dropDraft(tx, judgementId);
    await finished(tx);
  }

  async #write(stores: string[], durability: IDBTransactionDurability = "strict"): Promise<IDBTransaction> {
    return (await this.#open()).transaction(stores, "readwrite", { durability });
  }

  #open(): Promise<IDBDatabase> {
    this.#db ??= open(this.factory).then((db) => {
      // Another tab wants to upgrade: let it, and open again when needed.
      db.onversionchange = () => {
        db.close();
        this.#db = null;
      };
      return db;
    });
    return this.#db;
  }
}

/** The lines of one draft from an index on; a list sorts after every number. */
function linesOf(judgementId: string, from: number): IDBKeyRange {
  return IDBKeyRange.bound([judgementId, from], [judgementId, []]);
}

function putDraft(tx: IDBTransaction, draft: DraftRecord, { from, lines }: LogTail): void {
  tx.objectStore("drafts").put(draft);
  const store = tx.objectStore("lines");
  store.delete(linesOf(draft.judgementId, from));
  lines.forEach((line, i) => store.put({ judgementId: draft.judgementId, index: from + i, line } satisfies LineRecord));
}

function dropDraft(tx: IDBTransaction, judgementId: string): void {
  tx.objectStore("drafts").delete(judgementId);
  tx.objectStore("lines").delete(linesOf(judgementId, 0));
}
