import { describe, expect, it } from "vitest";
import { ApiError, OfflineError } from "../api/http";
import type { Lease } from "../api/types";
import { Keymap } from "../engine/keys/keymap";
import { goldsmithPreset } from "../engine/keys/presets";
import { annotation, box, makeEditor, ontology } from "../engine/testing";
import type { KeptDraft } from "../outbox/kept";
import { ActiveClock } from "./active-clock";
import { classActions } from "./actions/objects";
import { editActions } from "./actions/registry";
import { LeaseWatch } from "./lease-watch";
import { chooseDraft, fromPrelabel, openBench } from "./open-task";
import type { WorkbenchSettings } from "./settings.svelte";
import type { ReadyTask } from "./task-queue";

describe("active time", () => {
  it("counts work, not pauses over a minute nor hidden tabs", () => {
    const clock = new ActiveClock(1000);
    clock.touch(0);
    clock.touch(5_000);
    clock.touch(65_000);
    clock.touch(200_000);
    clock.pause(203_000);
    clock.touch(900_000);
    clock.touch(901_000);
    expect(clock.totalMs).toBe(1000 + 5_000 + 60_000 + 3_000 + 1_000);
  });
});

describe("drafts", () => {
  const head = (hidden: string[]) => ({ format: 2, hidden, locked: [], active_ms: 0, extra: { by: hidden[0] } });
  const line = (id: string): string => JSON.stringify({ do: { name: "Draw", at_ms: 1, entries: [{ id, z: 0, a: annotation(id, box(0, 0, 5, 5)) }] } });
  const base = JSON.stringify({ base: { annotations: [], answers: {} } });
  const here = (revision: number, serverRevision: number, lines: string[] = [base, line("a")]): KeptDraft =>
    ({ judgementId: "j", userId: "u", projectId: "p", taskId: "t", head: head(["here"]), revision, serverRevision, writer: "w1", savedMs: 1, lines });
  const server = (revision: number, log: string[] = [base, line("a")]) => ({ body: head(["server"]), revision, saved_ms: 1, log });
  const other = [base, line("b")];

  it.each([
    [null, null, undefined, 0, 0, null],
    [here(4, 2), null, "here", 4, 2, null],
    [null, server(3), "server", 3, 3, null],
    [here(5, 3), server(3), "here", 5, 3, null],
    [here(3, 3), server(7, other), "server", 7, 7, null],
    // the task was handed out before the draft was sent
    [here(5, 5), server(2), "here", 5, 5, null],
    // the answer was lost, the draft was not
    [here(5, 3, [base, line("a"), line("b")]), server(4), "here", 5, 4, null],
    // both went on
    [here(5, 3), server(7, other), "here", 7, 7, 7],
  ])("goes on with the right one of %o and %o", (kept, sent, from, revision, confirmed, merges) => {
    const chosen = chooseDraft(kept, sent, () => "w2");
    expect([chosen.draft?.hidden[0], chosen.revision, chosen.confirmed, chosen.theirs?.revision ?? null]).toEqual([from, revision, confirmed, merges]);
    expect(chosen.extra["by"]).toBe(from);
    expect(chosen.writer).toBe(kept ? "w1" : "w2");
  });

  it("knows what each side has already", () => {
    const [a, b, c] = [line("a"), line("b"), line("c")];
    expect(chooseDraft(here(5, 3, [base, a, b]), server(3, [base, a]), () => "")).toMatchObject({ keptLines: 3, sentLines: 2 });
    expect(chooseDraft(here(3, 3, [base, a]), server(7, [base, a, c]), () => "")).toMatchObject({ keptLines: 2, sentLines: 3 });
    expect(chooseDraft(here(5, 5, [base, a]), server(2, [base]), () => "")).toMatchObject({ keptLines: 2, sentLines: 0 });
  });

  it("starts anew from a draft that cannot be read", () => {
    expect(chooseDraft(null, { body: { format: 99 }, revision: 2, saved_ms: 1, log: [base] }, () => "")).toMatchObject({ draft: null, lines: [], revision: 2, sentLines: 0 });
  });

  it("takes up what the server kept of a lost lease, on top of its history", () => {
    const kept = { annotations: [annotation("late", box(1, 1, 9, 9))], answers: { w: "rain" } };
    const chosen = chooseDraft(null, { body: { labelling: kept, kept_from: "lost lease" }, revision: 4, saved_ms: 1, log: [base, line("a")] }, () => "");
    const ready = { payload: { item: { width: 100, height: 80 } }, ontology } as unknown as ReadyTask;
    const { bench, log } = openBench(ready, { annotations: [], answers: {} }, chosen, false);
    expect(bench.editor.document.toLabelling()).toEqual(kept);
    expect(log.lines).toEqual([base, line("a")]);
    bench.editor.undo();
    expect([...bench.editor.document.ids()]).toEqual(["a"]);
  });

  it("gives a pre-label's objects the same ids each time, and their origin", () => {
    const prelabel = { annotations: [{ ...annotation("p1", box(0, 0, 5, 5)), score: 0.8 }], answers: {} };
    expect(fromPrelabel(prelabel)).toEqual(fromPrelabel(prelabel));
    expect(fromPrelabel(prelabel).annotations[0]).toMatchObject({ origin: "p1", score: null });
  });
});

describe("leases", () => {
  const lease: Lease = { judgement_id: "j", token: 1, expires_ms: 60_000, stage: "label" };

  function watch(...answers: (Error | { expires_ms: number })[]) {
    const timers: { ms: number; run: () => void }[] = [];
    let lost = 0;
    const made = new LeaseWatch({
      renew: async () => {
        const answer = answers.shift()!;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      now: () => 0,
      later: (ms, run) => {
        const timer = { ms, run };
        timers.push(timer);
        return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
      },
    });
    made.watch(lease, () => (lost += 1));
    const fire = async () => (timers.shift()!.run(), new Promise((done) => setTimeout(done, 1)));
    return { made, timers, fire, lost: () => lost };
  }

  it("renews at half time, and keeps trying while the server is away", async () => {
    const w = watch({ expires_ms: 200_000 }, new OfflineError("down"), { expires_ms: 20_000 });
    expect(w.timers[0]!.ms).toBe(30_000);
    await w.fire();
    expect(w.timers[0]!.ms).toBe(100_000);
    await w.fire();
    expect(w.timers[0]!.ms).toBe(5_000);
    await w.fire();
    expect([w.timers[0]!.ms, w.lost()]).toEqual([10_000, 0]);
  });

  it("tells once when a lease was lost, and is silent after a stop", async () => {
    const w = watch(new ApiError(409, "lease_lost", "gone"));
    await w.fire();
    expect([w.lost(), w.timers.length]).toEqual([1, 0]);
    const stopped = watch();
    stopped.made.stop(lease);
    expect(stopped.timers).toEqual([]);
  });
});

describe("the key map", () => {
  const editor = makeEditor();
  const actions = [...editActions({ editor: () => editor, settings: {} as WorkbenchSettings, focusForm: () => undefined, toggleShapes: () => undefined }), ...classActions(editor)];
  const keymap = new Keymap(actions, goldsmithPreset);

  it("gives every action a key and a name, and no key two actions", () => {
    expect(actions.filter((a) => !keymap.keysOf(a.id).length || !a.name).map((a) => a.id)).toEqual([]);
    expect(keymap.conflicts()).toEqual([]);
  });

  it("undoes by ctrl+Z whatever the tool", () => {
    editor.put([{ annotation: annotation("x", box(0, 0, 9, 9)), z: 0 }], "Draw");
    keymap.resolve("ctrl+z", ["label", "any"])?.run();
    expect(editor.document.size).toBe(0);
  });
});
