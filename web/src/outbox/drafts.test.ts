import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { ApiError, OfflineError } from "../api/http";
import type { DraftPut, ServerDraft } from "../api/types";
import { randomStep } from "../engine/edits/testing";
import { LogWriter, readLog } from "../engine/edits/kept-log";
import { annotation, box, makeEditor, seeded } from "../engine/testing";
import type { Editor } from "../engine/editor";
import { DraftKeeper, type DraftStart, type DraftTrouble } from "./draft-keeper";
import { mergeDrafts } from "./draft-merge";
import { KeptStore } from "./kept";

/** A server that keeps one draft by its rules. */
class Shelf {
  draft: ServerDraft | null = null;
  writer = "";
  readonly taken: DraftPut[] = [];
  /** What happens to the next puts: an error before they arrive, or after ("late"). */
  readonly failures: (Error | "late")[] = [];

  put(body: DraftPut): null {
    const failure = this.failures.shift();
    if (failure instanceof Error) throw failure;
    const standing = this.draft;
    const follows = !standing || (this.writer === body.writer ? standing.revision <= body.revision : standing.revision === body.after_revision && body.revision > body.after_revision);
    if (!follows) throw new ApiError(409, "version_conflict", "another draft stands", [], null, { draft: structuredClone(standing) });
    const log = standing?.log ?? [];
    if (body.log.from_line > log.length) throw new ApiError(409, "conflict", "lines are missing", [{ where: "log.from_line", what: "" }]);
    this.taken.push(structuredClone(body));
    this.draft = { body: structuredClone(body.body), revision: body.revision, saved_ms: 1, log: [...log.slice(0, body.log.from_line), ...body.log.lines] };
    this.writer = body.writer;
    if (failure === "late") throw new OfflineError("The answer was lost.");
    return null;
  }
}

const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 25));

function desk(shelf: Shelf, store = new KeptStore(new IDBFactory()), start: Partial<DraftStart> = {}, editor = makeEditor({ now: () => 1 }), onTrouble?: (t: DraftTrouble) => void) {
  const timers: { ms: number; run: () => void }[] = [];
  const saved: string[] = [];
  const troubles: DraftTrouble[] = [];
  const log = start.log ?? new LogWriter({ labelling: editor.base, z: editor.baseZ });
  const keeper = new DraftKeeper(
    {
      store,
      put: async (_id, body) => shelf.put(body),
      now: () => 5,
      later: (ms, run) => {
        const timer = { ms, run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
      onSaved: (where) => saved.push(where),
      onTrouble: (t) => {
        troubles.push(t);
        onTrouble?.(t);
      },
    },
    { lease: { judgement_id: "jdg_1", token: 7, expires_ms: 0, stage: "label" }, userId: "usr_1", projectId: "prj", taskId: "tsk" },
    { log, writer: "w1", revision: 0, confirmed: 0, keptLines: 0, sentLines: 0, ...start },
  );
  let count = 0;
  const tell = (): void => keeper.changed(() => ({ head: { ...editor.draftHead(0), extra: {} }, log: editor.history.log }));
  const draw = (id = `a${++count}`): void => {
    editor.put([{ annotation: annotation(id, box(count, 0, count + 9, 9)), z: editor.document.topZ() }], "Draw");
    tell();
  };
  const fire = async (): Promise<void> => (timers.shift()?.run(), settle());
  const kept = () => store.draft("jdg_1", "usr_1");
  return { keeper, store, timers, saved, troubles, fire, kept, draw, tell, editor };
}

const idsIn = (lines: readonly string[]): string[] => readLog(lines)!.log.flatMap((r) => ("do" in r ? r.do.entries.map((e) => e.id) : []));

describe("draft keeper", () => {
  it("is safe here at once and on the server within a second, many changes as one request", async () => {
    const shelf = new Shelf();
    const d = desk(shelf);
    for (let i = 0; i < 20; i++) d.draw();
    await settle();
    expect(await d.kept()).toMatchObject({ revision: 20, serverRevision: 0 });
    expect((await d.kept())!.lines).toHaveLength(21);
    expect(d.timers.map((t) => t.ms)).toEqual([700]);
    await d.fire();
    expect(shelf.taken.map((b) => [b.revision, b.after_revision, b.log.from_line, b.log.lines.length])).toEqual([[20, 0, 0, 21]]);
    expect(await d.kept()).toMatchObject({ serverRevision: 20 });
    expect(d.keeper.hasUnsent).toBe(false);
    expect(d.saved.at(-1)).toBe("server");
  });

  it("sends what is new, and what a growing step replaced", async () => {
    const shelf = new Shelf();
    const d = desk(shelf);
    d.draw();
    await d.fire();
    d.draw();
    await d.fire();
    d.editor.select(["a2"]);
    for (const value of ["x", "xy", "xyz"]) {
      d.editor.put([{ ...d.editor.document.find("a2")!, annotation: { ...d.editor.document.findAnnotation("a2")!, attributes: { note: value } } }], "Set Note", true);
      d.tell();
      if (value !== "x") await d.fire();
    }
    expect(shelf.taken.map((b) => [b.log.from_line, b.log.lines.length])).toEqual([[0, 2], [2, 1], [3, 1], [3, 1]]);
    expect(shelf.draft!.log).toEqual(d.keeper.lines);
    expect((await d.kept())!.lines).toEqual(d.keeper.lines);
  });

  it("tries on while the server is away, and repeats what it never heard of", async () => {
    const shelf = new Shelf();
    shelf.failures.push(new OfflineError("down"), "late", new ApiError(503, "database_busy", "busy"));
    const d = desk(shelf);
    d.draw();
    await d.fire();
    expect([d.troubles, d.keeper.hasUnsent]).toEqual([[{ kind: "offline" }], true]);
    await d.fire();
    d.draw();
    await d.fire();
    await d.fire();
    expect(d.keeper.hasUnsent).toBe(false);
    expect(shelf.draft!.log).toEqual(d.keeper.lines);
    expect(shelf.draft!.revision).toBe(2);
  });

  it("sends the whole log when the server lost it", async () => {
    const shelf = new Shelf();
    const d = desk(shelf);
    d.draw();
    await d.fire();
    shelf.draft = null;
    d.draw();
    await d.fire();
    await d.fire();
    expect(shelf.draft!.log).toEqual(d.keeper.lines);
  });

  it("stops when the lease is lost, says so, and goes on keeping the work here", async () => {
    const shelf = new Shelf();
    shelf.failures.push(new ApiError(409, "lease_lost", "no"));
    const d = desk(shelf);
    d.draw();
    await d.fire();
    expect([d.troubles, d.timers]).toEqual([[{ kind: "lost" }], []]);
    d.draw();
    await settle();
    expect((await d.kept())!.lines).toHaveLength(3);
    expect(d.timers).toEqual([]);
  });

  it("says when a draft is refused, or when this computer cannot keep it", async () => {
    const shelf = new Shelf();
    shelf.failures.push(new ApiError(413, "too_large", "too large"));
    const store = new KeptStore(new IDBFactory());
    store.putDraft = () => Promise.reject(new Error("The disk is full."));
    const d = desk(shelf, store);
    d.draw();
    await settle();
    await d.fire();
    expect(d.troubles.map((t) => t.kind)).toEqual(["unkept", "refused"]);
  });

  it("writes nothing after it was closed", async () => {
    const d = desk(new Shelf());
    d.keeper.close();
    d.draw();
    await settle();
    expect(await d.kept()).toBeNull();
  });
});

/** The end of a log, as another device would open it. */
function opened(lines: readonly string[]): Editor {
  const read = readLog(lines)!;
  return makeEditor({ base: read.beginning.labelling, baseZ: read.beginning.z, log: read.log });
}

describe("two devices", () => {
  it("one that goes on from what the other sent has its undo; the other is told and merges, and nothing is lost", async () => {
    const shelf = new Shelf();
    const first = desk(shelf);
    first.draw("one");
    first.draw("two");
    await first.fire();

    const lines = shelf.draft!.log;
    const second = desk(shelf, undefined, { log: LogWriter.resume(lines, readLog(lines)!), writer: "w2", revision: 2, confirmed: 2, sentLines: lines.length }, opened(lines));
    second.editor.undo();
    second.tell();
    second.draw("three");
    await second.fire();
    expect([...opened(shelf.draft!.log).document.ids()]).toEqual(["one", "three"]);

    first.draw("four");
    await first.fire();
    const [trouble] = first.troubles;
    expect(trouble?.kind).toBe("superseded");
    const standing = (trouble as { standing: ServerDraft }).standing;
    const found = mergeDrafts(first.keeper.lines, first.editor.document.toLabelling(), standing)!;
    expect([found.shared, found.merge.conflictCount]).toEqual([3, 0]);
    expect(found.merge.objects.map((o) => [o.id, o.changedBy]).sort()).toEqual([["four", "mine"], ["three", "theirs"], ["two", "theirs"]]);
    first.keeper.rebase(standing.revision, found.shared);
    first.draw("merged");
    await first.fire();
    expect(first.troubles).toHaveLength(1);
    expect(idsIn(shelf.draft!.log)).toEqual(["one", "two", "four", "merged"]);
    // Now the second one is behind.
    second.draw("late");
    await second.fire();
    expect(second.troubles.map((t) => t.kind)).toEqual(["superseded"]);
  });

  it("goes on by itself when what stood in the way is merged on the spot", async () => {
    const shelf = new Shelf();
    const first = desk(shelf, undefined, {}, undefined, (t) => {
      if (t.kind !== "superseded" || !t.standing) return;
      first.keeper.rebase(t.standing.revision, 1);
      first.draw("merged");
    });
    first.draw("one");
    await first.fire();
    shelf.draft = { ...shelf.draft!, revision: 9 };
    shelf.writer = "w2";
    first.draw("two");
    await first.fire();
    await first.fire();
    expect(first.keeper.hasUnsent).toBe(false);
    expect(idsIn(shelf.draft.log)).toEqual(["one", "two", "merged"]);
  });

  it("never end with a server that holds other lines than the one that wrote last, whatever is lost on the way", async () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const shelf = new Shelf();
      const d = desk(shelf);
      for (let i = 0; i < 90; i++) {
        randomStep(d.editor, random);
        d.tell();
        if (random() < 0.3) shelf.failures.push(random() < 0.5 ? "late" : random() < 0.5 ? new OfflineError("down") : new ApiError(503, "busy", "busy"));
        if (random() < 0.5) await d.fire();
        if (random() < 0.02 && shelf.draft) shelf.draft = { ...shelf.draft, log: shelf.draft.log.slice(0, 1) };
        if (random() < 0.1) await settle();
      }
      shelf.failures.length = 0;
      d.tell();
      for (let i = 0; i < 8 && d.keeper.hasUnsent; i++) await d.fire();
      expect(shelf.draft!.log).toEqual(d.keeper.lines);
      expect((await d.kept())!.lines).toEqual(d.keeper.lines);
      expect(opened(shelf.draft!.log).document.toLabelling()).toEqual(d.editor.document.toLabelling());
    }
  }, 30_000);
});
