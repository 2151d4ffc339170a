/** Drawing and changing each kind of shape, as a hand does it. */
import { beforeEach, describe, expect, it } from "vitest";
import { flipPoint, setMeasure, turnSelected } from "../shaping";
import { Hand, annotation, makeEditor, seeded } from "../testing";
import { History } from "../edits/history";
import type { Editor } from "../editor";
import type { Point } from "../geometry";
import { shapeOf } from "../shapes/registry";
import type { Annotation, Geometry, Ontology, OntologyClass, SkeletonTemplate } from "../types";

const template: SkeletonTemplate = {
  nodes: [
    { node_id: "head", name: "Head", at: [0.5, 0] },
    { node_id: "left", name: "Left hand", at: [0, 0.5] },
    { node_id: "right", name: "Right hand", at: [1, 0.5] },
    { node_id: "foot", name: "Foot", at: [0.5, 1] },
  ],
  edges: [["head", "left"], ["head", "right"], ["head", "foot"]],
};
const drawn = (class_id: string, ...geometry_kinds: string[]): OntologyClass => ({
  class_id, name: class_id, color: "#3b82f6", parent_id: null, geometry_kinds, attributes: [],
  ...(geometry_kinds.includes("skeleton") ? { skeleton: template } : {}),
});
const all: Ontology = {
  classes: [drawn("thing", "box", "polygon", "rotated_box", "polyline", "bezier", "ellipse", "point", "cuboid"), drawn("person", "skeleton")],
  questions: [],
};

let editor: Editor;
let hand: Hand;
let said: string[];

function open(...annotations: Annotation[]): void {
  editor = makeEditor({ ontology: all, base: { annotations, answers: {} } });
  said = [];
  editor.onMessage = (text) => said.push(text);
  hand = new Hand(editor);
}
beforeEach(() => open());

const newest = (): Geometry | undefined => editor.document.toLabelling().annotations.at(-1)?.geometry;
const newestOf = <K extends Geometry["kind"]>(kind: K) => {
  const geometry = newest();
  expect(geometry?.kind).toBe(kind);
  return geometry as Extract<Geometry, { kind: K }>;
};
const shapeAt = (id: string): Geometry => editor.document.findAnnotation(id)!.geometry;

describe("boxes", () => {
  it("are square with shift, and grow from their centre with alt, inside the picture", () => {
    const drag = (keys: { shift?: boolean; alt?: boolean }, to: Point): Geometry | undefined => {
      editor.setTool("box");
      hand.down([100, 100]);
      hand.move([150, 120]);
      hand.move(to, keys);
      hand.up(to, keys);
      return newest();
    };
    expect(drag({ shift: true }, [180, 140])).toEqual({ kind: "box", box_xyxy: [100, 100, 180, 180] });
    expect(drag({ alt: true }, [180, 140])).toEqual({ kind: "box", box_xyxy: [20, 60, 180, 140] });
    expect(drag({ shift: true, alt: true }, [300, 110])).toEqual({ kind: "box", box_xyxy: [0, 0, 200, 200] });
  });

  it("are drawn by four extreme points in any order, asked for by name", () => {
    editor.setTool("box4");
    hand.move([200, 50]);
    expect(editor.tool.sketch).toMatchObject({ note: { text: "Topmost point" } });
    for (const p of [[200, 50], [120, 90], [180, 160], [400, 300]] as Point[]) hand.click(p);
    hand.move([0, 0]);
    expect(newest()).toEqual({ kind: "box", box_xyxy: [120, 50, 400, 300] });
  });

  it("take a point back while drawing by extremes", () => {
    editor.setTool("box4");
    hand.click([200, 50]);
    hand.click([120, 90]);
    editor.undo();
    expect(editor.tool.confirm()).toBe(true);
    expect(said.at(-1)).toContain("Leftmost");
    expect(editor.tool.cancel()).toBe(true);
    expect(editor.tool.cancel()).toBe(false);
  });
});

describe("rotated boxes", () => {
  it("are drawn by an edge and a width, by clicks or a drag", () => {
    for (const how of ["clicks", "drag"]) {
      editor.setTool("rotated_box");
      if (how === "clicks") {
        hand.click([100, 100]);
        hand.click([200, 200]);
      } else hand.drag([100, 100], [200, 200]);
      expect(editor.tool.state).toBe("widening");
      hand.click([100, 200]);
      const box = newestOf("rotated_box");
      expect(box.angle_deg).toBe(45);
      expect(box.size_wh).toEqual([141.42, 70.71]);
      expect(box.center_xy).toEqual([125, 175]);
    }
  });

  it("snap their edge to 15 degrees with shift, and go back a step", () => {
    editor.setTool("rotated_box");
    hand.click([100, 100]);
    hand.move([300, 112], { shift: true });
    hand.click([300, 112], { shift: true });
    editor.undo();
    expect(editor.tool.state).toBe("stretching");
    hand.click([300, 112], { shift: true });
    hand.click([200, 160]);
    expect(newestOf("rotated_box").angle_deg).toBe(0);
  });

  it("refuse a slip of the hand with a remark", () => {
    editor.setTool("rotated_box");
    hand.click([100, 100]);
    hand.click([101, 100]);
    expect(said.at(-1)).toContain("Too short");
    hand.click([100, 100]);
    hand.click([200, 100]);
    hand.click([150, 101]);
    expect(said.at(-1)).toContain("width");
    expect(editor.tool.state).toBe("widening");
  });

  it("resize on their own axes, turn by a handle, and by keys", () => {
    open(annotation("r", { kind: "rotated_box", center_xy: [300, 300], size_wh: [200, 100], angle_deg: 90 }, "thing"));
    editor.select(["r"]);
    // The right side of a box turned by 90 degrees lies below.
    hand.drag([300, 400], [300, 450]);
    expect(shapeAt("r")).toMatchObject({ center_xy: [300, 325], size_wh: [250, 100] });
    const turn = shapeOf(shapeAt("r")).handles(shapeAt("r")).find((h) => h.role === "turn")!;
    hand.down(turn.at);
    hand.move([300, 200]);
    hand.move([303, 200], { shift: true });
    hand.up([303, 200], { shift: true });
    expect(shapeAt("r")).toMatchObject({ angle_deg: 0 });
    expect(editor.history.undoName).toBe("Turn");
    turnSelected(editor, -15);
    expect(shapeAt("r")).toMatchObject({ angle_deg: 345 });
  });

  it("may hang over the border, and are moved by their middle", () => {
    open(annotation("r", { kind: "rotated_box", center_xy: [20, 300], size_wh: [200, 100], angle_deg: 0 }, "thing"));
    hand.drag([50, 300], [10, 340]);
    expect(shapeAt("r")).toMatchObject({ center_xy: [0, 340] });
  });
});

describe("lines", () => {
  it("are ended by Enter or a double click, and need two points", () => {
    editor.setTool("polyline");
    hand.click([10, 10]);
    expect(editor.tool.confirm()).toBe(true);
    expect(said.at(-1)).toBe("A line needs two points.");
    hand.click([100, 40]);
    hand.click([200, 10]);
    hand.click([200, 10], { quick: true });
    expect(newest()).toEqual({ kind: "polyline", points: [[10, 10], [100, 40], [200, 10]] });
  });

  it("are picked along the line, not inside it", () => {
    open(annotation("l", { kind: "polyline", points: [[100, 100], [300, 100], [300, 300]] }, "thing"));
    expect(editor.hitAt([200, 103])?.on).toBe("shape");
    expect(editor.hitAt([250, 200])).toBeNull();
  });

  it("are drawn on from their end, and in part anew", () => {
    open(annotation("l", { kind: "polyline", points: [[100, 100], [200, 100], [300, 100], [400, 100]] }, "thing"));
    editor.select(["l"]);
    hand.click([400, 100], { shift: true });
    hand.click([450, 150]);
    editor.tool.confirm();
    expect(shapeAt("l")).toMatchObject({ points: [[100, 100], [200, 100], [300, 100], [400, 100], [450, 150]] });
    hand.click([200, 100], { shift: true });
    hand.click([300, 200]);
    hand.click([400, 100]);
    expect(shapeAt("l")).toMatchObject({ points: [[100, 100], [200, 100], [300, 200], [400, 100], [450, 150]] });
    expect(editor.history.undoName).toBe("Redraw the border");
  });
});

describe("polygons", () => {
  const square: Geometry = { kind: "polygon", rings: [[[100, 100], [300, 100], [300, 300], [100, 300]]] };

  it("get holes drawn inside, and none across their border", () => {
    open(annotation("p", square, "thing"));
    editor.select(["p"]);
    editor.setTool("hole");
    for (const p of [[150, 150], [250, 150], [200, 250]] as Point[]) hand.click(p);
    editor.tool.confirm();
    expect(shapeAt("p")).toEqual({ kind: "polygon", rings: [...square.rings, [[150, 150], [250, 150], [200, 250]]] });
    expect([editor.toolId, [...editor.selection]]).toEqual(["select", ["p"]]);
    editor.setTool("hole");
    for (const p of [[280, 150], [290, 350], [260, 250]] as Point[]) hand.click(p);
    editor.tool.confirm();
    expect(said.at(-1)).toContain("inside its polygon");
    expect(editor.tool.state).toBe("drawing");
    editor.tool.cancel();
    editor.setTool("hole");
    for (const p of [[110, 110], [290, 110], [290, 290], [110, 290]] as Point[]) hand.click(p);
    editor.tool.confirm();
    expect(said.at(-1)).toContain("across another hole");
  });

  it("are redrawn from a vertex to another, in place of the nearer part of the border", () => {
    open(annotation("p", square, "thing"));
    editor.select(["p"]);
    hand.click([300, 100], { shift: true });
    expect(editor.tool.state).toBe("redrawing");
    hand.click([350, 150]);
    hand.click([400, 200]);
    editor.undo();
    hand.click([300, 300]);
    expect(shapeAt("p")).toEqual({ kind: "polygon", rings: [[[300, 300], [100, 300], [100, 100], [300, 100], [350, 150]]] });
    editor.undo();
    expect(shapeAt("p")).toEqual(square);
  });

  it("give up a redrawing with Esc and tell what is missing on Enter", () => {
    open(annotation("p", square, "thing"));
    editor.select(["p"]);
    hand.click([300, 100], { shift: true });
    hand.click([350, 150]);
    expect(editor.tool.confirm()).toBe(true);
    expect(said.at(-1)).toContain("Click the vertex");
    expect(editor.tool.cancel()).toBe(true);
    expect(shapeAt("p")).toEqual(square);
  });
});

describe("curves", () => {
  it("take corners by clicks and smooth nodes by drags, and close at the first node", () => {
    editor.setTool("bezier");
    hand.click([100, 300]);
    hand.drag([200, 100], [250, 100]);
    hand.drag([300, 300], [300, 350]);
    hand.click([101, 301]);
    expect(newest()).toEqual({
      kind: "bezier", is_closed: true,
      nodes: [
        { at: [100, 300], handle_in: [100, 300], handle_out: [100, 300] },
        { at: [200, 100], handle_in: [150, 100], handle_out: [250, 100] },
        { at: [300, 300], handle_in: [300, 250], handle_out: [300, 350] },
      ],
    });
  });

  it("stay open on Enter; alt while dragging breaks a node; a key makes it a corner", () => {
    editor.setTool("bezier");
    hand.click([100, 300]);
    hand.down([200, 100]);
    hand.move([230, 100]);
    hand.move([200, 60], { alt: true });
    hand.up([200, 60]);
    hand.drag([400, 300], [450, 300]);
    editor.tool.flip?.();
    editor.tool.confirm();
    const path = newestOf("bezier");
    expect(path.is_closed).toBe(false);
    expect(path.nodes[1]).toEqual({ at: [200, 100], handle_in: [170, 100], handle_out: [200, 60] });
    expect(path.nodes[2]).toEqual({ at: [400, 300], handle_in: [400, 300], handle_out: [400, 300] });
  });

  it("swing the other handle round while a node is smooth, and not with alt", () => {
    const path: Geometry = {
      kind: "bezier", is_closed: false,
      nodes: [
        { at: [100, 200], handle_in: [100, 200], handle_out: [100, 200] },
        { at: [300, 200], handle_in: [250, 200], handle_out: [350, 200] },
        { at: [500, 200], handle_in: [500, 200], handle_out: [500, 200] },
      ],
    };
    open(annotation("c", path, "thing"));
    editor.select(["c"]);
    hand.drag([350, 200], [300, 300]);
    expect(shapeAt("c")).toMatchObject({ nodes: [{}, { handle_in: [300, 150], handle_out: [300, 300] }, {}] });
    hand.down([300, 300]);
    hand.move([340, 300], { alt: true });
    hand.up([360, 260], { alt: true });
    expect(shapeAt("c")).toMatchObject({ nodes: [{}, { handle_in: [300, 150] }, {}] });
    // A double click on the node makes it a corner, and smooth again.
    hand.click([300, 200]);
    hand.click([300, 200], { quick: true });
    expect(shapeAt("c")).toMatchObject({ nodes: [{}, { handle_in: [300, 200], handle_out: [300, 200] }, {}] });
    flipPoint(editor, "c", "n:1");
    expect(shapeAt("c")).toMatchObject({ nodes: [{}, { handle_in: [233.33, 200], handle_out: [366.67, 200] }, {}] });
    hand.click([300, 200], { alt: true });
    expect(shapeAt("c")).toMatchObject({ nodes: [{ at: [100, 200] }, { at: [500, 200] }] });
  });
});

describe("ellipses and points", () => {
  it("draw an ellipse in a box, a circle with shift, also over the border", () => {
    editor.setTool("ellipse");
    hand.drag([100, 100], [300, 200]);
    expect(newest()).toEqual({ kind: "ellipse", center_xy: [200, 150], radii_xy: [100, 50], angle_deg: 0 });
    editor.setTool("ellipse");
    hand.down([50, 50]);
    hand.move([0, 40], { shift: true });
    hand.move([-50, 10], { shift: true });
    hand.up([-50, 10], { shift: true });
    expect(newest()).toEqual({ kind: "ellipse", center_xy: [0, 0], radii_xy: [50, 50], angle_deg: 0 });
  });

  it("set one point after the other, and undo the last", () => {
    editor.setTool("point");
    for (let i = 0; i < 5; i++) hand.click([100 + i * 10, 50], { quick: true });
    expect([editor.document.size, editor.toolId]).toEqual([5, "point"]);
    editor.undo();
    expect(editor.document.size).toBe(4);
    editor.setTool("select");
    hand.drag([131, 51], [161, 81]);
    expect(newest()).toEqual({ kind: "point", point_xy: [160, 80] });
  });
});

describe("skeletons", () => {
  const nodes = (): readonly (readonly [Point, string])[] => newestOf("skeleton").nodes.map((n) => [n.at, n.state] as const);

  it("place the template into a box, with the class that has one", () => {
    expect(editor.classId).toBe("thing");
    editor.setTool("skeleton");
    expect(editor.classId).toBe("person");
    hand.drag([100, 100], [200, 300]);
    expect(nodes()).toEqual([[[150, 100], "visible"], [[100, 200], "visible"], [[200, 200], "visible"], [[150, 300], "visible"]]);
    hand.drag([100, 200], [90, 250]);
    expect(nodes()[1]).toEqual([[90, 250], "visible"]);
    expect(editor.history.undoName).toBe("Move node");
  });

  it("go through the states of a node by alt and click, or by a key over it, and keep one in the picture", () => {
    editor.setTool("skeleton");
    hand.drag([100, 100], [200, 300]);
    hand.click([150, 100], { alt: true });
    expect(nodes()[0]![1]).toBe("occluded");
    hand.move([151, 101]);
    expect(editor.tool.flip?.()).toBe(true);
    expect(nodes()[0]![1]).toBe("outside");
    editor.tool.flip?.();
    editor.tool.flip?.();
    editor.tool.flip?.();
    expect(nodes()[0]![1]).toBe("outside");
    for (const p of [[100, 200], [200, 200]] as Point[]) {
      hand.click(p, { alt: true });
      hand.click(p, { alt: true });
    }
    hand.click([150, 300], { alt: true });
    hand.click([150, 300], { alt: true });
    expect(nodes()[3]![1]).toBe("occluded");
    expect(said.at(-1)).toContain("Every node");
    // A node that is dragged is there again.
    hand.drag([150, 100], [160, 110]);
    expect(nodes()[0]).toEqual([[160, 110], "visible"]);
  });

  it("are picked along their bones", () => {
    editor.setTool("skeleton");
    hand.drag([100, 100], [200, 300]);
    editor.select([]);
    expect(editor.hitAt([150, 220])?.on).toBe("shape");
    expect(editor.hitAt([120, 260])).toBeNull();
  });

  it("are clicked node by node; alt hides, the key skips, Enter leaves the rest outside", () => {
    editor.setTool("skeleton_nodes");
    hand.move([400, 100]);
    expect(editor.tool.sketch).toMatchObject({ note: { text: "Head (1 of 4)" } });
    hand.click([400, 100]);
    hand.click([350, 200], { alt: true });
    editor.tool.flip?.();
    editor.undo();
    editor.tool.flip?.();
    hand.move([400, 300]);
    expect(editor.tool.sketch).toMatchObject({ note: { text: "Foot (4 of 4)" } });
    editor.tool.confirm();
    expect(nodes().map((n) => n[1])).toEqual(["visible", "occluded", "outside", "outside"]);
    // Nodes outside wait where the template would have them.
    expect(nodes()[2]![0]).toEqual([450, 200]);
  });
});

describe("cuboids", () => {
  it("span the front, then say where the back lies", () => {
    editor.setTool("cuboid");
    hand.drag([100, 200], [300, 400]);
    expect(editor.tool.state).toBe("deepening");
    hand.click([200, 300]);
    expect(said.at(-1)).toContain("depth");
    hand.click([360, 150]);
    expect(newest()).toEqual({
      kind: "cuboid",
      corners: [[100, 200], [300, 200], [300, 400], [100, 400], [160, 150], [360, 150], [360, 350], [160, 350]],
    });
  });

  it("keep upright edges upright, unless alt is held, and move faces whole", () => {
    const cuboid: Geometry = { kind: "cuboid", corners: [[100, 200], [300, 200], [300, 400], [100, 400], [160, 150], [360, 150], [360, 350], [160, 350]] };
    open(annotation("c", cuboid, "thing"));
    editor.select(["c"]);
    hand.drag([100, 200], [80, 180]);
    expect(shapeAt("c")).toMatchObject({ corners: [[80, 180], [300, 200], [300, 400], [80, 400], [160, 150], [360, 150], [360, 350], [160, 350]] });
    hand.down([360, 150]);
    hand.move([370, 140], { alt: true });
    hand.up([370, 140]);
    expect(shapeAt("c")).toMatchObject({ corners: [[80, 180], [300, 200], [300, 400], [80, 400], [160, 150], [370, 140], [360, 350], [160, 350]] });
    editor.undo();
    const back = shapeOf(shapeAt("c")).handles(shapeAt("c")).find((h) => h.id === "back")!;
    hand.drag(back.at, [back.at[0] + 40, back.at[1]]);
    expect(shapeAt("c")).toMatchObject({ corners: [[80, 180], [300, 200], [300, 400], [80, 400], [200, 150], [400, 150], [400, 350], [200, 350]] });
  });
});

describe("numbers", () => {
  it("change a shape as one step, and are refused with a remark when it cannot be so", () => {
    open(annotation("b", { kind: "box", box_xyxy: [100, 100, 200, 150] }, "thing"));
    expect(setMeasure(editor, "b", "w", 55.555, "Width")).toBe(true);
    expect(shapeAt("b")).toEqual({ kind: "box", box_xyxy: [100, 100, 155.56, 150] });
    expect(editor.history.undoName).toBe("Set Width");
    expect(setMeasure(editor, "b", "x", 5000, "x")).toBe(false);
    expect(said.at(-1)).toContain("leaves the image");
    expect(setMeasure(editor, "b", "w", NaN, "Width")).toBe(false);
    turnSelected(editor, 1);
    editor.select(["b"]);
    turnSelected(editor, 1);
    expect(said.at(-1)).toContain("does not turn");
  });

  it("are not taken where the hand leaves a shape that cannot be kept", () => {
    open(annotation("b", { kind: "box", box_xyxy: [100, 100, 200, 150] }, "thing"));
    editor.select(["b"]);
    hand.drag([200, 150], [100.2, 150]);
    expect(shapeAt("b")).toEqual({ kind: "box", box_xyxy: [100, 100, 200, 150] });
    expect(said.at(-1)).toContain("thinner than one pixel");
  });
});

describe("any tool", () => {
  const drawing = ["box", "box4", "rotated_box", "polygon", "hole", "polyline", "bezier", "ellipse", "point", "skeleton", "skeleton_nodes", "cuboid"] as const;

  it.each(drawing)("%s gives up what is under way with Esc, and is not taken in hand while only looking", (id) => {
    editor.setTool(id);
    hand.click([100, 100]);
    editor.tool.cancel();
    expect(editor.tool.cancel()).toBe(false);
    expect(editor.tool.state).toBe("idle");
    editor.setTool("select");
    editor.isReadonly = true;
    editor.setTool(id);
    expect(editor.toolId).toBe("select");
  });

  it.each([1, 2, 3])("never leaves another state than its replayed log, nor a faulty shape (seed %i)", (seed) => {
    const random = seeded(seed * 31);
    let count = 0;
    editor = makeEditor({ ontology: all, newId: () => `n${++count}` });
    hand = new Hand(editor);
    const spot = (): Point => [random() * 1100 - 50, random() * 700 - 50];
    const ids = [...drawing, "select", "select", "select"] as const;
    const keys = () => ({ shift: random() < 0.2, alt: random() < 0.2, quick: random() < 0.3, button: random() < 0.05 ? 2 : 0 });
    const grab = (): Point => {
      const active = editor.active;
      const handles = active ? shapeOf(active.geometry).handles(active.geometry) : [];
      return handles.length ? handles[Math.floor(random() * handles.length)]!.at : spot();
    };
    const acts: (() => void)[] = [
      () => editor.setTool(ids[Math.floor(random() * ids.length)]!),
      () => hand.click(spot(), keys()),
      () => hand.click(spot(), keys()),
      () => hand.click(grab(), keys()),
      () => hand.drag(spot(), spot()),
      () => hand.drag(grab(), spot()),
      () => hand.drag(grab(), spot()),
      () => void editor.tool.confirm(),
      () => void editor.tool.flip?.(),
      () => turnSelected(editor, random() * 60 - 30),
      () => editor.select([...editor.document.ids()].slice(-1)),
      () => editor.undo(),
      () => editor.redo(),
      () => void (random() < 0.3 && hand.router.lost()),
      () => hand.move(spot(), keys()),
    ];
    for (let step = 0; step < 2500; step++) {
      acts[Math.floor(random() * acts.length)]!();
      void editor.tool.sketch;
    }
    const { document } = History.replay(editor.base, editor.history.log);
    expect(document.toLabelling()).toEqual(editor.document.toLabelling());
    expect(editor.document.size).toBeGreaterThan(10);
    const faults = editor.document.toLabelling().annotations.flatMap((a) => shapeOf(a.geometry).fault(a.geometry, editor.frame) ?? []);
    expect(faults).toEqual([]);
  });
});
