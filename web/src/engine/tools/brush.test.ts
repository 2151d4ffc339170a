import { describe, expect, it } from "vitest";
import { storedDraft } from "../edits/testing";
import type { Editor } from "../editor";
import type { Point } from "../geometry";
import { areaOfSpans } from "../raster/spans";
import { spansOfMask } from "../raster/runs";
import { shapeOf } from "../shapes/registry";
import { Hand, makeEditor, ontology as plain, seeded } from "../testing";
import type { Labelling, MaskGeometry, Ontology } from "../types";

const ontology: Ontology = {
  classes: [
    { ...plain.classes[0]!, class_id: "road", name: "Road", geometry_kinds: ["mask", "polygon"], attributes: [] },
    { ...plain.classes[1]!, class_id: "sky", name: "Sky", geometry_kinds: ["mask"] },
  ],
  questions: [],
};

function world(tool: "brush" | "eraser" | "lasso" | "lassoCut" = "brush"): { editor: Editor; hand: Hand; said: () => string } {
  const editor = makeEditor({ ontology });
  editor.brush.sizePx = 10;
  let text = "";
  editor.onMessage = (t) => (text = t);
  editor.setTool(tool);
  return { editor, hand: new Hand(editor), said: () => text };
}

const masks = (editor: Editor): MaskGeometry[] => editor.document.toLabelling().annotations.map((a) => a.geometry as MaskGeometry);
const areas = (editor: Editor): number[] => masks(editor).map((m) => areaOfSpans(spansOfMask(m)));

describe("brush and eraser", () => {
  it("paint one object with several strokes, each a step, and start another after Enter", () => {
    const { editor, hand } = world();
    hand.drag([50, 50], [150, 50]);
    hand.drag([100, 20], [100, 80]);
    expect(editor.document.size).toBe(1);
    expect(editor.history.log).toHaveLength(2);
    expect(editor.toolId).toBe("brush");
    expect(editor.tool.confirm()).toBe(true);
    hand.drag([300, 300], [320, 300]);
    expect(editor.document.size).toBe(2);
    editor.undo();
    editor.undo();
    expect(areas(editor)).toHaveLength(1);
    editor.redo();
    expect(shapeOf(masks(editor)[0]!).bounds(masks(editor)[0]!)).toEqual({ x0: 45, y0: 15, x1: 155, y1: 85 });
  });

  it("start another object when the class at hand is another", () => {
    const { editor, hand } = world();
    hand.drag([50, 50], [150, 50]);
    editor.setClass("sky");
    hand.drag([50, 100], [150, 100]);
    expect(editor.document.toLabelling().annotations.map((a) => a.class_id)).toEqual(["road", "sky"]);
  });

  it("draw straight from the last stroke with shift and a click", () => {
    const { editor, hand } = world();
    hand.drag([50, 50], [60, 50]);
    hand.move([60, 200], { shift: true });
    expect(editor.tool.sketch).toMatchObject({ kind: "brush", line: [60, 50] });
    hand.click([60, 200], { shift: true });
    expect(shapeOf(masks(editor)[0]!).contains(masks(editor)[0]!, [60, 130])).toBe(true);
    expect(editor.history.log).toHaveLength(2);
  });

  it("erase from the selected mask, with the right button too, and remove what loses its last pixel", () => {
    const { editor, hand } = world();
    hand.drag([50, 50], [150, 50]);
    const [before] = areas(editor);
    hand.click([100, 50], { button: 2 });
    expect(areas(editor)[0]).toBeLessThan(before!);
    editor.setTool("eraser");
    editor.brush.sizePx = 400;
    hand.click([100, 50]);
    expect(editor.document.size).toBe(0);
    editor.undo();
    editor.undo();
    expect(areas(editor)).toEqual([before]);
  });

  it("erase from the mask on top of what is met, when nothing is selected", () => {
    const { editor, hand } = world();
    hand.drag([50, 50], [150, 50]);
    editor.select([]);
    hand.drag([50, 55], [150, 55]);
    const [lower] = areas(editor);
    editor.setTool("eraser");
    editor.select([]);
    hand.drag([20, 52], [200, 52]);
    expect(areas(editor)[0]).toBe(lower);
  });

  it("do not paint over other masks, or take their pixels, as it was chosen", () => {
    for (const overlap of ["allow", "spare", "take"] as const) {
      const { editor, hand } = world();
      hand.drag([50, 50], [150, 50]);
      const [first] = areas(editor);
      editor.tool.confirm();
      editor.brush.overlap = overlap;
      hand.drag([100, 30], [100, 70]);
      const [a, b] = areas(editor);
      const whole = 10 * 40 + 80;
      if (overlap === "spare") expect([a, b! < whole - 80]).toEqual([first, true]);
      else if (overlap === "take") expect([a! < first!, b! > whole - 20]).toEqual([true, true]);
      else expect([a, b! > whole - 20]).toEqual([first, true]);
      expect(editor.history.log).toHaveLength(2);
      editor.undo();
      expect(areas(editor)).toEqual([first]);
    }
  });

  it("never take pixels from a locked mask", () => {
    const { editor, hand } = world();
    hand.drag([50, 50], [150, 50]);
    const [first] = areas(editor);
    editor.setFlag("locked", editor.document.ids(), true);
    editor.select([]);
    editor.brush.overlap = "take";
    hand.drag([100, 30], [100, 70]);
    expect(areas(editor)[0]).toBe(first);
    editor.setTool("eraser");
    editor.select([]);
    hand.drag([50, 50], [80, 50]);
    expect(areas(editor)[0]).toBe(first);
  });

  it("give a stroke up by Esc and by undo", () => {
    const { editor, hand } = world();
    for (const give of [() => editor.tool.cancel(), () => (editor.undo(), true)]) {
      hand.down([50, 50]);
      hand.move([90, 50]);
      expect(editor.previewed.size).toBe(1);
      expect(give()).toBe(true);
      hand.up([90, 50]);
      expect([editor.previewed.size, editor.document.size]).toEqual([0, 0]);
    }
  });

  it("say so where no class takes masks", () => {
    const editor = makeEditor();
    let said = "";
    editor.onMessage = (t) => (said = t);
    editor.setTool("brush");
    new Hand(editor).drag([50, 50], [90, 50]);
    expect([editor.document.size, said]).toEqual([0, "No class of this project is drawn as a mask."]);
  });

  it("follow the pressure of a pen when asked to, and never that of a mouse", () => {
    const { brush } = world().editor;
    brush.sizePx = 100;
    expect([brush.sizeAt(0.5), brush.sizeAt(undefined)]).toEqual([100, 100]);
    brush.followsPressure = true;
    expect([brush.sizeAt(0), brush.sizeAt(0.5), brush.sizeAt(1), brush.sizeAt(undefined)]).toEqual([10, 55, 100, 100]);
  });

  it("grow by single pixels when small and by tenths when large", () => {
    const { editor } = world();
    editor.brush.sizePx = 1;
    editor.tool.adjust!(3);
    expect(editor.brush.sizePx).toBe(4);
    editor.brush.sizePx = 200;
    editor.tool.adjust!(-1);
    expect(editor.brush.sizePx).toBe(180);
  });
});

describe("lasso", () => {
  const square: Point[] = [[100, 100], [200, 100], [200, 200], [100, 200]];

  it("adds an area clicked corner by corner, and cuts one out", () => {
    const { editor, hand } = world("lasso");
    square.forEach((p) => hand.click(p));
    expect(editor.tool.confirm()).toBe(true);
    expect(areas(editor)).toEqual([10_000]);
    editor.setTool("lassoCut");
    ([[120, 120], [140, 120], [140, 140], [120, 140]] as Point[]).forEach((p) => hand.click(p));
    hand.click([121, 121]);
    expect(areas(editor)).toEqual([9_600]);
    expect(editor.history.undoName).toBe("Cut out of the mask");
  });

  it("follows a free hand", () => {
    const { editor, hand } = world("lasso");
    hand.down(square[0]!);
    for (const [i, p] of square.entries()) for (let t = 0; t < 1; t += 0.1) {
      const q = square[(i + 1) % 4]!;
      hand.move([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
    }
    hand.up([100, 105]);
    expect(areas(editor)[0]).toBeGreaterThan(9_900);
  });
});

describe("a random painter", () => {
  it.each([1, 2, 3])("undoes to the beginning and replays to the end, over reloads (seed %i)", (seed) => {
    const random = seeded(seed);
    let { editor } = world();
    const base: Labelling = { annotations: [], answers: {} };
    const spot = (): Point => [random() * 1000, random() * 600];
    for (let step = 0; step < 90; step++) {
      editor.setTool((["brush", "brush", "eraser", "lasso", "lassoCut"] as const)[Math.floor(random() * 5)]!);
      editor.brush.overlap = (["allow", "spare", "take"] as const)[Math.floor(random() * 3)]!;
      editor.brush.form = random() < 0.5 ? "round" : "square";
      editor.brush.sizePx = 1 + random() * 150;
      if (random() < 0.3) editor.select([]);
      if (random() < 0.2) editor.setClass(random() < 0.5 ? "road" : "sky");
      const hand = new Hand(editor);
      hand.drag(spot(), spot());
      if (random() < 0.3) editor.undo();
      if (random() < 0.2) editor.redo();
      for (const m of masks(editor)) expect([shapeOf(m).fault(m, editor.frame), m.runs.slice(1).every((n) => n > 0)]).toEqual([null, true]);
      if (step % 30 === 29) {
        const { beginning, log } = storedDraft(editor);
        const again = makeEditor({ ontology, base: beginning.labelling, log, newId: () => `s${step}_${Math.floor(random() * 1e9)}` });
        expect(again.document.toLabelling()).toEqual(editor.document.toLabelling());
        editor = again;
      }
    }
    while (editor.history.canRedo) editor.redo();
    const end = editor.document.toLabelling();
    while (editor.history.canUndo) editor.undo();
    expect(editor.document.toLabelling()).toEqual(base);
    while (editor.history.canRedo) editor.redo();
    expect(editor.document.toLabelling()).toEqual(end);
  });
});
