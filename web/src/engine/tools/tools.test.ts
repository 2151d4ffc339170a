import { describe, expect, it } from "vitest";
import { annotation, box, Hand, makeEditor } from "../testing";

const only = (editor: ReturnType<typeof makeEditor>) => editor.document.toLabelling().annotations.at(-1)?.geometry;

describe("box tool", () => {
  it("draws by dragging, in any direction, clamped to the frame", () => {
    const editor = makeEditor();
    editor.setTool("box");
    new Hand(editor).drag([300, 200], [-40, 50.123]);
    expect(only(editor)).toEqual(box(0, 50.12, 300, 200));
  });

  it("draws by two clicks, and Esc gives up", () => {
    const editor = makeEditor();
    const hand = new Hand(editor);
    editor.setTool("box");
    hand.click([10, 10]);
    expect(editor.tool.state).toBe("stretching");
    expect(editor.tool.cancel()).toBe(true);
    hand.click([10, 10]);
    hand.click([60, 80]);
    expect(only(editor)).toEqual(box(10, 10, 60, 80));
  });

  it("goes back to select with the new box selected, unless drawing is kept on", () => {
    const editor = makeEditor();
    editor.setTool("box");
    new Hand(editor).drag([10, 10], [60, 80]);
    expect([editor.toolId, editor.selection.size, editor.lastDrawing]).toEqual(["select", 1, "box"]);
    editor.keepsDrawing = true;
    editor.setTool("box");
    new Hand(editor).drag([100, 10], [160, 80]);
    expect([editor.toolId, editor.selection.size]).toEqual(["box", 0]);
  });

  it("makes nothing of a slip", () => {
    const editor = makeEditor();
    editor.setTool("box");
    new Hand(editor).drag([10, 10], [10.5, 90]);
    expect(editor.document.size).toBe(0);
  });
});

describe("polygon tool", () => {
  const corners = [[10, 10], [110, 10], [60, 90]] as const;

  it.each(["enter", "first point", "double click"])("closes by %s", (how) => {
    const editor = makeEditor();
    const hand = new Hand(editor);
    editor.setTool("polygon");
    corners.forEach((c) => hand.click(c));
    if (how === "enter") editor.tool.confirm();
    if (how === "first point") hand.click([12, 12]);
    if (how === "double click") hand.click([60, 90], { quick: true });
    expect(only(editor)).toEqual({ kind: "polygon", rings: [corners.map((c) => [...c])] });
  });

  it("takes points back by undo and right click, and refuses two points", () => {
    const editor = makeEditor();
    const hand = new Hand(editor);
    editor.setTool("polygon");
    corners.forEach((c) => hand.click(c));
    editor.undo();
    expect(editor.tool.confirm()).toBe(true);
    expect(editor.document.size).toBe(0);
    hand.click([500, 500], { button: 2 });
    expect(editor.tool.sketch).toMatchObject({ points: [[10, 10]] });
  });

  it("sets points along the way while shift is held", () => {
    const editor = makeEditor();
    const hand = new Hand(editor);
    editor.setTool("polygon");
    hand.click([0, 0]);
    for (let x = 5; x <= 100; x += 5) hand.move([x, 40], { shift: true });
    const { sketch } = editor.tool;
    expect(sketch?.kind === "path" && sketch.points.length).toBeGreaterThan(5);
  });
});

describe("select tool", () => {
  const polygon = { kind: "polygon", rings: [[[100, 100], [300, 100], [300, 300], [100, 300]]] } as const;

  it("picks the smallest object under the pointer", () => {
    const editor = makeEditor({ base: { annotations: [annotation("big", box(0, 0, 500, 500)), annotation("small", box(100, 100, 200, 200))], answers: {} } });
    new Hand(editor).click([150, 150]);
    expect([...editor.selection]).toEqual(["small"]);
  });

  it("moves, but not out of the frame", () => {
    const editor = makeEditor({ base: { annotations: [annotation("a", box(100, 100, 200, 200))], answers: {} } });
    new Hand(editor).drag([150, 150], [-900, 170]);
    expect(only(editor)).toEqual(box(0, 120, 100, 220));
    expect(editor.history.log).toHaveLength(1);
  });

  it("resizes by a corner, also past the opposite one", () => {
    const editor = makeEditor({ base: { annotations: [annotation("a", box(100, 100, 200, 200))], answers: {} } });
    editor.select(["a"]);
    new Hand(editor).drag([200, 200], [50, 250]);
    expect(only(editor)).toEqual(box(50, 100, 100, 250));
  });

  it("edits vertices: drag, insert on an edge, delete with alt", () => {
    const editor = makeEditor({ base: { annotations: [annotation("p", polygon)], answers: {} } });
    const hand = new Hand(editor);
    editor.select(["p"]);
    hand.drag([300, 300], [400, 350]);
    hand.drag([200, 100], [200, 50]);
    expect(only(editor)).toEqual({ kind: "polygon", rings: [[[100, 100], [200, 50], [300, 100], [400, 350], [100, 300]]] });
    hand.click([200, 50], { alt: true });
    expect(only(editor)).toMatchObject({ rings: [[[100, 100], [300, 100], [400, 350], [100, 300]]] });
  });

  it("moves a small object by its middle, though its handles are near", () => {
    const editor = makeEditor({ base: { annotations: [annotation("a", box(100, 100, 112, 112))], answers: {} } });
    editor.select(["a"]);
    new Hand(editor).drag([106, 106], [206, 106]);
    expect(only(editor)).toEqual(box(200, 100, 212, 112));
  });

  it("selects by a marquee and moves all", () => {
    const editor = makeEditor({ base: { annotations: [annotation("a", box(10, 10, 40, 40)), annotation("b", box(60, 10, 90, 40))], answers: {} } });
    const hand = new Hand(editor);
    hand.drag([2, 2], [120, 80]);
    expect(editor.selection.size).toBe(2);
    hand.drag([25, 25], [125, 35]);
    expect(editor.document.findAnnotation("b")?.geometry).toEqual(box(160, 20, 190, 50));
    expect(editor.history.undoName).toBe("Move 2 objects");
  });

  it("pans with space held, whatever the tool", () => {
    const editor = makeEditor();
    const hand = new Hand(editor);
    editor.setTool("box");
    hand.router.isHandHeld = true;
    hand.drag([100, 100], [160, 130]);
    expect(editor.viewport.view).toEqual({ scale: 1, tx: 60, ty: 30 });
    expect(editor.document.size).toBe(0);
  });
});
