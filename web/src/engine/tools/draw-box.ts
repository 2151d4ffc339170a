/** Draw a box by dragging, or by two clicks. */
import { type Point, clampPoint, distance } from "../geometry";
import { LEAST_SIDE_PX, boxBetween } from "../shapes/box";
import type { Editor } from "../editor";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";

type State =
  | { readonly name: "idle" }
  /** Pressed, not yet known whether this is a drag or a first click. */
  | { readonly name: "pointing"; readonly from: Point; readonly screen: Point }
  | { readonly name: "dragging"; readonly from: Point; readonly to: Point }
  /** Between the first and the second click. */
  | { readonly name: "stretching"; readonly from: Point; readonly to: Point };

const IDLE: State = { name: "idle" };
const LEAST_DRAWN_PX = 3;

export class DrawBoxTool implements Tool {
  readonly id = "box";
  readonly draws = "box";
  readonly cursor = "crosshair";
  #state: State = IDLE;

  constructor(private readonly editor: Editor) {}

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    return s.name === "dragging" || s.name === "stretching" ? { kind: "geometry", geometry: boxBetween(s.from, s.to) } : null;
  }

  down(input: PointerInput): void {
    if (input.button !== 0) return;
    const at = clampPoint(input.at, this.editor.frame);
    if (this.#state.name === "stretching") this.#finish(this.#state.from, at);
    else this.#enter({ name: "pointing", from: at, screen: input.screen });
  }

  move(input: PointerInput): void {
    const to = clampPoint(input.at, this.editor.frame);
    const s = this.#state;
    if (s.name === "pointing" && distance(s.screen, input.screen) >= DRAG_SLOP_PX)
      this.#enter({ name: "dragging", from: s.from, to });
    else if (s.name === "dragging" || s.name === "stretching") this.#enter({ ...s, to });
    else this.editor.changed("live");
  }

  up(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "pointing") this.#enter({ name: "stretching", from: s.from, to: s.from });
    else if (s.name === "dragging") this.#finish(s.from, clampPoint(input.at, this.editor.frame));
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#enter(IDLE);
    return wasBusy;
  }

  confirm(): boolean {
    const s = this.#state;
    if (s.name !== "stretching") return false;
    this.#finish(s.from, s.to);
    return true;
  }

  back(): boolean {
    return this.cancel();
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  #finish(from: Point, to: Point): void {
    const box = boxBetween(from, to);
    const [x0, y0, x1, y1] = box.box_xyxy;
    const least = Math.max(LEAST_SIDE_PX, LEAST_DRAWN_PX / this.editor.viewport.scale);
    this.#enter(IDLE);
    if (x1 - x0 < least || y1 - y0 < least) return this.editor.say("Too small for a box; drag a larger one.");
    this.editor.addDrawn(box);
  }
}
