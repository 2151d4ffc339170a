import { beforeEach, describe, expect, it } from "vitest";
import { cutPixels, disc, iou, paint, pixelsOf, rect, run } from "../../engine/assist/testing";
import { Workshop } from "../../engine/assist/workshop";
import type { Editor } from "../../engine/editor";
import { annotation, box, makeEditor } from "../../engine/testing";
import { type Ask, adjustSelected } from "./adjust";

const scene = paint((x, y) => disc(60, 75, 35)(x, y) || rect({ x0: 120, y0: 40, x1: 180, y1: 110 })(x, y), { noise: 12 });
const ask: Ask = async (kind, patch, request) => {
  const workshop = new Workshop();
  workshop.keep(patch, cutPixels(scene.raster, patch));
  return run(workshop.answer(kind, patch, scene.frame, request)) ?? null;
};

describe("fit and snap of what is selected", () => {
  let editor: Editor;
  let said: string[];
  beforeEach(() => {
    const rough = { kind: "polygon", rings: [[[28, 75], [60, 36], [94, 75], [60, 112]]] } as const;
    const annotations = [annotation("loose", box(108, 30, 192, 122)), annotation("rough", rough), annotation("point", { kind: "point", point_xy: [5, 5] })];
    editor = makeEditor({ frame: scene.frame, base: { annotations, answers: {} } });
    said = [];
    editor.onMessage = (text) => said.push(text);
  });
  const geometryOf = (id: string) => editor.document.findAnnotation(id)!.geometry;

  it("changes boxes and polygons together, as one step that undo takes back", async () => {
    editor.select(["loose", "rough"]);
    await adjustSelected(editor, "fit", ask);
    const fitted = geometryOf("loose");
    expect(fitted.kind === "box" && fitted.box_xyxy.every((v, i) => Math.abs(v - [120, 40, 180, 110][i]!) < 3)).toBe(true);
    expect(iou(pixelsOf(geometryOf("rough"), scene.frame), pixelsOf(null, scene.frame).map((_, p) => (scene.truth[p] && p % 200 < 100 ? 1 : 0)))).toBeGreaterThan(0.93);
    expect(editor.suggestions.record().map((r) => [r.source, r.outcome])).toEqual([["assist:fit", "accepted"], ["assist:fit", "accepted"]]);
    editor.undo();
    expect(geometryOf("loose")).toEqual(box(108, 30, 192, 122));
    expect(editor.suggestions.record().map((r) => r.outcome)).toEqual(["refused", "refused"]);
  });

  it("snaps onto the edges", async () => {
    editor.put([{ z: 0, annotation: annotation("loose", box(115, 45, 186, 104)) }], "Draw");
    editor.select(["loose"]);
    await adjustSelected(editor, "snap", ask);
    const snapped = geometryOf("loose");
    expect(snapped.kind === "box" && snapped.box_xyxy.every((v, i) => Math.abs(v - [120, 40, 180, 110][i]!) < 2)).toBe(true);
  });

  it("says what it cannot do", async () => {
    await adjustSelected(editor, "fit", ask);
    editor.select(["point"]);
    await adjustSelected(editor, "fit", ask);
    expect(said).toHaveLength(2);
  });

  it("leaves what a person changed meanwhile", async () => {
    editor.select(["loose"]);
    const under = adjustSelected(editor, "fit", async (kind, patch, request) => {
      editor.put([{ z: 0, annotation: annotation("loose", box(0, 0, 20, 20)) }], "Move");
      return ask(kind, patch, request);
    });
    await under;
    expect(geometryOf("loose")).toEqual(box(0, 0, 20, 20));
    expect(editor.suggestions.record()).toEqual([]);
  });
});
