import { describe, expect, it } from "vitest";
import { annotation, box, seeded } from "../engine/testing";
import { MADE_KINDS, randomGeometry } from "../engine/shapes/testing";
import { randomMask } from "../engine/edits/testing";
import { shapeOf } from "../engine/shapes/registry";
import type { Annotation, Geometry } from "../engine/types";
import { answerDifferences, differencesOf as differencesIn, matchObjects } from "./differences";
import { likeness } from "./likeness";

const submission = (author: string, annotations: Annotation[], answers = {}) => ({ submission_id: author, author, version: 1, active_ms: 0, created_ms: 0, labelling: { annotations, answers } });
const FRAME = { width: 1000, height: 600 };
const differencesOf = (...[consensus, submissions]: [Parameters<typeof differencesIn>[0], Parameters<typeof differencesIn>[1]]) => differencesIn(consensus, submissions, FRAME);
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

  it("says how far the authors agree on each object", () => {
    const consensus = { annotations: [annotation("c", box(0, 0, 100, 100))], answers: {} };
    const [d] = differencesOf(consensus, [
      submission("A", [annotation("a", box(0, 0, 100, 100))]),
      submission("B", [annotation("b", box(0, 0, 100, 50))]),
      submission("C", [annotation("c", box(0, 0, 100, 100), "sign")]),
      submission("D", []),
    ]);
    expect(d!.agreement).toBeCloseTo((1 + 0.5) / 4, 2);
  });

  it("matches a thousand crowded objects one to one", () => {
    const left = Array.from({ length: 1000 }, (_, i) => annotation(`l${i}`, box((i % 40) * 22, Math.floor(i / 40) * 22, (i % 40) * 22 + 30, Math.floor(i / 40) * 22 + 30)));
    const right = left.map((a, i) => ({ ...a, annotation_id: `r${i}`, geometry: shapeOf(a.geometry).translate(a.geometry, 1, 1) }));
    const found = matchObjects(left, right, FRAME);
    expect(found.size).toBe(1000);
    expect([...found].filter(([l, p]) => l.slice(1) !== p.annotation.annotation_id.slice(1)).length).toBe(0);
  });

  it("knows differing answers", () => {
    const answers = answerDifferences({ annotations: [], answers: { w: "clear" } }, [submission("A", [], { w: "clear", g: true }), submission("B", [], { w: "rain", g: true })]);
    expect(answers).toEqual(["w"]);
  });
});

describe("likeness", () => {
  const value = (a: Geometry, b: Geometry): number => likeness(a, b, FRAME).value;
  const square = (x: number, y: number, size: number): Geometry => ({ kind: "polygon", rings: [[[x, y], [x + size, y], [x + size, y + size], [x, y + size]]] });
  const full = (x: number, y: number, size: number): Geometry => ({ kind: "mask", origin_xy: [x, y], size_wh: [size, size], runs: [0, size * size] });

  it("is what two areas cover together, whatever their kinds", () => {
    const half = [box(5, 0, 15, 10), square(5, 0, 10), full(5, 0, 10), { kind: "rotated_box", center_xy: [10, 5], size_wh: [10, 10], angle_deg: 90 } as const];
    for (const one of [box(0, 0, 10, 10), square(0, 0, 10), full(0, 0, 10)]) for (const other of half) expect(value(one, other)).toBeCloseTo(1 / 3, 2);
    expect(value(box(0, 0, 1, 1), square(2, 0, 1))).toBe(0);
    const ring: Geometry = { kind: "polygon", rings: [[[0, 0], [10, 0], [10, 10], [0, 10]], [[2, 2], [8, 2], [8, 8], [2, 8]]] };
    expect(value(ring, box(0, 0, 10, 10))).toBeCloseTo(0.64, 1);
    expect(value({ kind: "ellipse", center_xy: [50, 50], radii_xy: [50, 50], angle_deg: 0 }, box(0, 0, 100, 100))).toBeCloseTo(Math.PI / 4, 2);
  });

  it("is one with itself, the same both ways, and falls as one moves away, for each kind", () => {
    const random = seeded(6);
    for (const kind of [...MADE_KINDS, "mask"] as const) {
      for (let i = 0; i < 25; i++) {
        const a = kind === "mask" ? randomMask(random, 900, 500) : randomGeometry(kind, random, FRAME);
        const move = (by: number): Geometry => shapeOf(a).translate(a, by, kind === "mask" ? 0 : by / 2);
        expect(value(a, a)).toBeCloseTo(1, 5);
        expect(value(a, move(3))).toBeCloseTo(value(move(3), a), 2);
        expect(value(a, move(4))).toBeLessThanOrEqual(value(a, move(1)) + 0.06);
        expect(value(a, move(5000))).toBeLessThan(0.01);
      }
    }
  });

  it("tells a distance for lines, points and skeletons", () => {
    const line = (y: number): Geometry => ({ kind: "polyline", points: [[0, y], [100, y]] });
    expect(likeness(line(0), line(4), FRAME).distancePx).toBeCloseTo(4);
    expect(value(line(0), line(2))).toBeGreaterThan(0.75);
    expect(value(line(0), { kind: "polyline", points: [[100, 0], [50, 0], [0, 0]] })).toBeCloseTo(1);
    const point = (x: number): Geometry => ({ kind: "point", point_xy: [x, 0] });
    expect(likeness(point(0), point(3), FRAME)).toMatchObject({ distancePx: 3 });
    const body = (dx: number, state: "visible" | "outside" = "visible"): Geometry => ({ kind: "skeleton", nodes: [{ node_id: "head", at: [50 + dx, 0], state: "visible" }, { node_id: "foot", at: [50 + dx, 100], state }] });
    expect(likeness(body(0), body(2), FRAME).distancePx).toBeCloseTo(2);
    expect(value(body(0), body(0, "outside"))).toBeCloseTo(0.5);
    expect(value(body(0), point(50))).toBe(0);
  });
});
