import { describe, expect, it } from "vitest";
import { annotation, box } from "../engine/testing";
import type { Annotation } from "../engine/types";
import { answerDifferences, boxIou, differencesOf } from "./differences";

const submission = (author: string, annotations: Annotation[], answers = {}) => ({ submission_id: author, author, version: 1, active_ms: 0, created_ms: 0, labelling: { annotations, answers } });
const scored = (a: Annotation, score: number): Annotation => ({ ...a, score });

describe("differences", () => {
  it("puts quarrels first and what all agree on last", () => {
    const consensus = { annotations: [scored(annotation("agreed", box(0, 0, 100, 100)), 0.99), scored(annotation("quarrel", box(300, 0, 400, 100)), 0.6)], answers: {} };
    const found = differencesOf(consensus, [
      submission("A", [annotation("a1", box(1, 0, 100, 100)), annotation("a2", box(300, 0, 400, 100), "sign")]),
      submission("B", [annotation("b1", box(0, 2, 100, 100))]),
    ]);
    expect(found.map((d) => d.consensusId)).toEqual(["quarrel", "agreed"]);
    expect(found[0]!.notes).toEqual(["class", "missing", "unsure"]);
    expect(found[1]!).toMatchObject({ weight: 0, notes: [] });
  });

  it("joins what several authors drew and the consensus left out", () => {
    const found = differencesOf({ annotations: [], answers: {} }, [
      submission("A", [annotation("a1", box(0, 0, 50, 50))]),
      submission("B", [annotation("b1", box(2, 0, 50, 52)), annotation("b2", box(200, 0, 220, 20))]),
    ]);
    expect(found.map((d) => d.votes.filter((v) => v.annotation).length).sort()).toEqual([1, 2]);
    expect(found.every((d) => d.consensusId === null && d.notes[0] === "extra")).toBe(true);
  });

  it("matches one to one", () => {
    const consensus = { annotations: [annotation("c", box(0, 0, 100, 100))], answers: {} };
    const found = differencesOf(consensus, [submission("A", [annotation("a1", box(0, 0, 100, 90)), annotation("a2", box(0, 0, 100, 100))])]);
    expect(found.find((d) => d.consensusId === "c")!.votes[0]!.annotation?.annotation_id).toBe("a2");
    expect(found.some((d) => d.consensusId === null)).toBe(true);
  });

  it("knows overlaps and differing answers", () => {
    expect(boxIou({ x0: 0, y0: 0, x1: 10, y1: 10 }, { x0: 5, y0: 0, x1: 15, y1: 10 })).toBeCloseTo(1 / 3);
    expect(boxIou({ x0: 0, y0: 0, x1: 1, y1: 1 }, { x0: 2, y0: 0, x1: 3, y1: 1 })).toBe(0);
    const answers = answerDifferences({ annotations: [], answers: { w: "clear" } }, [submission("A", [], { w: "clear", g: true }), submission("B", [], { w: "rain", g: true })]);
    expect(answers).toEqual(["w"]);
  });
});
