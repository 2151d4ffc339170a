/** Cut out: a box around an object, and GrabCut finds it; lines drawn over what belongs or (with alt) does not correct it. */
import { type Bounds, type Point, boundsOf } from "../geometry";
import type { Editor } from "../editor";
import type { Assistants } from "../assist/port";
import type { Patch } from "../assist/raster";
import { type Stroke, around } from "../assist/workshop";
import { boxBetween } from "../shapes/box";
import type { GeometryKind } from "../types";
import { Candidate, inFrame, isInFrame, patchAround } from "./candidate";
import type { PointerInput, Sketch, Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  | { readonly name: "boxing"; readonly from: Point; readonly to: Point }
  /** A box is there; what is drawn now corrects. */
  | { readonly name: "found" }
  | { readonly name: "correcting"; readonly points: readonly Point[]; readonly isObject: boolean };

const MOST_CUT_PX = 400;
const ROOM = 0.2;
const LEAST_BOX_PX = 6;

export class CutOutTool implements Tool {
  readonly id = "cutout";
  readonly cursor = "crosshair";
  #state: State = { name: "idle" };
  #box: Bounds | null = null;
  #patch: Patch | null = null;
  #strokes: readonly Stroke[] = [];
  readonly #candidate: Candidate;

  constructor(private readonly editor: Editor, private readonly assistants: Assistants) {
    this.#candidate = new Candidate(editor, assistants, () => "assist:cutout");
  }

  get draws(): GeometryKind {
    return this.#candidate.kind;
  }

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    if (s.name === "boxing") return { kind: "geometry", geometry: boxBetween(s.from, s.to) };
    if (s.name === "correcting") return { kind: "path", points: s.points, cursor: null, canClose: false, isOpen: true };
    return null;
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const at = inFrame(this.editor, input.at);
    if (this.#box === null) return this.#enter({ name: "boxing", from: at, to: at });
    if (!isInFrame(this.editor, input.at)) return;
    if (input.clicks > 1 && !input.shift && !input.alt) return void this.confirm();
    this.#enter({ name: "correcting", points: [at], isObject: !input.alt });
  }

  move(input: PointerInput): void {
    const at = inFrame(this.editor, input.at);
    const s = this.#state;
    if (s.name === "boxing") this.#enter({ ...s, to: at });
    else if (s.name === "correcting") this.#enter({ ...s, points: [...s.points, at] });
    else this.editor.changed("live");
  }

  up(): void {
    const s = this.#state;
    if (s.name === "boxing") this.#begin(boundsOf([s.from, s.to]));
    if (s.name === "correcting") this.#correct(s.points, s.isObject);
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#clear();
    return this.#candidate.refuse() || wasBusy;
  }

  confirm(): boolean {
    if (!this.#candidate.isThere) return false;
    this.#clear();
    return this.#candidate.accept();
  }

  back(): boolean {
    if (this.#state.name === "idle") return false;
    if (this.#strokes.length) {
      this.#strokes = this.#strokes.slice(0, -1);
      this.#ask();
    } else {
      this.#clear();
      this.#candidate.withdraw();
    }
    return true;
  }

  restyle(): void {
    if (this.#box) this.#ask();
  }

  #begin(box: Bounds): void {
    const least = LEAST_BOX_PX / Math.min(1, this.editor.viewport.scale);
    if (box.x1 - box.x0 < least || box.y1 - box.y0 < least) {
      this.#enter({ name: "idle" });
      return this.editor.say(msg`Drag a box around the whole object first.`);
    }
    this.#box = box;
    this.#patch = patchAround(this.editor, around([[box.x0, box.y0], [box.x1, box.y1]], ROOM, 8), MOST_CUT_PX);
    this.#enter({ name: "found" });
    this.#ask();
  }

  #correct(points: readonly Point[], isObject: boolean): void {
    this.#strokes = [...this.#strokes, { points, isObject, radius: this.assistants.options.radius / this.editor.viewport.scale }];
    this.#enter({ name: "found" });
    this.#ask();
  }

  #ask(): void {
    const patch = this.#patch;
    const box = this.#box;
    if (!patch || !box) return;
    const request = { box, strokes: this.#strokes, kind: this.#candidate.kind };
    void this.#candidate.show(
      () => this.assistants.ask("cut", patch, request),
      msg`Nothing stands out in this box: draw a line over the object, or with Alt over what does not belong to it.`,
    );
  }

  #clear(): void {
    this.#box = null;
    this.#patch = null;
    this.#strokes = [];
    this.#enter({ name: "idle" });
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }
}
