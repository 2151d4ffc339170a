/** Draw a box at an angle by three points: the ends of one edge, then how far the box reaches from it. */
import { type Point, distance } from "../geometry";
import { LEAST_SIDE_PX } from "../shapes/box";
import { boxOnEdge } from "../shapes/rotated-box";
import { TURN_STEP_DEG, angleOf, fromOwn, snapped } from "../shapes/turning";
import type { Editor } from "../editor";
import { placedFreely } from "./place";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  | { readonly name: "pointing"; readonly from: Point; readonly screen: Point }
  /** The first edge, by a drag or between two clicks. */
  | { readonly name: "dragging" | "stretching"; readonly from: Point; readonly to: Point }
  | { readonly name: "widening"; readonly from: Point; readonly to: Point; readonly side: Point };

const IDLE: State = { name: "idle" };
const LEAST_DRAWN_PX = 3;

export class DrawRotatedBoxTool implements Tool {
  readonly id = "rotated_box";
  readonly draws = "rotated_box";
  readonly cursor = "crosshair";
  #state: State = IDLE;

  constructor(private readonly editor: Editor) {}

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    if (s.name === "idle" || s.name === "pointing") return null;
    const edge: Sketch = { kind: "path", points: [s.from], cursor: s.to, canClose: false, isOpen: true };
    if (s.name !== "widening") return edge;
    const box = boxOnEdge(s.from, s.to, s.side);
    return box.size_wh[1] > 0 ? { kind: "geometry", geometry: box } : edge;
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const s = this.#state;
    const at = placedFreely(this.editor, input);
    if (s.name === "stretching") this.#setEdge(s.from, this.#edgeEnd(s.from, input));
    else if (s.name === "widening") this.#finish(s.from, s.to, at);
    else this.#enter({ name: "pointing", from: at, screen: input.screen });
  }

  move(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "pointing" && distance(s.screen, input.screen) >= DRAG_SLOP_PX) this.#enter({ name: "dragging", from: s.from, to: this.#edgeEnd(s.from, input) });
    else if (s.name === "dragging" || s.name === "stretching") this.#enter({ ...s, to: this.#edgeEnd(s.from, input) });
    else if (s.name === "widening") this.#enter({ ...s, side: placedFreely(this.editor, input) });
    else this.editor.changed("live");
  }

  up(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "pointing") this.#enter({ name: "stretching", from: s.from, to: s.from });
    else if (s.name === "dragging") this.#setEdge(s.from, this.#edgeEnd(s.from, input));
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#enter(IDLE);
    return wasBusy;
  }

  confirm(): boolean {
    const s = this.#state;
    if (s.name === "widening") this.#finish(s.from, s.to, s.side);
    else if (s.name === "stretching") this.#setEdge(s.from, s.to);
    else return false;
    return true;
  }

  /** From the width back to the edge, from the edge to nothing. */
  back(): boolean {
    const s = this.#state;
    if (s.name !== "widening") return this.cancel();
    this.#enter({ name: "stretching", from: s.from, to: s.side });
    return true;
  }

  /** Shift turns the edge in steps. */
  #edgeEnd(from: Point, input: PointerInput): Point {
    const at = placedFreely(this.editor, input);
    return input.shift ? fromOwn([distance(from, at), 0], from, snapped(angleOf(from, at), TURN_STEP_DEG)) : at;
  }

  #least(): number {
    return Math.max(LEAST_SIDE_PX, LEAST_DRAWN_PX / this.editor.viewport.scale);
  }

  #setEdge(from: Point, to: Point): void {
    if (distance(from, to) >= this.#least()) return this.#enter({ name: "widening", from, to, side: to });
    this.#enter(IDLE);
    this.editor.say(msg`Too short for the edge of a box; draw a longer one.`);
  }

  #finish(from: Point, to: Point, side: Point): void {
    const box = boxOnEdge(from, to, side);
    if (box.size_wh[1] < this.#least()) return this.editor.say(msg`Move away from the edge to give the box its width.`);
    this.#enter(IDLE);
    this.editor.addDrawn(box);
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }
}
