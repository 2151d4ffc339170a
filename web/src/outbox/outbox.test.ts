import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { ApiError, OfflineError } from "../api/http";
import { Delivery, type DeliveryState } from "./delivery";
import { KeptStore, type NewEntry, type OutboxEntry } from "./kept";

const entry = (n: number, userId = "usr_1"): NewEntry => ({
  userId, kind: "submit", judgementId: `jdg_${n}`, projectId: "prj", title: `item ${n}`, createdMs: n,
  body: { token: 1, request_key: `key_${n}`, labelling: { annotations: [], answers: {} }, active_ms: 0, ontology_version: 1, instructions_version: 1 },
});

/** A server that takes what it is sent unless told to fail. */
function world(factory = new IDBFactory()) {
  const store = new KeptStore(factory);
  const taken: string[] = [];
  const tried: string[] = [];
  const states: DeliveryState[] = [];
  const naps: number[] = [];
  const failures = new Map<string, (unknown | "late")[]>();
  let user: string | null = "usr_1";
  let nowMs = 0;
  let settle = (): void => undefined;
  const quiet = (): Promise<void> => new Promise((done) => (settle = done));
  const delivery = new Delivery({
    store,
    send: async (e: OutboxEntry) => {
      const key = (JSON.parse(e.body) as { request_key: string }).request_key;
      tried.push(key);
      const failure = failures.get(key)?.shift();
      if (failure === "late") {
        taken.push(key);
        throw new OfflineError("The answer was lost.");
      }
      if (failure) throw failure;
      taken.push(key);
      return null;
    },
    userId: () => user,
    random: () => 0.5,
    now: () => nowMs,
    nap: (ms, wake) => {
      naps.push(ms);
      nowMs += ms;
      if (ms < 60_000) return Promise.resolve();
      settle();
      return new Promise((resolve) => wake(resolve));
    },
    onChange: (s) => states.push(s),
    onDelivered: () => undefined,
  });
  return { store, delivery, taken, tried, states, naps, failures, quiet, signOut: () => (user = null), signIn: () => (user = "usr_1") };
}

describe("answers that are held", () => {
  const draft = { judgementId: "jdg_1", userId: "usr_1", projectId: "prj", taskId: "tsk", head: { format: 2 }, revision: 9, serverRevision: 8, writer: "w", savedMs: 1, lines: ["base", "a"] };

  it("wait their time while others go, and are sent then", async () => {
    const w = world();
    await w.store.file({ ...entry(1), heldUntilMs: 4_000 });
    await w.store.file(entry(2));
    const quiet = w.quiet();
    void w.delivery.run();
    await quiet;
    expect(w.taken).toEqual(["key_2", "key_1"]);
    expect(w.naps[0]).toBe(4_000);
    w.delivery.stop();
  });

  it("can be taken back with their draft until then, and not later", async () => {
    const { store } = world();
    const { seq } = await store.file({ ...entry(1), heldUntilMs: 4_000 });
    expect(await store.takeBack(seq, draft, 4_000)).toBe(false);
    expect(await store.draft("jdg_1", "usr_1")).toBeNull();
    expect(await store.takeBack(seq, draft, 3_999)).toBe(true);
    expect(await store.entries("usr_1")).toEqual([]);
    expect(await store.draft("jdg_1", "usr_1")).toEqual(draft);
    expect(await store.takeBack(seq, draft, 0)).toBe(false);
  });

  it("are let go all at once when the page is left", async () => {
    const { store } = world();
    await store.file({ ...entry(1), heldUntilMs: 4_000 });
    await store.file({ ...entry(2, "usr_2"), heldUntilMs: 4_000 });
    expect(await store.firstWaiting("usr_1", 0)).toBeNull();
    await store.release("usr_1");
    expect((await store.firstWaiting("usr_1", 0))?.judgementId).toBe("jdg_1");
    expect(await store.firstWaiting("usr_2", 0)).toBeNull();
  });
});

describe("delivery", () => {
  it("sends in order, and keeps the order through a dead server", async () => {
    const w = world();
    for (const n of [1, 2, 3]) await w.store.file(entry(n));
    w.failures.set("key_1", [new OfflineError("down"), new ApiError(503, "database_busy", "busy")]);
    const quiet = w.quiet();
    void w.delivery.run();
    await quiet;
    expect(w.taken).toEqual(["key_1", "key_2", "key_3"]);
    expect(w.tried).toEqual(["key_1", "key_1", "key_1", "key_2", "key_3"]);
    expect(w.naps.slice(0, 2)).toEqual([500, 1000]);
    expect(w.states).toContain("offline");
    expect(await w.store.entries("usr_1")).toEqual([]);
    w.delivery.stop();
  });

  it("repeats the same request key when an answer was lost, so that the server can tell", async () => {
    const w = world();
    await w.store.file(entry(1));
    w.failures.set("key_1", ["late"]);
    const quiet = w.quiet();
    void w.delivery.run();
    await quiet;
    expect(new Set(w.taken)).toEqual(new Set(["key_1"]));
    w.delivery.stop();
  });

  it("puts a refused answer aside with the reason and goes on", async () => {
    const w = world();
    for (const n of [1, 2]) await w.store.file(entry(n));
    w.failures.set("key_1", [new ApiError(409, "lease_lost", "Someone else has the task.")]);
    const quiet = w.quiet();
    void w.delivery.run();
    await quiet;
    expect(w.taken).toEqual(["key_2"]);
    expect(await w.store.entries("usr_1")).toMatchObject([{ state: "refused", refusal: "Someone else has the task." }]);
    w.delivery.stop();
  });

  it("survives a closed tab: another one finds the answers and the drafts are gone with them", async () => {
    const factory = new IDBFactory();
    const first = world(factory);
    await first.store.putDraft({ judgementId: "jdg_1", userId: "usr_1", projectId: "prj", taskId: "tsk", head: {}, revision: 1, serverRevision: 0, writer: "w", savedMs: 1 }, { from: 0, lines: ["base"] });
    await first.store.file(entry(1));
    const second = world(factory);
    const quiet = second.quiet();
    void second.delivery.run();
    await quiet;
    expect(second.taken).toEqual(["key_1"]);
    expect(await second.store.draft("jdg_1", "usr_1")).toBeNull();
    second.delivery.stop();
  });

  it("waits for the person to sign in, and never sends another person's answers", async () => {
    const w = world();
    await w.store.file(entry(1));
    await w.store.file(entry(2, "usr_2"));
    w.signOut();
    let quiet = w.quiet();
    void w.delivery.run();
    await quiet;
    expect(w.tried).toEqual([]);
    w.signIn();
    quiet = w.quiet();
    w.delivery.kick();
    await quiet;
    expect(w.taken).toEqual(["key_1"]);
    expect(await w.store.entries("usr_2")).toHaveLength(1);
    w.delivery.stop();
  });
});
