import { expect, it } from "vitest";
import type { LabelError } from "../../api/console-types";
import { canAsk, DOUBTS, doubtName, drawn, standing, widened } from "./suspects";

const box = (x: number) => ({ kind: "box" as const, box_xyxy: [x, 0, x + 9, 9] as [number, number, number, number] });
const suspect: LabelError = {
  suspicion: 1, kind: "class", score: 0.9, item_id: "itm_1", item_name: "a.png", width: 96, height: 64, task_id: "tsk_1", project_id: "prj_1", annotation_id: "x",
  class_id: "car", suggested_class_id: "sign", label: box(0), prediction: box(2), sentence: "Why.", is_gold: false, asked_ms: null,
  media: { original: "", preview: "", thumbnail: "" },
};
const nameOf = (id: string): string => id.toUpperCase();

it("draws the label dashed and what is seen in the colour of the doubt", () => {
  expect(drawn(suspect, nameOf).map((s) => [s.said, s.isDashed])).toEqual([["label: CAR", true], ["the model sees: SIGN", false]]);
  expect(drawn(suspect, nameOf)[1]!.tone).toBe(DOUBTS.find((d) => d.kind === "class")!.tone);
  const missed = drawn({ ...suspect, kind: "missed", label: null, suggested_class_id: null }, nameOf);
  expect(missed.map((s) => s.said)).toEqual(["the model sees: CAR"]);
  const extra = drawn({ ...suspect, kind: "extra", prediction: null }, nameOf);
  expect(extra.map((s) => s.tone)).toEqual([DOUBTS.find((d) => d.kind === "extra")!.tone]);
  expect(doubtName("missed")).toBe("Label missing");
});

it("asks again for what is there, is no known answer and was not asked for yet", () => {
  expect([canAsk(suspect), standing(suspect)]).toEqual([true, ""]);
  const others = [{ asked_ms: 5 }, { is_gold: true }, { task_id: null }].map((change) => ({ ...suspect, ...change }));
  expect(others.map(canAsk)).toEqual([false, false, false]);
  expect(others.map(standing)).toEqual(["asked again", "known answer", "no longer there"]);
});

it("shows a crop in the shape of a card, within the picture", () => {
  const size = { width: 900, height: 600 };
  expect(widened([800, 200, 900, 400], size)).toEqual([600, 200, 900, 400]);
  expect(widened([100, 0, 400, 50], size)).toEqual([100, 0, 400, 200]);
  expect(widened([0, 0, 60, 600], { width: 60, height: 600 })).toEqual([0, 0, 60, 600]);
});
