/** Small world for the engine's own tests. */
import { Editor, type EditorOptions } from "./editor";
import type { Point } from "./geometry";
import { InputRouter } from "./input";
import type { Annotation, Geometry, Ontology } from "./types";

export const ontology: Ontology = {
  classes: [
    {
      class_id: "car", name: "Car", color: "#3b82f6", parent_id: null, geometry_kinds: ["box", "polygon"],
      attributes: [
        { attribute_id: "side", name: "Side", kind: "choice", options: [{ option_id: "l", name: "Left" }, { option_id: "r", name: "Right" }], is_required: true, minimum: null, maximum: null, default: null, condition: null },
        { attribute_id: "lamp", name: "Lamp on", kind: "boolean", options: [], is_required: true, minimum: null, maximum: null, default: null, condition: { attribute_id: "side", equals: ["l"] } },
      ],
    },
    { class_id: "sign", name: "Sign", color: "#f59e0b", parent_id: null, geometry_kinds: ["box"], attributes: [] },
  ],
  questions: [],
};

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function makeEditor(options: Partial<EditorOptions> = {}): Editor {
  let count = 0;
  let now = 0;
  const editor = new Editor({
    frame: { width: 1000, height: 600 },
    ontology,
    base: { annotations: [], answers: {} },
    now: () => (now += 1000),
    newId: () => `ann_${String(++count).padStart(6, "0")}`,
    ...options,
  });
  editor.viewport.resize(1000, 600);
  editor.viewport.restore({ scale: 1, tx: 0, ty: 0 });
  return editor;
}

export function annotation(id: string, geometry: Geometry, classId = "car"): Annotation {
  return { annotation_id: id, class_id: classId, geometry, attributes: {}, is_occluded: false, is_truncated: false, score: null, origin: null, group_id: null };
}

export function box(x0: number, y0: number, x1: number, y1: number): Geometry {
  return { kind: "box", box_xyxy: [x0, y0, x1, y1] };
}

type Keys = Partial<{ shift: boolean; ctrl: boolean; alt: boolean; button: number; quick: boolean }>;

/** A hand on the mouse. */
export class Hand {
  readonly router: InputRouter;
  #time = 0;

  constructor(editor: Editor) {
    this.router = new InputRouter(editor);
  }

  down(at: Point, keys: Keys = {}): void {
    this.#time += keys.quick ? 100 : 1000;
    this.router.down(this.#raw(at, keys), false);
  }

  move(at: Point, keys: Keys = {}): void {
    this.router.move(this.#raw(at, keys));
  }

  up(at: Point, keys: Keys = {}): void {
    this.router.up(this.#raw(at, keys));
  }

  click(at: Point, keys: Keys = {}): void {
    this.move(at);
    this.down(at, keys);
    this.router.up(this.#raw(at, keys));
  }

  drag(from: Point, to: Point): void {
    this.move(from);
    this.down(from);
    this.move([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
    this.move(to);
    this.up(to);
  }

  #raw(screen: Point, keys: Keys) {
    return { pointerId: 1, screen, button: keys.button ?? 0, shift: keys.shift ?? false, ctrl: keys.ctrl ?? false, alt: keys.alt ?? false, timeMs: this.#time };
  }
}
