/** Fingers and pens, as the browser reports them. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Editor } from "./editor";
import type { Point } from "./geometry";
import { InputRouter, type RawPointer } from "./input";
import { annotation, box, makeEditor, seeded } from "./testing";
import { LONG_PRESS_MS } from "./touch";

let editor: Editor;
let router: InputRouter;
let timers: { ms: number; run: () => void }[];
let timeMs: number;

beforeEach(() => {
  editor = makeEditor();
  // At one to one, with room to pan.
  timers = [];
  timeMs = 1000;
  router = new InputRouter(editor, (ms, run) => {
    const timer = { ms, run };
    timers.push(timer);
    return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
  });
});

const raw = (screen: Point, more: Partial<RawPointer>): RawPointer => ({ pointerId: 1, screen, button: 0, shift: false, ctrl: false, alt: false, timeMs: (timeMs += 10), ...more });
const finger = (id: number) => ({
  down: (at: Point) => router.down(raw(at, { pointerId: id, kind: "touch" })),
  move: (at: Point) => router.move(raw(at, { pointerId: id, kind: "touch" })),
  up: (at: Point) => router.up(raw(at, { pointerId: id, kind: "touch" })),
});
const pen = (more: Partial<RawPointer> = {}) => ({
  down: (at: Point) => router.down(raw(at, { pointerId: 9, kind: "pen", ...more })),
  move: (at: Point) => router.move(raw(at, { pointerId: 9, kind: "pen", ...more })),
  up: (at: Point) => router.up(raw(at, { pointerId: 9, kind: "pen", ...more })),
});
function drag(hand: ReturnType<typeof finger>, from: Point, to: Point): void {
  hand.down(from);
  hand.move([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
  hand.move(to);
  hand.up(to);
}
const tap = (hand: ReturnType<typeof finger>, at: Point): void => {
  timeMs += 1000;
  hand.down(at);
  hand.up(at);
};
const boxes = (): unknown[] => editor.document.inOrder().map((e) => (e.annotation.geometry as { box_xyxy?: unknown }).box_xyxy);
const place = (): Point => editor.viewport.toScreen([0, 0]);

describe("one finger", () => {
  it("draws with a drawing tool, from where it was put down", () => {
    editor.setTool("box");
    drag(finger(1), [100, 100], [200, 180]);
    expect(boxes()).toEqual([[100, 100, 200, 180]]);
  });

  it("sets points by taps and closes by a tap on the first", () => {
    editor.setTool("polygon");
    for (const at of [[100, 100], [200, 100], [200, 200], [101, 101]] as Point[]) tap(finger(1), at);
    expect(editor.document.size).toBe(1);
  });

  it("pans on empty ground with select, and moves what it meets", () => {
    editor.put([{ annotation: annotation("a", box(300, 300, 400, 400)), z: 0 }], "Draw");
    drag(finger(1), [50, 50], [90, 60]);
    expect(place()).toEqual([40, 10]);
    const at = editor.viewport.toScreen([350, 350]);
    drag(finger(1), at, [at[0] + 20, at[1]]);
    expect(boxes()).toEqual([[320, 300, 420, 400]]);
    expect(place()).toEqual([40, 10]);
  });

  it("selects by a tap, and nothing by a tap beside", () => {
    editor.put([{ annotation: annotation("a", box(300, 300, 400, 400)), z: 0 }], "Draw");
    tap(finger(1), [350, 350]);
    expect([...editor.selection]).toEqual(["a"]);
    tap(finger(1), [50, 50]);
    expect([...editor.selection]).toEqual([]);
  });

  it("presses long for what a right or an alt click does", () => {
    editor.setTool("polygon");
    for (const at of [[100, 100], [200, 100], [200, 200]] as Point[]) tap(finger(1), at);
    const hand = finger(1);
    hand.down([300, 300]);
    expect(timers.map((t) => t.ms)).toEqual([LONG_PRESS_MS]);
    timers[0]!.run();
    hand.up([300, 300]);
    expect(editor.tool.sketch).toMatchObject({ points: [[100, 100], [200, 100]] });

    editor.setTool("select");
    const ring: Point[] = [[500, 100], [600, 100], [600, 200], [500, 200]];
    editor.put([{ annotation: annotation("p", { kind: "polygon", rings: [ring] }), z: 0 }], "Draw");
    editor.select(["p"]);
    hand.down([600, 200]);
    timers.at(-1)!.run();
    hand.up([600, 200]);
    expect(editor.document.findAnnotation("p")!.geometry).toEqual({ kind: "polygon", rings: [ring.filter((_, i) => i !== 2)] });
  });

  it("takes hold of a corner from further away than a mouse does", () => {
    editor.put([{ annotation: annotation("a", box(300, 300, 400, 400)), z: 0 }], "Draw");
    editor.select(["a"]);
    drag(finger(1), [414, 412], [434, 432]);
    expect(boxes()).not.toEqual([[300, 300, 400, 400]]);
    const after = boxes();
    router.down(raw([448, 446], {}));
    router.move(raw([460, 460], {}));
    router.up(raw([460, 460], {}));
    expect(boxes()).toEqual(after);
  });

  it("is not long when it moves", () => {
    editor.setTool("box");
    finger(1).down([100, 100]);
    finger(1).move([140, 140]);
    expect(timers).toEqual([]);
  });
});

describe("two fingers", () => {
  it("zoom about what is between them, and pan with it", () => {
    const [a, b] = [finger(1), finger(2)];
    a.down([400, 300]);
    b.down([600, 300]);
    b.move([800, 300]);
    expect(editor.viewport.scale).toBeCloseTo(2);
    expect(editor.viewport.toImage([600, 300])[0]).toBeCloseTo(500);
    a.move([400, 400]);
    b.move([800, 400]);
    expect(editor.viewport.scale).toBeCloseTo(2);
    expect(editor.viewport.toImage([600, 400])[1]).toBeCloseTo(300);
    a.up([400, 400]);
    b.move([100, 100]);
    expect(editor.viewport.scale).toBeCloseTo(2);
    b.up([100, 100]);
    expect(editor.document.size).toBe(0);
  });

  it.each(["box", "polygon"] as const)("leave no trace of the first with the %s tool", (tool) => {
    editor.setTool(tool);
    const [a, b] = [finger(1), finger(2)];
    a.down([100, 100]);
    a.move([160, 160]);
    b.down([400, 400]);
    a.move([90, 90]);
    b.up([400, 400]);
    a.up([90, 90]);
    expect([editor.tool.state, editor.document.size]).toEqual(["idle", 0]);
  });

  it("take back only the newest point of a polygon under way", () => {
    editor.setTool("polygon");
    for (const at of [[100, 100], [200, 100]] as Point[]) tap(finger(1), at);
    const [a, b] = [finger(1), finger(2)];
    a.down([300, 300]);
    a.move([320, 320]);
    b.down([400, 400]);
    a.up([320, 320]);
    b.up([400, 400]);
    expect(editor.tool.sketch).toMatchObject({ points: [[100, 100], [200, 100]] });
  });
});

describe("a pen", () => {
  it("draws while the palm is ignored, before, during and after", () => {
    editor.setTool("box");
    const palm = finger(1);
    palm.down([500, 500]);
    palm.move([520, 520]);
    const nib = pen();
    nib.down([100, 100]);
    nib.move([150, 150]);
    finger(2).down([600, 500]);
    finger(2).move([700, 590]);
    palm.move([540, 540]);
    nib.move([200, 200]);
    nib.up([200, 200]);
    palm.up([540, 540]);
    finger(2).up([700, 590]);
    drag(finger(3), [10, 10], [80, 80]);
    expect(boxes()).toEqual([[100, 100, 200, 200]]);
  });

  it("gives the fingers back after a while", () => {
    editor.setTool("box");
    drag(pen() as ReturnType<typeof finger>, [100, 100], [200, 200]);
    timeMs += 2000;
    editor.setTool("box");
    drag(finger(1), [300, 300], [400, 400]);
    expect(boxes()).toEqual([[100, 100, 200, 200], [300, 300, 400, 400]]);
  });

  it("takes the eraser in hand while it is turned round", () => {
    editor.setTool("box");
    const rubber = pen({ isEraser: true, button: 5 });
    rubber.down([100, 100]);
    expect(editor.toolId).toBe("eraser");
    rubber.up([100, 100]);
    expect(editor.toolId).toBe("box");
  });

  it("takes a point back when it is turned round over a shape under way", () => {
    editor.setTool("polygon");
    for (const at of [[100, 100], [200, 100]] as Point[]) tap(finger(1), at);
    timeMs += 1000;
    const rubber = pen({ isEraser: true, button: 5 });
    rubber.down([300, 300]);
    rubber.up([300, 300]);
    expect([editor.toolId, editor.tool.sketch]).toMatchObject(["polygon", { points: [[100, 100]] }]);
  });
});

it("never leaves a gesture or a preview behind, whatever fingers, pen and browser do", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    editor = makeEditor();
    editor.put([{ annotation: annotation("a", box(200, 200, 700, 500)), z: 0 }], "Draw");
    router = new InputRouter(editor, () => () => undefined);
    const spot = (): Point => [random() * 1000, random() * 600];
    const down = new Set<number>();
    let isPenDown = false;
    for (let i = 0; i < 200; i++) {
      const pick = random();
      const id = 1 + Math.floor(random() * 3);
      if (pick < 0.1) editor.setTool((["select", "box", "polygon", "ellipse"] as const)[Math.floor(random() * 4)]!);
      else if (pick < 0.3 && !down.has(id)) (down.add(id), finger(id).down(spot()));
      else if (pick < 0.6) finger(id).move(spot());
      else if (pick < 0.75 && down.has(id)) (down.delete(id), finger(id).up(spot()));
      else if (pick < 0.8 && !isPenDown) ((isPenDown = true), pen().down(spot()));
      else if (pick < 0.9 && isPenDown) ((isPenDown = false), pen().up(spot()));
      else if (pick < 0.92) router.lost();
    }
    for (const id of down) finger(id).up(spot());
    if (isPenDown) pen().up(spot());
    editor.tool.cancel();
    expect([editor.previewed.size, editor.tool.state, Number.isFinite(editor.viewport.scale)]).toEqual([0, "idle", true]);
    timeMs += 5000;
    editor.setTool("select");
    editor.viewport.restore({ scale: 1, tx: 0, ty: 0 });
    const before = editor.viewport.toScreen([0, 0]);
    const empty: Point = [5, 595];
    if (editor.hitAt(empty) === null) {
      drag(finger(1), empty, [45, 565]);
      expect(editor.viewport.toScreen([0, 0])).toEqual([before[0] + 40, before[1] - 30]);
    }
  }
});
