import { describe, expect, it } from "vitest";
import { copySelected, deleteSelected, paste } from "../commands";
import { History } from "../edits/history";
import type { Editor } from "../editor";
import type { Point } from "../geometry";
import { shapeOf } from "../shapes/registry";
import { Hand, box, makeEditor, ontology as plain, seeded } from "../testing";
import type { Geometry, Ontology } from "../types";
import { convertSelected, fillHoles, flipSelected, groupSelected, joinSelected, removeSpecks, restackSelected, selectGroups, subtractSelected, ungroupSelected } from "./commands";
import { targetKinds } from "./convert";

const ontology: Ontology = {
  classes: ["a", "b"].map((class_id) => ({ ...plain.classes[1]!, class_id, name: class_id, geometry_kinds: ["box", "polygon", "mask", "rotated_box", "ellipse", "polyline", "bezier"] })),
  questions: [],
};

/** Any of the things a person does to whole shapes, at random places. */
function act(editor: Editor, random: () => number): void {
  const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const spot = (): Point => [random() * 1000, random() * 600];
  const near = ([x, y]: Point): Point => [x + random() * 200 - 100, y + random() * 200 - 100];
  const hand = new Hand(editor);
  const polygon = (): Geometry => {
    const [x, y] = spot();
    const count = 3 + Math.floor(random() * 12);
    const ring = Array.from({ length: count }, (_, i): Point => {
      const r = 20 + random() * 150;
      return [Math.min(1000, Math.max(0, x + r * Math.cos((i / count) * 2 * Math.PI))), Math.min(600, Math.max(0, y + r * Math.sin((i / count) * 2 * Math.PI)))];
    });
    return { kind: "polygon", rings: [ring] };
  };
  const moves: (() => void)[] = [
    () => editor.addDrawn(polygon()),
    () => editor.addDrawn(box(...([...spot(), 990 + random() * 10, 590 + random() * 10] as [number, number, number, number]))),
    () => editor.addDrawn({ kind: "ellipse", center_xy: spot(), radii_xy: [10 + random() * 100, 10 + random() * 100], angle_deg: random() * 179 }),
    () => {
      const from = spot();
      editor.setTool(any(["brush", "eraser", "lasso"] as const));
      editor.brush.sizePx = 1 + random() * 80;
      editor.brush.overlap = any(["allow", "spare", "take"] as const);
      hand.drag(from, near(from));
      editor.setTool("select");
    },
    () => {
      editor.setTool("slice");
      hand.drag(spot(), spot());
      editor.setTool("select");
    },
    () => {
      editor.setTool(any(["simplify", "smooth"] as const));
      editor.tool.adjust!(Math.floor(random() * 21) - 10);
      if (random() < 0.3) editor.tool.cancel();
      else editor.tool.confirm();
      editor.setTool("select");
    },
    () => joinSelected(editor),
    () => subtractSelected(editor),
    () => convertSelected(editor, any(targetKinds)),
    () => flipSelected(editor, any(["across", "down", "left", "right"] as const), "Flip"),
    () => restackSelected(editor, any(["front", "back", "up", "down"] as const), "Stack"),
    () => any([groupSelected, ungroupSelected, selectGroups, fillHoles, removeSpecks])(editor),
    () => paste(editor, copySelected(editor)),
    () => random() < 0.3 && deleteSelected(editor),
    () => editor.setClass(any(["a", "b"])),
    () => editor.undo(),
    () => editor.redo(),
  ];
  const ids = [...editor.document.ids()];
  if (random() < 0.6 && ids.length) editor.select(ids.filter(() => random() < 3 / ids.length));
  if (ids.length > 25) deleteSelected(editor);
  any(moves)();
}

describe("a random shaper", () => {
  it.each([1, 2, 3, 4])("leaves sound shapes, one step an act, and undoes to the beginning (seed %i)", (seed) => {
    const random = seeded(seed);
    const base = { annotations: [], answers: {} };
    const editor = makeEditor({ ontology, base });
    for (let step = 0; step < 350; step++) {
      const before = editor.history.log.length;
      act(editor, random);
      expect(editor.previewed.size).toBe(0);
      expect(editor.history.log.length - before).toBeLessThanOrEqual(2);
      for (const { annotation: { geometry } } of editor.document.inOrder()) {
        const fault = shapeOf(geometry).fault(geometry, editor.frame);
        if (fault) throw new Error(`${fault} after ${editor.history.undoName}: ${JSON.stringify(geometry).slice(0, 300)}`);
        expect(shapeOf(geometry).toWire(geometry)).toEqual(geometry);
      }
    }
    while (editor.history.canRedo) editor.redo();
    const end = editor.document.toLabelling();
    expect(History.replay(base, editor.history.log).document.toLabelling()).toEqual(end);
    while (editor.history.canUndo) editor.undo();
    expect(editor.document.toLabelling()).toEqual(base);
    while (editor.history.canRedo) editor.redo();
    expect(editor.document.toLabelling()).toEqual(end);
  }, 30_000);
});
