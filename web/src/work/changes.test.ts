import { describe, expect, it } from "vitest";
import { annotation, box } from "../engine/testing";
import type { Annotation, Labelling } from "../engine/types";
import { rekeyed } from "../review/rekeyed";
import { answersBetween, changesBetween } from "./changes";

const FRAME = { width: 1000, height: 600 };
const l = (...annotations: Annotation[]): Labelling => ({ annotations, answers: {} });
const named = (a: Annotation, id: string): Annotation => ({ ...a, annotation_id: id });
const a = annotation("a", box(0, 0, 100, 100));
const b = annotation("b", box(200, 0, 300, 100));
const c = annotation("c", box(400, 0, 500, 100));

describe("before and after a fix", () => {
  it("says what was moved, added, deleted, labelled anew and marked, the weightiest first", () => {
    const after = l(
      { ...named(a, "12345678:a"), geometry: box(0, 0, 110, 100), score: 0.9 },
      { ...named(b, "12345678:b"), class_id: "sign" },
      { ...annotation("12345678:d", box(600, 0, 700, 100)), is_occluded: true },
      annotation("new", box(800, 0, 900, 100)),
    );
    const { changes, keptCount } = changesBetween(l(a, b, c, annotation("d", box(600, 0, 700, 100)), annotation("e", box(0, 300, 50, 350))), { ...after, annotations: [...after.annotations, annotation("x:e", box(0, 300, 50, 350))] }, FRAME);
    expect(changes.map((x) => x.kinds)).toEqual([["deleted"], ["added"], ["relabelled"], ["moved"], ["marked"]]);
    expect(keptCount).toBe(1);
    expect(changes.find((x) => x.kinds[0] === "moved")!.likeness).toBeCloseTo(100 / 110, 2);
  });

  it("knows objects by their place where their names were lost", () => {
    const { changes, keptCount } = changesBetween(l(a, b), l(named({ ...b, class_id: "sign" }, "q"), named(a, "r")), FRAME);
    expect([changes.map((x) => x.kinds), keptCount]).toEqual([[["relabelled"]], 1]);
  });

  it("finds nothing where nothing changed, and differing answers", () => {
    expect(changesBetween(l(a, b), l(b, a), FRAME)).toEqual({ changes: [], keptCount: 2 });
    expect(answersBetween({ ...l(), answers: { w: "sun", n: 1 } }, { ...l(), answers: { w: "rain", n: 1 } })).toEqual([{ question_id: "w", before: "sun", after: "rain" }]);
  });
});

it("gives objects of a new consensus their old names where that is plain", () => {
  const before = l(named(a, "11111111:a"), named(b, "11111111:b"), named(c, "11111111:x"), named(c, "22222222:x"));
  const now = l(named(a, "33333333:a"), named(b, "11111111:b"), named(c, "33333333:x"), annotation("33333333:new", box(1, 1, 2, 2)));
  expect(rekeyed(now, before).annotations.map((x) => x.annotation_id)).toEqual(["11111111:a", "11111111:b", "33333333:x", "33333333:new"]);
});
