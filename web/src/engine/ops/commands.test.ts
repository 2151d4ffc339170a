import { describe, expect, it } from "vitest";
import type { Editor } from "../editor";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import { areaOfSpans, rectSpans, sameSpans } from "../raster/spans";
import { united } from "../raster/combine";
import { boundsOfGeometry, geometryKinds, shapeOf } from "../shapes/registry";
import { copySelected, paste } from "../commands";
import { Hand, annotation, box, makeEditor, ontology as plain, seeded } from "../testing";
import type { Annotation, Geometry, MaskGeometry, Ontology } from "../types";
import { convertSelected, fillHoles, flipSelected, groupSelected, joinSelected, kindsToConvertTo, removeSpecks, restackSelected, selectGroups, subtractSelected, ungroupSelected } from "./commands";
import { converted } from "./convert";
import { momentEllipse, smallestBox } from "./fit";

const ontology: Ontology = {
  classes: [
    { ...plain.classes[0]!, class_id: "car", geometry_kinds: ["box", "polygon", "mask", "rotated_box", "ellipse", "polyline"], attributes: [] },
    { ...plain.classes[1]!, class_id: "sign" },
  ],
  questions: [],
};
const frame = { width: 1000, height: 600 };

function polygon(...ring: [number, number][]): Geometry {
  return { kind: "polygon", rings: [ring] };
}

function square(x: number, y: number, side: number): Geometry {
  return polygon([x, y], [x + side, y], [x + side, y + side], [x, y + side]);
}

function mask(x: number, y: number, w: number, h: number): MaskGeometry {
  return maskOfSpans(rectSpans(x, y, x + w, y + h))!;
}

function world(...geometries: (Geometry | Annotation)[]): { editor: Editor; said: () => string; shapes: () => Geometry[]; area: () => number } {
  const annotations = geometries.map((g, i) => ("kind" in g ? annotation(String(i), g) : g));
  const editor = makeEditor({ ontology, base: { annotations, answers: {} } });
  editor.select(annotations.map((a) => a.annotation_id));
  let text = "";
  editor.onMessage = (t) => (text = t);
  const shapes = (): Geometry[] => editor.document.toLabelling().annotations.map((a) => a.geometry);
  return { editor, said: () => text, shapes, area: () => shapes().reduce((sum, g) => sum + shapeOf(g).area(g), 0) };
}

const restores = (editor: Editor, act: () => void): void => {
  const before = editor.document.toLabelling();
  act();
  expect(editor.document.toLabelling()).not.toEqual(before);
  expect(editor.history.log).toHaveLength(1);
  editor.undo();
  expect(editor.document.toLabelling()).toEqual(before);
  editor.redo();
};

describe("join", () => {
  it("makes one polygon of two that touch, in one step", () => {
    const { editor, shapes } = world(square(0, 0, 50), square(50, 0, 50));
    restores(editor, () => joinSelected(editor));
    expect(shapes()).toHaveLength(1);
    expect(shapeOf(shapes()[0]!).area(shapes()[0]!)).toBe(5000);
    expect([...editor.selection]).toEqual(["0"]);
  });

  it("says so of polygons that do not touch, and of different classes", () => {
    const apart = world(square(0, 0, 50), square(80, 0, 50));
    joinSelected(apart.editor);
    expect([apart.shapes().length, apart.said()]).toEqual([2, expect.stringContaining("do not touch")]);
    const mixed = world(annotation("a", square(0, 0, 50)), annotation("b", square(50, 0, 50), "sign"));
    joinSelected(mixed.editor);
    expect([mixed.shapes().length, mixed.said()]).toEqual([2, expect.stringContaining("different classes")]);
  });

  it("makes one mask of masks that do not touch, and of a polygon and a mask", () => {
    const { editor, shapes, area } = world(mask(0, 0, 10, 10), mask(50, 50, 10, 10), square(0, 0, 20));
    joinSelected(editor);
    expect([shapes().length, shapes()[0]!.kind, area()]).toEqual([1, "mask", 500]);
  });
});

describe("slice", () => {
  it.each([[square(100, 100, 100), 10_000], [mask(100, 100, 100, 100), 10_000]])("divides %o and joins again", (geometry, whole) => {
    const { editor, shapes, area } = world(geometry);
    editor.setTool("slice");
    expect(editor.selection.size).toBe(1);
    new Hand(editor).drag([80, 130], [220, 150]);
    expect([shapes().length, area()]).toEqual([2, whole]);
    expect(editor.selection.size).toBe(2);
    joinSelected(editor);
    expect([shapes().length, area()]).toEqual([1, whole]);
    editor.undo();
    editor.undo();
    expect(shapes()).toEqual([geometry]);
  });

  it("goes round corners by clicks, and takes the object on top when none is selected", () => {
    const { editor, shapes } = world(square(0, 0, 300), square(100, 100, 100));
    editor.select([]);
    editor.setTool("slice");
    const hand = new Hand(editor);
    hand.click([90, 150]);
    hand.click([150, 160]);
    hand.click([210, 120]);
    expect(editor.tool.confirm()).toBe(true);
    expect(shapes()).toHaveLength(3);
    expect(editor.document.findAnnotation("0")?.geometry).toEqual(square(0, 0, 300));
    hand.drag([500, 500], [600, 600]);
    expect(shapes()).toHaveLength(3);
  });
});

describe("cut out", () => {
  it("takes the uppermost out of those below, and removes what is wholly covered", () => {
    const { editor, shapes } = world(square(0, 0, 100), mask(40, 40, 100, 20), square(45, 45, 5), square(40, 0, 20), box(40, -0, 60, 100));
    restores(editor, () => subtractSelected(editor));
    expect(shapes().map((g) => shapeOf(g).area(g)).sort((a, b) => a - b)).toEqual([1600, 2000, 4000, 4000]);
  });
});

describe("masks", () => {
  it("lose specks and holes", () => {
    const ring = maskOfSpans(united(united(rectSpans(0, 0, 50, 10), rectSpans(0, 40, 50, 50)), united(rectSpans(0, 0, 10, 50), united(rectSpans(40, 0, 50, 50), rectSpans(80, 80, 82, 82)))))!;
    const { editor, area, said } = world(ring);
    fillHoles(editor);
    expect(area()).toBe(2504);
    removeSpecks(editor);
    expect(area()).toBe(2500);
    removeSpecks(editor);
    expect([editor.history.log.length, said()]).toEqual([2, expect.stringContaining("no parts")]);
  });
});

describe("convert", () => {
  it("offers only what the class draws", () => {
    const { editor } = world(square(0, 0, 50));
    expect(kindsToConvertTo(editor)).toEqual(["box", "mask", "rotated_box", "ellipse"]);
    const sign = world(annotation("a", box(0, 0, 9, 9), "sign"));
    expect(kindsToConvertTo(sign.editor)).toEqual([]);
    convertSelected(sign.editor, "mask");
    expect(sign.said()).toContain("cannot become a mask");
  });

  it("goes from mask to polygons and back without losing a pixel", () => {
    const two = maskOfSpans(united(rectSpans(10, 10, 30, 30), rectSpans(50, 10, 55, 90)))!;
    const { editor, shapes } = world(two);
    restores(editor, () => convertSelected(editor, "polygon"));
    expect(shapes().map((g) => g.kind)).toEqual(["polygon", "polygon"]);
    const groups = editor.document.toLabelling().annotations.map((a) => a.group_id);
    expect(groups[0]).not.toBeNull();
    expect(groups[1]).toBe(groups[0]);
    editor.select(editor.document.ids());
    convertSelected(editor, "mask");
    joinSelected(editor);
    expect(sameSpans(spansOfMask(shapes()[0] as MaskGeometry), spansOfMask(two))).toBe(true);
  });

  it("fits boxes and ellipses", () => {
    const turned: Geometry = { kind: "rotated_box", center_xy: [300, 300], size_wh: [120, 40], angle_deg: 30 };
    const [outline] = converted(turned, "polygon", frame);
    const [again] = converted(outline!, "rotated_box", frame);
    expect(again).toMatchObject({ center_xy: [expect.closeTo(300, 6), expect.closeTo(300, 6)], size_wh: [expect.closeTo(120, 6), expect.closeTo(40, 6)], angle_deg: expect.closeTo(30, 6) });
    const ellipse: Geometry = { kind: "ellipse", center_xy: [300, 300], radii_xy: [90, 30], angle_deg: 70 };
    const [ring] = converted(ellipse, "polygon", frame);
    const [back] = converted(ring!, "ellipse", frame);
    expect(back).toMatchObject({ center_xy: [expect.closeTo(300, 1), expect.closeTo(300, 1)], radii_xy: [expect.closeTo(90, 0), expect.closeTo(30, 0)], angle_deg: expect.closeTo(70, 0) });
    expect(momentEllipse([])).toBeNull();
    expect(smallestBox([[0, 0], [1, 1]])).toBeNull();
  });

  it("keeps inside the picture", () => {
    const over: Geometry = { kind: "ellipse", center_xy: [0, 300], radii_xy: [100, 50], angle_deg: 0 };
    for (const kind of ["box", "polygon", "mask"] as const) {
      const shapes = converted(over, kind, frame);
      expect(shapes.map((g) => shapeOf(g).fault(g, frame))).toEqual([null]);
      expect(boundsOfGeometry(shapes[0]!).x0).toBe(0);
    }
  });
});

describe("flips and quarter turns", () => {
  const shapes: Geometry[] = [
    box(10, 20, 60, 40), { kind: "polygon", rings: [[[0, 0], [50, 0], [20, 30]]] }, maskOfSpans(united(rectSpans(5, 5, 9, 20), rectSpans(5, 5, 30, 7)))!,
    { kind: "rotated_box", center_xy: [100, 100], size_wh: [60, 20], angle_deg: 30 }, { kind: "ellipse", center_xy: [100, 100], radii_xy: [60, 20], angle_deg: 20 },
    { kind: "polyline", points: [[0, 0], [10, 30]] }, { kind: "point", point_xy: [5, 5] },
    { kind: "bezier", nodes: [{ at: [0, 0], handle_in: [0, 0], handle_out: [10, 0] }, { at: [40, 40], handle_in: [30, 40], handle_out: [40, 40] }], is_closed: false },
    { kind: "skeleton", nodes: [{ node_id: "a", at: [3, 4], state: "visible" }] },
    { kind: "cuboid", corners: [[10, 10], [30, 10], [30, 40], [10, 40], [15, 5], [35, 5], [35, 35], [15, 35]] },
  ];

  it.each(shapes.map((g) => [g.kind, g] as const))("come back after twice or four times (%s)", (_kind, geometry) => {
    expect(geometryKinds).toContain(geometry.kind);
    for (const [how, times] of [["across", 2], ["down", 2], ["left", 4], ["right", 4]] as const) {
      const { editor } = world({ ...annotation("0", shapeOf(geometry).translate(geometry, 200, 200)) });
      const before = editor.document.findAnnotation("0")!.geometry;
      for (let i = 0; i < times; i++) flipSelected(editor, how, "Flip");
      const after = editor.document.findAnnotation("0")!.geometry;
      const [a, b] = [boundsOfGeometry(before), boundsOfGeometry(after)];
      for (const side of ["x0", "y0", "x1", "y1"] as const) expect(b[side]).toBeCloseTo(a[side], 0);
      expect(shapeOf(after).area(after)).toBeCloseTo(shapeOf(before).area(before), 0);
    }
  });

  it("turn pixels exactly, and refuse what would not fit", () => {
    const { editor, shapes: now, said } = world(mask(0, 0, 900, 10));
    flipSelected(editor, "right", "Turn");
    expect([now()[0], said()]).toEqual([mask(0, 0, 900, 10), "Turned, it would not fit into the picture."]);
    const corner = world(maskOfSpans(united(rectSpans(100, 100, 110, 102), rectSpans(100, 100, 101, 110)))!);
    flipSelected(corner.editor, "right", "Turn");
    expect(corner.shapes()[0]).toEqual(maskOfSpans(united(rectSpans(100, 100, 110, 101), rectSpans(108, 100, 110, 110))));
  });
});

describe("what lies above what", () => {
  const ids = (editor: Editor): string[] => editor.document.toLabelling().annotations.map((a) => a.annotation_id);

  it("goes to the front and back, and past the next object that it touches", () => {
    const { editor } = world(square(0, 0, 50), square(20, 0, 50), square(500, 0, 50), square(30, 0, 50));
    editor.select(["0"]);
    restackSelected(editor, "up", "Up");
    expect(ids(editor)).toEqual(["1", "0", "2", "3"]);
    restackSelected(editor, "up", "Up");
    expect(ids(editor)).toEqual(["1", "2", "3", "0"]);
    restackSelected(editor, "down", "Down");
    expect(ids(editor)).toEqual(["1", "2", "0", "3"]);
    restackSelected(editor, "back", "Back");
    expect(ids(editor)).toEqual(["0", "1", "2", "3"]);
    restackSelected(editor, "front", "Front");
    expect(ids(editor)).toEqual(["1", "2", "3", "0"]);
    for (let i = 0; i < 5; i++) editor.undo();
    expect(ids(editor)).toEqual(["0", "1", "2", "3"]);
  });

  it.each([1, 2, 3])("never loses an order among thousands of moves (seed %i)", (seed) => {
    const random = seeded(seed);
    const { editor } = world(...Array.from({ length: 12 }, () => square(Math.floor(random() * 100), 0, 50)));
    for (let i = 0; i < 1000; i++) {
      const before = ids(editor);
      const chosen = before.filter(() => random() < 0.2);
      editor.select(chosen);
      const way = (["front", "back", "up", "down"] as const)[Math.floor(random() * 4)]!;
      restackSelected(editor, way, way);
      const after = ids(editor);
      const rest = (list: string[]): string[] => list.filter((id) => !chosen.includes(id));
      expect(rest(after)).toEqual(rest(before));
      if (way === "front" && chosen.length) expect(after.slice(-chosen.length)).toEqual(before.filter((id) => chosen.includes(id)));
    }
  });
});

describe("groups", () => {
  it("are made, selected as a whole and dissolved, each in one step", () => {
    const { editor } = world(square(0, 0, 50), square(100, 0, 50), square(200, 0, 50));
    editor.select(["0", "2"]);
    restores(editor, () => groupSelected(editor));
    editor.select(["0"]);
    selectGroups(editor);
    expect([...editor.selection]).toEqual(["0", "2"]);
    ungroupSelected(editor);
    editor.select(["0"]);
    selectGroups(editor);
    expect([...editor.selection]).toEqual(["0"]);
  });

  it("stay groups of their own when copied", () => {
    const { editor } = world(square(0, 0, 50), square(100, 0, 50));
    groupSelected(editor);
    paste(editor, copySelected(editor));
    const groups = editor.document.toLabelling().annotations.map((a) => a.group_id);
    expect(new Set(groups).size).toBe(2);
    expect(groups[2]).toBe(groups[3]);
  });
});

describe("simplify and smooth", () => {
  const saw: Geometry = { kind: "polygon", rings: [[...Array.from({ length: 40 }, (_, i): [number, number] => [100 + 5 * i, 100 + (i % 2)]), [295, 200], [100, 200]]] };

  it("shows the tolerance while it is chosen and makes one step", () => {
    const { editor, shapes } = world(saw);
    editor.setTool("simplify");
    expect(editor.previewed.size).toBe(1);
    expect(editor.tool.caption).toContain("of 42 points");
    editor.tool.adjust!(-20);
    expect(editor.tool.caption).toContain("42 of 42");
    editor.tool.adjust!(20);
    restores(editor, () => editor.tool.confirm());
    expect(shapes()[0]).toMatchObject({ rings: [expect.objectContaining({ length: 4 })] });
    expect(editor.toolId).toBe("select");
  });

  it("gives up by Esc and by undo without a trace", () => {
    for (const give of ["cancel", "undo"] as const) {
      const { editor, shapes } = world(saw, mask(0, 0, 30, 30));
      editor.setTool("smooth");
      expect(editor.previewed.size).toBe(2);
      if (give === "undo") editor.undo();
      else editor.tool.cancel();
      expect([editor.previewed.size, editor.history.log.length, shapes()[0]]).toEqual([0, 0, saw]);
    }
  });
});

it("copies every kind of shape into the next picture", () => {
  const { editor } = world(mask(10, 10, 30, 30), square(0, 0, 20));
  const copied = JSON.parse(JSON.stringify(copySelected(editor))) as Annotation[];
  const next = makeEditor({ ontology });
  paste(next, copied);
  expect(next.document.toLabelling().annotations.map((a) => a.geometry)).toEqual([mask(10, 10, 30, 30), square(0, 0, 20)]);
  paste(editor, copySelected(editor));
  expect(areaOfSpans(spansOfMask(editor.document.toLabelling().annotations[2]!.geometry as MaskGeometry))).toBe(900);
});
