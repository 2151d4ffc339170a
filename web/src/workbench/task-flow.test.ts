import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { OfflineError } from "../api/http";
import type { Stage, TaskPayload } from "../api/types";
import { annotation, box, ontology } from "../engine/testing";
import { type KeptDraft, KeptStore, type NewEntry } from "../outbox/kept";
import type { AppContext } from "../shell/app-context";
import type { OpenTask } from "./open-task";
import { type FlowOptions, TaskFlow } from "./task-flow.svelte";

const payload = (n: number, stage: Stage): TaskPayload =>
  ({
    lease: { judgement_id: `jdg_${n}`, token: 1, expires_ms: Date.now() + 600_000, stage },
    task: { task_id: `tsk_${n}`, project_id: "prj", state: "open", batch_id: null },
    item: { item_id: `itm_${n}`, name: `picture ${n}`, width: 1000, height: 600, kind: "image", metadata: {}, media: { original: "", preview: "", thumbnail: "" } },
    prelabel: null, draft: null, ontology_version: 1, instructions_version: 1, review: null,
  }) as unknown as TaskPayload;

/** A page at work, with a server that hands out so many tasks at once. */
async function world(tasks: number, options: Partial<FlowOptions> = {}) {
  const store = new KeptStore(new IDBFactory());
  const said: string[] = [];
  const drafted: string[] = [];
  const opened: OpenTask[] = [];
  const stage = options.stage ?? "label";
  let count = 0;
  const server = {
    claim: async (): Promise<TaskPayload | null> => (count < tasks ? payload(++count, stage) : null),
    file: (entry: NewEntry) => store.file(entry),
  };
  const api = {
    http: { blob: () => Promise.reject(new OfflineError("no picture")) },
    project: async () => ({ name: "Streets" }),
    workflow: async () => ({ workflow: {} }),
    leases: async () => [],
    instructions: () => Promise.reject(new OfflineError("none")),
    ontology: async () => ({ ontology }),
    nextTask: () => server.claim(),
    release: async () => null,
    putDraft: async (id: string) => void drafted.push(id),
  };
  const outbox = {
    store,
    file: (entry: NewEntry) => server.file(entry),
    takeBack: (seq: number, draft: KeptDraft) => store.takeBack(seq, draft, Date.now()),
    release: async () => undefined,
    saved: () => undefined,
  };
  const app = { api, outbox, toasts: { say: (text: string) => void said.push(text) }, session: { me: { user: { user_id: "usr" } } } } as unknown as AppContext;
  const flow = new TaskFlow(app, {
    projectId: "prj", stage, isReadonly: false, baseOf: () => ({ annotations: [], answers: {} }), ...options,
    onOpen: (task) => {
      opened.push(task);
      options.onOpen?.(task);
    },
  });
  const shown = (): string | null => flow.task?.ready.payload.lease.judgement_id ?? null;
  const drawn = (): number => flow.task!.bench.editor.document.toLabelling().annotations.length;
  await vi.waitFor(() => expect(shown()).toBe("jdg_1"));
  // The tasks behind it are claimed.
  await rest(150);
  return {
    flow, server, store, said, drafted, opened, shown, drawn,
    submit: () => flow.submit({ labelling: { annotations: [], answers: {} }, active_ms: 0, ontology_version: 1, instructions_version: 1 }),
    draw: () => {
      const id = `ann_${drawn()}`;
      flow.task!.bench.editor.enact("Draw", [{ id, before: null, after: { z: drawn(), annotation: annotation(id, box(0, 0, 9, 9), "sign") } }]);
    },
  };
}

/** An answer that is given later. */
function pending<T>(): { readonly promise: Promise<T>; readonly settle: (value: T) => void; readonly fail: (error: unknown) => void } {
  const ends: { settle?: (value: T) => void; fail?: (error: unknown) => void } = {};
  const promise = new Promise<T>((settle, fail) => Object.assign(ends, { settle, fail }));
  return { promise, settle: (value) => ends.settle!(value), fail: (error) => ends.fail!(error) };
}

const rest = (ms = 30): Promise<void> => new Promise((done) => setTimeout(done, ms));
/** What is unsent is sent at once when the page is hidden. */
const hide = async (): Promise<void> => {
  document.dispatchEvent(new Event("visibilitychange"));
  await rest();
};
const noRoom = (): Promise<never> => Promise.reject(new DOMException("no room", "QuotaExceededError"));

beforeEach(() => {
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "hidden" }));
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => setTimeout(run, 0));
  return () => vi.unstubAllGlobals();
});

describe("while an answer is being kept", () => {
  it("its task keeps and sends no draft, and takes no more objects, though the next has still to be fetched", async () => {
    const w = await world(1);
    const next = pending<TaskPayload | null>();
    w.server.claim = () => next.promise;
    w.draw();
    const done = w.submit();
    await rest();
    w.draw();
    w.flow.draftChanged();
    await hide();
    expect([w.shown(), w.drawn(), w.drafted]).toEqual(["jdg_1", 1, []]);
    expect(await w.store.draft("jdg_1", "usr")).toBeNull();
    next.settle(payload(2, "label"));
    await done;
    expect([w.shown(), w.flow.trouble]).toEqual(["jdg_2", null]);
    w.draw();
    expect(w.drawn()).toBe(1);
    w.flow.close();
  });

  it("the same key pressed again files it once, and the next task not at all", async () => {
    const w = await world(3);
    await Promise.all([w.submit(), w.submit()]);
    expect([w.shown(), w.flow.done, (await w.store.entries("usr")).length]).toEqual(["jdg_2", 1, 1]);
    w.flow.close();
  });
});

describe("an answer that cannot be kept", () => {
  it("brings its task back as it was, and what came in between waits with its own draft", async () => {
    const w = await world(2);
    w.draw();
    const kept = pending<never>();
    w.server.file = () => kept.promise;
    const done = w.submit();
    await vi.waitFor(() => expect(w.shown()).toBe("jdg_2"));
    w.draw();
    w.draw();
    kept.fail(new DOMException("no room", "QuotaExceededError"));
    await done;
    expect([w.shown(), w.drawn(), w.flow.phase, w.flow.done]).toEqual(["jdg_1", 1, "working", 0]);
    expect(w.said[0]).toContain("could not keep the answer");

    w.server.file = (entry) => w.store.file(entry);
    w.draw();
    await hide();
    expect(w.drafted.at(-1)).toBe("jdg_1");
    expect((await w.store.draft("jdg_1", "usr"))?.lines).toHaveLength(3);
    await w.submit();
    expect([w.shown(), w.drawn(), w.flow.done]).toEqual(["jdg_2", 2, 1]);
    w.flow.close();
  });

  it("goes on where it is when no other task was opened", async () => {
    const w = await world(1, { onFiled: () => undefined });
    w.server.file = noRoom;
    await w.submit();
    w.draw();
    await hide();
    expect([w.shown(), w.drawn(), w.drafted]).toEqual(["jdg_1", 1, ["jdg_1"]]);
    w.flow.close();
  });

  it("brings a reviewer's comments and the version they are about with it", async () => {
    let comments: string[] = [];
    const w = await world(2, {
      stage: "review",
      extra: () => ({ comments }),
      onOpen: (task) => (comments = [...((task.extra["comments"] as string[] | undefined) ?? [])]),
      newBase: { versionOf: ({ lease }) => Number(lease.judgement_id.slice(4)), align: (now) => now, reason: "", mine: "", theirs: "" },
    });
    comments.push("Too wide.");
    w.server.file = noRoom;
    await w.flow.review({ verdict: "accept", reasons: [], comments: [], active_ms: 0 });
    expect([w.opened.map((t) => t.ready.payload.lease.judgement_id), comments]).toEqual([["jdg_1", "jdg_2", "jdg_1"], ["Too wide."]]);
    await rest();
    expect((await w.store.draft("jdg_1", "usr"))?.head).toMatchObject({ base_version: 1, extra: { comments: ["Too wide."] } });
    w.flow.close();
  });
});

describe("a server that is away", () => {
  it("does not take away what was taken back meanwhile", async () => {
    const w = await world(1, { holdMs: () => 60_000 });
    w.draw();
    await w.submit();
    expect(w.flow.phase).toBe("empty");
    const next = pending<TaskPayload | null>();
    w.server.claim = () => next.promise;
    const retried = w.flow.retry();
    const back = w.flow.takeBack();
    await rest();
    next.fail(new OfflineError("away"));
    await Promise.all([retried, back]);
    expect([await back, w.shown(), w.drawn(), w.flow.phase]).toEqual([true, "jdg_1", 1, "working"]);
    await w.flow.retry();
    expect(w.shown()).toBe("jdg_1");
    w.flow.close();
  });
});

describe("a task that cannot be opened", () => {
  it("is the one that is opened when it is tried again", async () => {
    const w = await world(1);
    w.server.claim = async () => payload(2, "label");
    const { draft } = w.store;
    w.store.draft = noRoom;
    await w.submit();
    expect([w.shown(), w.flow.phase]).toEqual([null, "failed"]);
    w.store.draft = draft;
    w.server.claim = async () => payload(3, "label");
    await w.flow.retry();
    expect(w.shown()).toBe("jdg_2");
    w.flow.close();
  });
});
