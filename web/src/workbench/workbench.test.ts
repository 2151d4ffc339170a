import { describe, expect, it } from "vitest";
import { ApiError, OfflineError } from "../api/http";
import type { Lease } from "../api/types";
import { Keymap } from "../engine/keys/keymap";
import { goldsmithPreset } from "../engine/keys/presets";
import { annotation, box, makeEditor } from "../engine/testing";
import type { KeptDraft } from "../outbox/kept";
import { ActiveClock } from "./active-clock";
import { classActions } from "./actions/objects";
import { editActions } from "./actions/registry";
import { LeaseWatch } from "./lease-watch";
import { chooseDraft, fromPrelabel } from "./open-task";
import type { WorkbenchSettings } from "./settings.svelte";

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
  const body = (hidden: string[]) => ({ format: 1, base: { annotations: [], answers: {} }, log: [], hidden, locked: [], active_ms: 0 });
  const here = (revision: number, serverRevision: number): KeptDraft => ({ judgementId: "j", userId: "u", projectId: "p", taskId: "t", body: body(["here"]), revision, serverRevision, savedMs: 1 });
  const server = (revision: number) => ({ body: body(["server"]), revision, saved_ms: 1 });

  it.each([
    [null, null, undefined, 0, false],
    [here(4, 2), null, "here", 4, false],
    [null, server(3), "server", 3, false],
    [here(5, 3), server(3), "here", 5, false],
    [here(3, 3), server(7), "server", 7, false],
    [here(5, 3), server(7), "server", 7, true],
  ])("takes the newer of %o and %o", (kept, sent, from, revision, isFromElsewhere) => {
    const chosen = chooseDraft(kept, sent);
    expect([chosen.body?.hidden[0], chosen.revision, chosen.isFromElsewhere]).toEqual([from, revision, isFromElsewhere]);
  });

  it("starts anew from a draft that cannot be read", () => {
    expect(chooseDraft(null, { body: { format: 99 }, revision: 2, saved_ms: 1 })).toMatchObject({ body: null, revision: 2 });
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
