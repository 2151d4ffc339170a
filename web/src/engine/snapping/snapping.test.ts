import { describe, expect, it } from "vitest";
import { type Point, distance } from "../geometry";
import { maskOfSpans } from "../raster/runs";
import { rectSpans } from "../raster/spans";
import { Hand, annotation, box, makeEditor, seeded } from "../testing";
import type { Geometry } from "../types";
import { borderBetween } from "./border";
import { linesOf } from "./lines";

const hexagon: Point[] = [[100, 100], [200, 80], [300, 100], [320, 200], [200, 260], [90, 200]];
const polygon: Geometry = { kind: "polygon", rings: [hexagon] };

function world(...geometries: Geometry[]) {
  return makeEditor({ base: { annotations: geometries.map((g, i) => annotation(String(i), g)), answers: {} } });
}

describe("snapping", () => {
  it("takes the nearest vertex, else the nearest edge, else the border of the picture, and only with Ctrl", () => {
    const { snapper } = world(polygon);
    expect(snapper.place([203, 84], false)).toEqual([203, 84]);
    expect(snapper.mark).toBeNull();
    expect(snapper.place([203, 84], true)).toEqual([200, 80]);
    expect(snapper.mark).toMatchObject({ on: "vertex", spot: { id: "0", line: 0, index: 1 } });
    const [x, y] = snapper.place([150, 95], true);
    expect(snapper.mark?.on).toBe("edge");
    expect(y).toBeCloseTo(100 - (x - 100) / 5, 9);
    expect(snapper.place([500, 596], true)).toEqual([500, 600]);
    expect(snapper.place([996, 4], true)).toEqual([1000, 0]);
    expect(snapper.mark?.on).toBe("frame");
    expect(snapper.place([500, 300], true)).toEqual([500, 300]);
    expect(snapper.place([-50, 700], true)).toEqual([0, 600]);
  });

  it("is the other way round when it is on", () => {
    const { snapper } = world(polygon);
    snapper.isOn = true;
    expect(snapper.place([203, 84], false)).toEqual([200, 80]);
    expect(snapper.place([203, 84], true)).toEqual([203, 84]);
  });

  it("reaches as far at any zoom, and not to what is hidden", () => {
    const editor = world(polygon);
    editor.viewport.restore({ scale: 4, tx: 0, ty: 0 });
    expect(editor.snapper.place([205, 80], true)).not.toEqual([200, 80]);
    expect(editor.snapper.place([202, 80], true)).toEqual([200, 80]);
    editor.setFlag("hidden", ["0"], true);
    expect(editor.snapper.place([202, 80], true)).toEqual([202, 80]);
  });

  it("knows the outlines of every kind", () => {
    const shapes: Geometry[] = [
      box(0, 0, 10, 10), maskOfSpans(rectSpans(5, 5, 20, 20))!, { kind: "point", point_xy: [3, 3] }, { kind: "polyline", points: [[0, 0], [9, 9]] },
      { kind: "ellipse", center_xy: [50, 50], radii_xy: [20, 10], angle_deg: 0 }, { kind: "skeleton", nodes: [{ node_id: "a", at: [1, 2], state: "visible" }, { node_id: "b", at: [0, 0], state: "outside" }] },
    ];
    expect(shapes.map((g) => linesOf(g).map((l) => [l.isClosed, l.points.length > 1]))).toEqual([[[true, true]], [[true, true]], [[false, false]], [[false, true]], [[true, true]], [[false, false]]]);
  });

  it("holds a dragged vertex to a neighbour, never to itself", () => {
    const editor = world(polygon, { kind: "polygon", rings: [[[400, 100], [500, 100], [450, 200]]] });
    editor.select(["1"]);
    const hand = new Hand(editor);
    hand.move([400, 100]);
    hand.down([400, 100]);
    hand.move([350, 100], { ctrl: true });
    expect(editor.snapper.mark).toBeNull();
    hand.move([304, 102], { ctrl: true });
    expect(editor.snapper.mark?.on).toBe("vertex");
    hand.up([304, 102], { ctrl: true });
    expect(editor.document.findAnnotation("1")?.geometry).toEqual({ kind: "polygon", rings: [[[300, 100], [500, 100], [450, 200]]] });
  });
});

describe("shared borders", () => {
  it.each([[true, [[300, 100], [320, 200]]], [false, [[100, 100], [90, 200]]]] as const)("are taken over between two corners of a neighbour (longer: %s)", (isLonger, between) => {
    const editor = world(polygon);
    const hand = new Hand(editor);
    editor.setTool("polygon");
    hand.click([200, 82], { ctrl: true });
    hand.move([200, 258], { ctrl: true, alt: isLonger });
    const { sketch } = editor.tool;
    expect(sketch?.kind === "path" && sketch.points).toEqual([[200, 80], ...between]);
    hand.click([200, 258], { ctrl: true, alt: isLonger });
    hand.click([600, 150]);
    editor.tool.confirm();
    expect(editor.document.toLabelling().annotations.at(-1)?.geometry).toEqual({ kind: "polygon", rings: [[[200, 80], ...between, [200, 260], [600, 150]]] });
  });

  it("go away again as one, and not between two objects", () => {
    const editor = world(polygon, { kind: "polygon", rings: [[[400, 100], [500, 100], [450, 200]]] });
    const hand = new Hand(editor);
    editor.setTool("polygon");
    hand.click([200, 82], { ctrl: true });
    hand.click([200, 258], { ctrl: true });
    expect(editor.tool.sketch).toMatchObject({ points: { length: 4 } });
    editor.undo();
    expect(editor.tool.sketch).toMatchObject({ points: [[200, 80]] });
    hand.click([400, 100], { ctrl: true });
    expect(editor.tool.sketch).toMatchObject({ points: [[200, 80], [400, 100]] });
  });

  it.each([1, 2, 3, 4, 5])("go round the outline: both ways together are all of it (seed %i)", (seed) => {
    const random = seeded(seed);
    const points = Array.from({ length: 3 + Math.floor(random() * 20) }, (): Point => [random() * 100, random() * 100]);
    const [from, to] = [Math.floor(random() * points.length), Math.floor(random() * points.length)];
    if (from === to) return;
    const line = { points, isClosed: true };
    const [short, long] = [borderBetween(line, from, to, false), borderBetween(line, from, to, true)];
    expect(short.length + long.length).toBe(points.length - 2);
    const length = (way: readonly Point[]): number => [...way, points[to]!].reduce((s, p, i, all) => s + distance(i ? all[i - 1]! : points[from]!, p), 0);
    expect(length(short)).toBeLessThanOrEqual(length(long));
  });
});

it("selects a whole group by a click with Ctrl", () => {
  const grouped = [annotation("a", box(10, 10, 50, 50)), annotation("b", box(100, 10, 150, 50)), annotation("c", box(200, 10, 250, 50))].map((a, i) => ({ ...a, group_id: i < 2 ? "g" : null }));
  const editor = makeEditor({ base: { annotations: grouped, answers: {} } });
  const hand = new Hand(editor);
  hand.click([30, 30]);
  expect([...editor.selection]).toEqual(["a"]);
  hand.click([30, 30], { ctrl: true });
  expect([...editor.selection]).toEqual(["a", "b"]);
});
