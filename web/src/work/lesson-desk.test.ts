import { describe, expect, it } from "vitest";
import type { CourseFinding, CourseTask } from "../api/own-quality";
import type { Annotation, Labelling, Ontology } from "../engine/types";
import { LessonDesk } from "./lesson-desk.svelte";

const ONTOLOGY: Ontology = { classes: [{ class_id: "car", name: "Car", color: "#3b82f6", parent_id: null, geometry_kinds: ["box"], attributes: [] }], questions: [] };
const box = (annotation_id: string, box_xyxy: [number, number, number, number]): Annotation => ({
  annotation_id, class_id: "car", geometry: { kind: "box", box_xyxy }, attributes: {}, is_occluded: false, is_truncated: false, score: null, origin: null, group_id: null,
});
const given: Labelling = { annotations: [box("a", [10, 10, 60, 60]), box("b", [200, 10, 260, 60])], answers: {} };
const known: Labelling = { annotations: [box("k", [12, 10, 60, 60]), box("m", [400, 300, 460, 360])], answers: {} };
const finding = (kind: CourseFinding["kind"], annotation_id: string | null, known_annotation_id: string | null): CourseFinding => ({ kind, annotation_id, known_annotation_id, relation_id: null, known_relation_id: null, sentence: kind });
const FINDINGS = [finding("right", "a", "k"), finding("missed", null, "m"), finding("extra", "b", null), finding("answer", null, null)];

function deskOf(findings: CourseFinding[] = FINDINGS, own: Labelling = given): LessonDesk {
  const task = { item: { width: 640, height: 384 } } as CourseTask;
  const desk = new LessonDesk(task, { known, right: 1, wrong: 2, missed: 1, findings, text: "", result: null }, own, ONTOLOGY);
  desk.beforeBench.editor.viewport.resize(640, 384);
  return desk;
}
const selected = (desk: LessonDesk): string[][] => [desk.beforeBench, desk.afterBench].map((bench) => [...bench.editor.selection]);

describe("a lesson looked back at", () => {
  it("lists what is wrong before what is right", () => {
    expect(deskOf().findings.map((f) => f.kind)).toEqual(["missed", "extra", "answer", "right"]);
  });

  it("selects a finding on the side that has it, and shows its place", () => {
    const desk = deskOf();
    const before = { ...desk.beforeBench.editor.viewport.view };
    desk.look(0);
    expect(selected(desk)).toEqual([[], ["m"]]);
    expect(desk.beforeBench.editor.viewport.view).not.toEqual(before);
    desk.look(1);
    expect(selected(desk)).toEqual([["b"], []]);
    desk.look(3);
    expect(selected(desk)).toEqual([["a"], ["k"]]);
  });

  it("selects both ends of a relation", () => {
    const related: Labelling = { ...given, relations: [{ relation_id: "r", relation_type_id: "tows", from_id: "a", to_id: "b", score: null }] };
    const desk = deskOf([{ ...finding("extra", null, null), relation_id: "r" }], related);
    desk.look(0);
    expect(selected(desk)).toEqual([["a", "b"], []]);
  });

  it("moves the line away from what only one side has", () => {
    const desk = deskOf();
    const lineOf = (at: number): number => (desk.look(at), desk.line);
    expect([lineOf(0), lineOf(1), lineOf(3)]).toEqual([0.25, 0.75, 0.5]);
  });

  it("stays where it is for an answer to a question, and for nothing", () => {
    const desk = deskOf();
    desk.look(0);
    const { view } = desk.beforeBench.editor.viewport;
    desk.look(2);
    expect(selected(desk)).toEqual([[], []]);
    desk.look(null);
    expect(desk.current).toBeNull();
    expect(desk.beforeBench.editor.viewport.view).toEqual(view);
  });

  it("steps round, forwards from the first and backwards from the last", () => {
    const desk = deskOf();
    desk.step(1);
    expect(desk.current).toBe(0);
    desk.step(-1);
    expect(desk.current).toBe(3);
    desk.step(1);
    expect(desk.current).toBe(0);
    const back = deskOf();
    back.step(-1);
    expect(back.current).toBe(3);
  });

  it("has nothing to step through where nothing was to be found", () => {
    const desk = deskOf([]);
    desk.step(1);
    expect(desk.current).toBeNull();
  });

  it("flips between the own answer and the known one", () => {
    const desk = deskOf();
    desk.flip();
    expect(desk.mode).toBe("before");
    desk.flip();
    expect(desk.mode).toBe("after");
  });

  it("cannot be drawn on", () => {
    const desk = deskOf();
    expect([desk.beforeBench, desk.afterBench].every((bench) => bench.editor.isReadonly)).toBe(true);
  });
});
