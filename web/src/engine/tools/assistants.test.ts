import { beforeEach, describe, expect, it } from "vitest";
import type { Found } from "../assist/outcome";
import type { AssistOptions, Assistants, SegmentQuery } from "../assist/port";
import { type Patch, patchKey } from "../assist/raster";
import { outcomeOf, printOf } from "../assist/suggestions";
import { type Scene, boxIou, cutPixels, disc, iou, paint, pixelsOf, rect, run } from "../assist/testing";
import { type Answers, type RequestKind, type Requests, Workshop } from "../assist/workshop";
import { storedDraft } from "../edits/testing";
import type { Editor } from "../editor";
import { Hand, annotation, box, makeEditor, ontology } from "../testing";
import type { Geometry, Ontology } from "../types";
import { CutOutTool } from "./cut-out";
import { ScissorsTool } from "./scissors";
import { NO_MODEL, SegmentTool } from "./segment";
import { SuggestTool, suggestionAt } from "./suggest";
import { SuperpixelTool } from "./superpixels";
import type { Tool } from "./tool";
import { WandTool } from "./wand";

const drawn = (...kinds: string[]): Ontology => ({ ...ontology, classes: [{ ...ontology.classes[1]!, class_id: "thing", name: "Thing", geometry_kinds: kinds }] });

/** The worker's part, at once and in this thread. */
class Nearby implements Assistants {
  readonly options: AssistOptions = { tolerance: 60, isContiguous: true, side: 14, radius: 6, kind: null };
  segmenter: string | null = "model:mdv_1";
  readonly asked: SegmentQuery[] = [];
  readonly #workshop = new Workshop();

  constructor(private readonly scene: Scene, private readonly segments: (query: SegmentQuery) => Found | null = () => null) {}

  async ask<K extends RequestKind>(kind: K, patch: Patch, request: Requests[K]): Promise<Answers[K] | null> {
    this.#workshop.keep(patch, cutPixels(this.scene.raster, patch));
    return run(this.#workshop.answer(kind, patch, this.scene.frame, request)) ?? null;
  }

  async segment(query: SegmentQuery): Promise<Found | null> {
    this.asked.push(query);
    return this.segments(query);
  }

  optionsChanged(): void {
    // Nobody looks.
  }
}

let editor: Editor;
let hand: Hand;
let said: string[];
let nearby: Nearby;
const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

function setUp(scene: Scene, kinds: string[], make: (editor: Editor, nearby: Nearby) => Tool, segments?: (query: SegmentQuery) => Found | null): void {
  editor = makeEditor({ frame: scene.frame, ontology: drawn(...kinds) });
  editor.viewport.resize(scene.frame.width, scene.frame.height);
  editor.viewport.restore({ scale: 1, tx: 0, ty: 0 });
  nearby = new Nearby(scene, segments);
  editor.assist = { makeTool: () => make(editor, nearby), run: () => undefined };
  said = [];
  editor.onMessage = (text) => said.push(text);
  hand = new Hand(editor);
}
const objects = () => editor.document.toLabelling().annotations;
const only = (): Geometry | null => objects().at(-1)?.geometry ?? null;
const found = (): Uint8Array => pixelsOf(only(), editor.frame);

describe("magic wand in hand", () => {
  const scene = paint(disc(100, 75, 40), { noise: 8 });
  beforeEach(() => setUp(scene, ["mask", "polygon"], (e, a) => new WandTool(e, a)));

  it("shows a suggestion that Enter makes an object, with its origin", async () => {
    editor.setTool("wand");
    hand.click([100, 75]);
    await soon();
    expect([editor.suggestions.open.length, objects().length]).toEqual([1, 0]);
    expect(editor.tool.confirm()).toBe(true);
    expect(iou(found(), scene.truth)).toBeGreaterThan(0.95);
    expect(objects()[0]).toMatchObject({ origin: "assist:wand", class_id: "thing", score: null });
    expect([editor.toolId, editor.selection.size, editor.suggestions.open.length]).toEqual(["select", 1, 0]);
    expect(editor.suggestions.record()).toMatchObject([{ source: "assist:wand", outcome: "accepted" }]);
  });

  it("takes more as it is dragged to the right, and less to the left", async () => {
    editor.setTool("wand");
    hand.down([100, 75]);
    hand.move([100 - 110, 75]);
    await soon();
    expect(nearby.options.tolerance).toBe(5);
    hand.move([100 + 60, 75]);
    hand.up([160, 75]);
    await soon();
    expect(nearby.options.tolerance).toBe(90);
    editor.tool.confirm();
    expect(iou(found(), scene.truth)).toBeGreaterThan(0.95);
  });

  it("adds with shift, takes away with alt, and goes back click by click", async () => {
    editor.setTool("wand");
    hand.click([100, 75]);
    hand.click([10, 10], { shift: true });
    await soon();
    const all = pixelsOf(editor.suggestions.current!.geometry, editor.frame);
    expect(all.filter((bit) => bit).length).toBeGreaterThan(29_000);
    expect(editor.tool.back()).toBe(true);
    await soon();
    expect(iou(pixelsOf(editor.suggestions.current!.geometry, editor.frame), scene.truth)).toBeGreaterThan(0.95);
    expect(editor.tool.back()).toBe(true);
    expect([editor.suggestions.open.length, editor.tool.back()]).toEqual([0, false]);
    expect(editor.suggestions.record()).toEqual([]);
  });

  it("counts Esc as a refusal, and draws what the class is drawn as", async () => {
    editor.setTool("wand");
    hand.click([100, 75]);
    await soon();
    expect(editor.tool.cancel()).toBe(true);
    expect(editor.suggestions.record()).toMatchObject([{ source: "assist:wand", outcome: "refused" }]);
    setUp(scene, ["box"], (e, a) => new WandTool(e, a));
    editor.setTool("wand");
    hand.click([100, 75]);
    await soon();
    editor.tool.confirm();
    const shape = only();
    expect(shape?.kind === "box" && boxIou(shape.box_xyxy, [60, 35, 140, 115])).toBeGreaterThan(0.95);
  });
});

describe("superpixels in hand", () => {
  const scene = paint(disc(100, 75, 40), { noise: 8 });

  it("are taken by dragging over them and given back with alt", async () => {
    setUp(scene, ["polygon"], (e, a) => new SuperpixelTool(e, a));
    editor.setTool("superpixels");
    await soon();
    hand.move([100, 75]);
    expect(editor.tool.sketch).toMatchObject({ kind: "geometry" });
    hand.down([75, 75]);
    for (let y = 45; y <= 105; y += 6) for (let x = 70; x <= 130; x += 6) if (disc(100, 75, 36)(x, y)) hand.move([x, y]);
    hand.up([100, 75]);
    const taken = iou(pixelsOf(editor.suggestions.current!.geometry, editor.frame), scene.truth);
    expect(taken).toBeGreaterThan(0.85);
    hand.click([100, 75], { alt: true });
    expect(iou(pixelsOf(editor.suggestions.current!.geometry, editor.frame), scene.truth)).toBeLessThan(taken);
    editor.tool.back();
    expect(iou(pixelsOf(editor.suggestions.current!.geometry, editor.frame), scene.truth)).toBe(taken);
    editor.tool.confirm();
    expect(objects()[0]).toMatchObject({ origin: "assist:superpixels", geometry: { kind: "polygon" } });
  });
});

describe("cut-out in hand", () => {
  it("finds what a box holds, and is corrected by a line", async () => {
    const inside = (x: number, y: number): boolean => disc(70, 75, 28)(x, y) || disc(135, 75, 22)(x, y);
    const scene = paint(inside, { noise: 12 });
    setUp(scene, ["mask"], (e, a) => new CutOutTool(e, a));
    editor.setTool("cutout");
    hand.drag([30, 35], [170, 115]);
    await soon();
    expect(iou(pixelsOf(editor.suggestions.current!.geometry, editor.frame), scene.truth)).toBeGreaterThan(0.93);
    hand.down([125, 75], { alt: true });
    hand.move([145, 75]);
    hand.up([145, 75]);
    await soon();
    editor.tool.confirm();
    expect([found()[75 * 200 + 70], found()[75 * 200 + 135]]).toEqual([1, 0]);
    expect(objects()[0]?.origin).toBe("assist:cutout");
  });

  it("says so where nothing stands out, and where the box is too small", async () => {
    setUp(paint(() => false, { noise: 0 }), ["mask"], (e, a) => new CutOutTool(e, a));
    editor.setTool("cutout");
    hand.drag([30, 35], [32, 36]);
    hand.drag([30, 35], [170, 115]);
    await soon();
    expect(said.length).toBe(2);
    expect(editor.suggestions.open).toEqual([]);
  });
});

describe("scissors in hand", () => {
  const scene = paint(rect({ x0: 60, y0: 40, x1: 140, y1: 110 }), { noise: 6 });

  it("close round the object by a few rough clicks", async () => {
    setUp(scene, ["polygon"], (e, a) => new ScissorsTool(e, a));
    editor.setTool("scissors");
    for (const at of [[62, 42], [138, 38], [142, 108], [58, 112]] as const) {
      hand.click(at);
      await soon();
    }
    hand.move([70, 90]);
    expect(editor.tool.sketch?.kind === "geometry" && editor.tool.sketch.handles?.length).toBe(4);
    hand.click([61, 41]);
    expect(iou(found(), scene.truth)).toBeGreaterThan(0.95);
    expect(objects()[0]?.origin).toBe("assist:scissors");
    expect(editor.suggestions.record()[0]).toMatchObject({ source: "assist:scissors", outcome: "accepted" });
    expect(editor.suggestions.record()[0]!.took_ms).toBeGreaterThan(0);
  });

  it("go back click by click, and make a line where the class is a line", async () => {
    setUp(scene, ["polyline"], (e, a) => new ScissorsTool(e, a));
    editor.setTool("scissors");
    hand.click([61, 45]);
    await soon();
    hand.click([60, 100]);
    await soon();
    hand.click([30, 100]);
    await soon();
    expect(editor.tool.back()).toBe(true);
    await soon();
    editor.tool.confirm();
    const line = only();
    expect(line?.kind === "polyline" && line.points.every(([x]) => Math.abs(x - 60) < 4)).toBe(true);
  });
});

describe("click segmentation in hand", () => {
  const scene = paint(disc(100, 75, 40));

  it("asks with all clicks and a box, and names the model as origin", async () => {
    setUp(scene, ["mask"], (e, a) => new SegmentTool(e, a), () => ({ geometry: { kind: "mask", origin_xy: [60, 35], size_wh: [2, 1], runs: [0, 2] }, outline: [] }));
    editor.setTool("segment");
    hand.click([100, 75]);
    hand.click([20, 20], { alt: true });
    hand.drag([50, 30], [150, 120]);
    await soon();
    expect(nearby.asked.at(-1)).toEqual({ points: [{ at: [100, 75], isObject: true }, { at: [20, 20], isObject: false }], box: { x0: 50, y0: 30, x1: 150, y1: 120 }, kind: "mask" });
    editor.tool.confirm();
    expect(objects()[0]).toMatchObject({ origin: "model:mdv_1", geometry: { kind: "mask" } });
  });

  it("explains how to get a model where there is none", () => {
    setUp(scene, ["mask"], (e, a) => new SegmentTool(e, a));
    nearby.segmenter = null;
    editor.setTool("segment");
    hand.click([100, 75]);
    expect([said, nearby.asked]).toEqual([[NO_MODEL], []]);
  });
});

describe("suggestions", () => {
  const scene = paint(() => false);
  const offer = (x: number, score: number) => ({ source: "model:mdv_9", geometry: box(x, 20, x + 30, 60), classId: "thing", score, attributes: {} });
  beforeEach(() => {
    setUp(scene, ["box"], (e) => new SuggestTool(e));
    editor.suggestions.offer([offer(10, 0.9), offer(60, 0.8), offer(110, 0.7), offer(150, 0.6)]);
    editor.setTool("suggest");
  });

  it("are gone through with Enter, a double click chooses another, and undo takes back", () => {
    editor.tool.confirm();
    expect(objects().map((a) => a.geometry)).toEqual([box(10, 20, 40, 60)]);
    expect(editor.suggestions.current?.geometry).toEqual(box(60, 20, 90, 60));
    hand.click([125, 40]);
    hand.click([125, 40], { quick: true });
    expect(objects().map((a) => a.geometry).at(-1)).toEqual(box(110, 20, 140, 60));
    editor.undo();
    expect(objects().length).toBe(1);
    expect(editor.toolId).toBe("suggest");
  });

  it("tell what became of them: accepted, fixed, refused, undecided", () => {
    const [a, b, c] = editor.suggestions.open.map((s) => s.id);
    const [kept] = editor.suggestions.accept([a!]);
    const [moved] = editor.suggestions.accept([b!]);
    editor.suggestions.refuse([c!]);
    editor.put([{ ...editor.document.find(moved!)!, annotation: { ...editor.document.findAnnotation(moved!)!, geometry: box(61, 20, 90, 60) } }], "Move");
    expect(editor.suggestions.record().map((r) => r.outcome)).toEqual(["accepted", "fixed", "refused", "refused"]);
    editor.remove([kept!], "Delete");
    expect(editor.suggestions.record()[0]?.outcome).toBe("refused");
    editor.undo();
    expect(editor.suggestions.record()[0]?.outcome).toBe("accepted");
    expect(editor.suggestions.wasRefused(box(110, 20, 140, 60))).toBe(true);
    expect(editor.suggestions.wasRefused(box(10, 20, 40, 60))).toBe(false);
  });

  it("come back with a draft", () => {
    const [a, b] = editor.suggestions.open.map((s) => s.id);
    editor.suggestions.accept([a!]);
    editor.suggestions.refuse([b!]);
    const { beginning, log } = storedDraft(editor);
    const again = makeEditor({ frame: scene.frame, ontology: drawn("box"), base: beginning.labelling, log });
    expect(again.suggestions.record().map((r) => r.outcome)).toEqual(["accepted", "refused"]);
    // A decision is no step: undo takes back what was accepted.
    again.undo();
    expect(again.suggestions.record().map((r) => r.outcome)).toEqual(["refused", "refused"]);
    again.redo();
    expect(storedDraft(again).log).toEqual(again.history.log);
  });

  it("are accepted all at once as one step", () => {
    editor.suggestions.accept(editor.suggestions.open.map((s) => s.id));
    expect([objects().length, editor.history.undoName]).toEqual([4, "Accept 4 suggestions"]);
    editor.undo();
    expect(objects()).toEqual([]);
  });

  it("are found under the pointer, the smallest first", () => {
    editor.suggestions.offer([{ source: "s", geometry: box(0, 0, 190, 140) }]);
    expect(suggestionAt(editor, [70, 40])?.geometry).toEqual(box(60, 20, 90, 60));
    expect(suggestionAt(editor, [70, 100])?.geometry).toEqual(box(0, 0, 190, 140));
  });
});

describe("what became of a change in place", () => {
  it("is refused when it was undone, fixed when it was changed", () => {
    const at = makeEditor({ base: { annotations: [annotation("a", box(0, 0, 50, 50))], answers: {} } });
    const decision = { source: "assist:fit", annotation_id: "a", made: printOf(box(5, 5, 40, 40)), before: printOf(box(0, 0, 50, 50)), took_ms: 1 };
    const put = (geometry: Geometry): void => at.put([{ z: 0, annotation: annotation("a", geometry) }], "x");
    expect(outcomeOf(decision, at.document)).toBe("refused");
    put(box(5, 5, 40, 40));
    expect(outcomeOf(decision, at.document)).toBe("accepted");
    put(box(5, 5, 41, 40));
    expect(outcomeOf(decision, at.document)).toBe("fixed");
  });
});

it("keeps a patch apart from another by place and size", () => {
  const patch = { x0: 0, y0: 0, scale: 1, width: 10, height: 10 };
  expect(patchKey(patch)).not.toBe(patchKey({ ...patch, x0: 1 }));
});
