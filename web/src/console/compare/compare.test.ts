import { expect, it } from "vitest";
import type { TaskPage, TaskSubmission } from "../../api/console-types";
import type { ComparedTask } from "../../api/lead";
import { Editor } from "../../engine/editor";
import type { Annotation, Labelling } from "../../engine/types";
import { ontology } from "../../engine/testing";
import { differencesOf } from "../../review/differences";
import { cropAround } from "../project/crop";
import { link, partnersOf } from "./linked";
import { disagree, findNext } from "./search";
import { chosenSides, sidesOf } from "./sides";

const FRAME = { width: 400, height: 300 };
const box = (id: string, x: number, over: Partial<Annotation> = {}): Annotation => ({
  annotation_id: id, class_id: ontology.classes[0]!.class_id, geometry: { kind: "box", box_xyxy: [x, 10, x + 40, 60] }, attributes: {}, is_occluded: false, is_truncated: false, score: null, origin: null, group_id: null, ...over,
});
const labels = (...annotations: Annotation[]): Labelling => ({ annotations, answers: {} });
const submission = (over: Partial<TaskSubmission>): TaskSubmission => ({
  submission_id: "s", author: "A", member_id: "mem_a", is_mine: false, kind: "human", version: 1, is_newest: true, is_rejected: false, model_version_id: null, labelling: labels(), active_ms: 0, created_ms: 0, ...over,
});

it("offers people, consensus, gold and predictions of an item, and never one against itself", () => {
  const page = {
    consensus: { version: 1, method: "detection", labelling: labels(), lowest_posterior: null },
    submissions: [submission({ is_newest: false }), submission({ version: 2 }), submission({ member_id: "mem_b", author: "B" }), submission({ kind: "gold", member_id: null }), submission({ kind: "bulk" }), submission({ kind: "prediction", member_id: null })],
  } as unknown as TaskPage;
  const sides = sidesOf(page);
  expect(sides.map((s) => s.key)).toEqual(["mem_a", "mem_b", "consensus", "gold", "prediction"]);
  const keys = (left: string | null, right: string | null) => chosenSides(sides, left, right).map((s) => s?.key);
  expect(keys(null, null)).toEqual(["mem_a", "mem_b"]);
  expect(keys("gold", "mem_b")).toEqual(["gold", "mem_b"]);
  expect(keys("mem_gone", "mem_a")).toEqual(["mem_b", "mem_a"]);
  expect(keys("consensus", "consensus")).toEqual(["consensus", "mem_a"]);
  expect(chosenSides([], null, null)).toEqual([null, null]);
});

it("moves both canvases as one, and points at the same object on both", () => {
  const [left, right] = [labels(box("l1", 10), box("l2", 100)), labels(box("r1", 11), box("r9", 300))];
  const make = (base: Labelling): Editor => {
    const editor = new Editor({ frame: FRAME, ontology, base, isReadonly: true, now: () => 0, newId: () => "x" });
    editor.viewport.resize(200, 200);
    return editor;
  };
  const [one, other] = [make(left), make(right)];
  const votes = [{ submission_id: "", author: "B", version: 1, labelling: right, active_ms: 0, created_ms: 0 }];
  const stop = link(one, other, partnersOf(differencesOf(left, votes, FRAME)));
  one.viewport.zoomAt([50, 50], 3);
  one.changed("view");
  expect(other.viewport.view).toEqual(one.viewport.view);
  other.select(["r1"]);
  expect([...one.selection]).toEqual(["l1"]);
  one.select(["l2"]);
  expect([...other.selection]).toEqual([]);
  one.setHover({ on: "shape", id: "l1" });
  expect(other.hover).toEqual({ on: "shape", id: "r1" });
  one.setHover(null);
  expect(other.hover).toBeNull();
  const before = other.viewport.view;
  one.viewport.resize(300, 200);
  one.changed("view");
  expect(other.viewport.view).toEqual(before);
  other.viewport.resize(300, 200);
  stop();
  one.viewport.zoomBy(2);
  one.changed("view");
  expect(other.viewport.view).not.toEqual(one.viewport.view);
});

const compared = (task_id: string, left: Labelling, right: Labelling): ComparedTask => ({ task_id, item_id: "i", name: "n", ...FRAME, left, right });

it("walks over items that say the same to the next on which two disagree", async () => {
  const same = labels(box("a", 10));
  const tasks = [...Array.from({ length: 5 }, (_, i) => compared(`t${i}`, same, labels(box("b", 10)))), compared("t5", same, labels()), compared("t6", same, labels(box("b", 200)))];
  const asked: (string | null)[] = [];
  const api = {
    compared: (_: string, __: object, { cursor, direction }: { cursor: string | null; direction: "forward" | "back" }) => {
      asked.push(cursor);
      const ordered = direction === "back" ? tasks.toReversed() : tasks;
      const from = cursor === null ? 0 : ordered.findIndex((t) => t.task_id === cursor) + 1;
      const items = ordered.slice(from, from + 2);
      return Promise.resolve({ items, next_cursor: items.length === 2 ? items[1]!.task_id : null });
    },
  };
  const seen: number[] = [];
  const ports = { seen: (count: number) => seen.push(count), isWanted: () => true };
  const sides = { left: "mem_a", right: "mem_b" };
  expect(await findNext(api, "p", sides, null, "forward", ports)).toBe("t5");
  expect([asked, seen]).toEqual([[null, "t1", "t3"], [2, 4]]);
  expect(await findNext(api, "p", sides, "t5", "forward", ports)).toBe("t6");
  expect(await findNext(api, "p", sides, "t6", "forward", ports)).toBeNull();
  expect(await findNext(api, "p", sides, "t5", "back", ports)).toBeNull();
  expect(await findNext(api, "p", sides, null, "forward", { ...ports, isWanted: () => false })).toBeNull();
  expect(disagree(compared("t", { annotations: [], answers: { rain: true } }, { annotations: [], answers: {} }))).toBe(true);
  expect(disagree(compared("t", { annotations: [], answers: { rain: true } }, { annotations: [], answers: { rain: true } }))).toBe(false);
});

it("cuts an example around its objects, within the picture", () => {
  expect(cropAround([], FRAME, "close")).toEqual([0, 0, 400, 300]);
  expect(cropAround([box("a", 100)], FRAME, "whole")).toEqual([0, 0, 400, 300]);
  expect(cropAround([box("a", 100)], FRAME, "close")).toEqual([88, 0, 152, 74]);
  expect(cropAround([box("a", 100), box("b", 200)], FRAME, "close")).toEqual([83, 0, 257, 84]);
  const [x0, y0, x1, y1] = cropAround([box("a", 0, { geometry: { kind: "point", point_xy: [2, 298] } })], FRAME, "close");
  expect([x0, y1, x1 - x0 >= 48, y1 - y0 >= 48]).toEqual([0, 300, true, true]);
});
