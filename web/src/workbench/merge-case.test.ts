import { describe, expect, it } from "vitest";
import { merge } from "../engine/edits/merge";
import { annotation, box, makeEditor } from "../engine/testing";
import type { Annotation, Labelling } from "../engine/types";
import { toldOf } from "../review/presence.svelte";
import { MergeDesk } from "../review/merge/merge-desk.svelte";
import { Keymap } from "../engine/keys/keymap";
import { goldsmithPreset } from "../engine/keys/presets";
import { MERGE_SCOPES, mergeActions } from "./actions/merge";
import { MergeCase } from "./merge-case";

const l = (...annotations: Annotation[]): Labelling => ({ annotations, answers: {} });
const a = annotation("a", box(0, 0, 10, 10));
const b = annotation("b", box(20, 0, 30, 10));
const moved = (x: Annotation, by: number): Annotation => ({ ...x, geometry: box(by, 0, by + 10, 10) });

function caseOf(base: Labelling, mine: Labelling, theirs: Labelling) {
  const editor = makeEditor({ base: mine });
  let isDone = false;
  const names = { mine: "This computer", theirs: "Your other device" };
  return { editor, isDone: () => isDone, merging: new MergeCase(editor, merge(base, mine, theirs), names, "Because.", () => (isDone = true)) };
}

describe("a merge in a person's hands", () => {
  it("says what was taken, and becomes one step that can be undone", () => {
    const { editor, merging, isDone } = caseOf(l(a, b), l(a, b), l(moved(a, 5), annotation("new", box(50, 0, 60, 10))));
    expect(merging.summary).toBe("Put together with your other device: 1 added, 1 changed, 1 deleted. Undo takes it back.");
    merging.finish();
    expect(isDone()).toBe(true);
    expect([...editor.document.ids()].sort()).toEqual(["a", "new"]);
    editor.undo();
    expect(editor.document.toLabelling()).toEqual(l(a, b));
  });

  it("waits until everything is decided, shows each choice, and takes it", () => {
    const { editor, merging, isDone } = caseOf(l(a, b), l(moved(a, 3), moved(b, 23)), l(moved(a, 6)));
    const desk = new MergeDesk(merging);
    expect([desk.open, desk.rows.map((r) => [r.key, r.isConflict])]).toEqual([2, [["a", true], ["b", true]]]);
    expect(desk.finish()).toBe(false);
    desk.look(desk.rows[0]!);
    expect(desk.differencesOf(desk.rows[0]!)).toEqual([{ what: "Shape", base: "10 × 10 px at 0, 0", mine: "10 × 10 px at 3, 0", theirs: "10 × 10 px at 6, 0" }]);
    expect(desk.overlays.map((o) => o.tag)).toEqual(["Before", "This computer", "Your other device"]);
    desk.choose("both");
    expect(desk.bench.editor.document.size).toBe(3);
    expect(desk.current?.key).toBe("b");
    // Of a deletion against a change there is no both.
    desk.choose("both");
    expect(desk.open).toBe(1);
    desk.choose("theirs");
    expect([desk.open, desk.bench.editor.document.size]).toEqual([0, 2]);
    expect(desk.finish()).toBe(true);
    expect(isDone()).toBe(true);
    expect(editor.document.toLabelling().annotations.map((x) => x.geometry)).toEqual([box(3, 0, 13, 10), box(6, 0, 16, 10)]);
    desk.destroy();
  });

  it("can be settled for one side at once", () => {
    const { editor, merging } = caseOf(l(a, b), l(moved(a, 3)), l(moved(a, 6), moved(b, 23)));
    merging.chooseRest("mine");
    expect(merging.open).toEqual([]);
    merging.finish();
    expect(editor.document.toLabelling()).toEqual(l(moved(a, 3)));
  });
});

it("says who is there in a sentence", () => {
  const other = { who: "a reviewer", is_me: false, doing: "review" as const, has_lease: true, since_ms: 0, seen_ms: 0 };
  expect(toldOf(other)).toBe("A reviewer is reviewing this item.");
  expect(toldOf({ ...other, who: "Bea", doing: "look" })).toBe("Bea is looking at this item.");
  expect(toldOf({ ...other, is_me: true })).toContain("another device");
});

it("has a merge view worked by keys of its own, which do nothing while there is nothing to put together", () => {
  const { merging, isDone } = caseOf(l(a, b), l(moved(a, 3)), l(moved(a, 6), moved(b, 23)));
  const desk = new MergeDesk(merging);
  let hand: MergeDesk | null = null;
  const map = new Keymap(mergeActions(() => hand), goldsmithPreset, { "merge.mine": ["q"] });
  const press = (chord: string): void => map.resolve(chord, MERGE_SCOPES)?.run();
  press("q");
  expect(merging.open).toHaveLength(2);
  hand = desk;
  press("j");
  press("q");
  press("1");
  expect(merging.open).toHaveLength(1);
  press("enter");
  expect(isDone()).toBe(false);
  press("shift+t");
  press("enter");
  expect([merging.open, isDone()]).toEqual([[], true]);
});
