import { describe, expect, it } from "vitest";
import type { GeometryLimits, TaskScope } from "../api/types";
import { annotation, box, ontology } from "../engine/testing";
import type { Ontology } from "../engine/types";
import { scopedOntology } from "./scope";
import { countProblems, pointCount, sizeProblems } from "./scope-limits";

const scope = (more: Partial<TaskScope>): TaskScope => ({ instructions: "", class_ids: null, attribute_ids: null, question_ids: null, relation_type_ids: null, limits: {}, context: [], ...more });
const limit = (more: Partial<GeometryLimits>): GeometryLimits => ({ min_width_px: null, min_height_px: null, min_points: null, max_points: null, min_count: null, max_count: null, ...more });
const [car, sign] = ontology.classes;
const nested: Ontology = {
  ...ontology,
  classes: [{ ...sign!, class_id: "top" }, { ...sign!, class_id: "middle", parent_id: "top" }, { ...car!, parent_id: "middle" }],
  questions: [{ ...car!.attributes[0]!, attribute_id: "q1" }, { ...car!.attributes[0]!, attribute_id: "q2" }],
};

describe("the scope of a task", () => {
  it("is all of the project's where nothing is said", () => {
    expect(scopedOntology(nested, null)).toBe(nested);
    expect(scopedOntology(nested, undefined)).toBe(nested);
    expect(scopedOntology(nested, scope({ instructions: "Look twice." }))).toBe(nested);
  });

  it("offers only its classes, attributes and questions", () => {
    const own = scopedOntology(nested, scope({ class_ids: ["car"], attribute_ids: ["side"], question_ids: ["q2"] }));
    expect(own.classes.map((c) => [c.class_id, c.attributes.map((a) => a.attribute_id)])).toEqual([["car", ["side"]]]);
    expect(own.questions.map((q) => q.attribute_id)).toEqual(["q2"]);
    expect(scopedOntology(nested, scope({ class_ids: [] })).classes).toEqual([]);
  });

  it("keeps classes in the nearest folder that is there", () => {
    const parents = (ids: string[]) => scopedOntology(nested, scope({ class_ids: ids })).classes.map((c) => c.parent_id);
    expect([parents(["top", "middle", "car"]), parents(["top", "car"]), parents(["car"])]).toEqual([[null, "top", "middle"], [null, "top"], [null]]);
  });
});

describe("the limits of a task", () => {
  it("are told of each object, with its class", () => {
    const limits = { box: limit({ min_width_px: 10, min_height_px: 20 }) };
    expect(sizeProblems(annotation("a", box(0, 0, 10, 20)), ontology, limits)).toEqual([]);
    expect(sizeProblems(annotation("a", box(0, 0, 9.96, 20)), ontology, limits).map((p) => p.text)).toEqual(["Car: 9.96 px wide, and 10 px are the least this task asks for."]);
    expect(sizeProblems(annotation("a", box(0, 0, 5, 5)), ontology, limits).map((p) => p.annotationId)).toEqual(["a", "a"]);
    expect(sizeProblems(annotation("a", { kind: "point", point_xy: [1, 1] }), ontology, limits)).toEqual([]);
  });

  it("measure a turned box along its own sides", () => {
    const turned = annotation("r", { kind: "rotated_box", center_xy: [50, 50], size_wh: [40, 4], angle_deg: 45 });
    expect(sizeProblems(turned, ontology, { rotated_box: limit({ min_height_px: 10 }) })).toHaveLength(1);
  });

  it("count points and objects", () => {
    const line = annotation("l", { kind: "polyline", points: [[0, 0], [1, 1], [2, 2]] });
    expect(sizeProblems(line, ontology, { polyline: limit({ min_points: 4 }) })[0]!.text).toBe("Car: 3 points, and this task asks for at least 4.");
    expect(sizeProblems(line, ontology, { polyline: limit({ max_points: 2 }) })[0]!.text).toBe("Car: 3 points, and this task takes at most 2.");
    expect(pointCount(box(0, 0, 1, 1))).toBeNull();
    const boxes = [annotation("a", box(0, 0, 9, 9)), annotation("b", box(0, 0, 9, 9))];
    expect(countProblems(boxes, { box: limit({ min_count: 3 }) })).toEqual([{ annotationId: null, text: "Box: 2 drawn, and this task asks for at least 3." }]);
    expect(countProblems(boxes, { box: limit({ max_count: 1 }) })).toEqual([{ annotationId: "b", text: "Box: 2 drawn, and this task takes at most 1." }]);
    expect(countProblems([], { polygon: limit({ min_width_px: 3 }) })).toEqual([]);
  });
});
