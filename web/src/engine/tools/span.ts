/** Drawing by spanning an upright rectangle: a drag, or two clicks. Shift makes it square, alt spans it from its centre. */
import { type Bounds, type Frame, type Point, distance } from "../geometry";
import { LEAST_SIDE_PX } from "../shapes/box";
import { PLAIN_GRIP, type Grip } from "../shapes/shape";
import type { Editor } from "../editor";
import type { Geometry, GeometryKind } from "../types";
import { placed, placedFreely } from "./place";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  /** Pressed, not yet known whether this is a drag or a first click. */
  | { readonly name: "pointing"; readonly from: Point; readonly screen: Point }
  | { readonly name: "dragging"; readonly from: Point; readonly to: Point; readonly grip: Grip }
  /** Between the first and the second click. */
  | { readonly name: "stretching"; readonly from: Point; readonly to: Point; readonly grip: Grip };

const IDLE: State = { name: "idle" };
const LEAST_DRAWN_PX = 3;

/** The rectangle between two points; a square one, or one around its first point, where the keys say so. */
export function spanned(from: Point, to: Point, { shift, alt }: Grip, frame: Frame | null): Bounds {
  const room = (at: number, delta: number, size: number): number => {
    if (!frame) return Infinity;
    return alt ? Math.min(at, size - at) : delta < 0 ? at : size - at;
  };
  let dx = to[0] - from[0];
  let dy = to[1] - from[1];
  const roomX = room(from[0], dx, frame?.width ?? 0);
  const roomY = room(from[1], dy, frame?.height ?? 0);
  const side = Math.min(Math.max(Math.abs(dx), Math.abs(dy)), roomX, roomY);
  const sign = (n: number): number => (n < 0 ? -1 : 1);
  dx = sign(dx) * (shift ? side : Math.min(Math.abs(dx), roomX));
  dy = sign(dy) * (shift ? side : Math.min(Math.abs(dy), roomY));
  const [ax, ay] = alt ? [from[0] - dx, from[1] - dy] : from;
  const [bx, by] = [from[0] + dx, from[1] + dy];
  return { x0: Math.min(ax, bx), y0: Math.min(ay, by), x1: Math.max(ax, bx), y1: Math.max(ay, by) };
}

export abstract class SpanTool implements Tool {
  abstract readonly id: string;
  abstract readonly draws: GeometryKind;
  /** What is spanned, in words: "a box". */
  protected abstract readonly what: string;
  /** Whether it may hang over the border of the picture. */
  protected readonly isFree: boolean = false;
  readonly cursor = "crosshair";
  #state: State = IDLE;

  constructor(protected readonly editor: Editor) {}

  /** What the rectangle would become. */
  protected abstract shaped(area: Bounds): Geometry | null;

  /** The rectangle is there. */
  protected finish(area: Bounds): void {
    const geometry = this.shaped(area);
    if (geometry) this.editor.addDrawn(geometry);
  }

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    if (s.name !== "dragging" && s.name !== "stretching") return null;
    const geometry = this.shaped(this.#area(s.from, s.to, s.grip));
    return geometry && { kind: "geometry", geometry };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const at = this.#place(input);
    if (this.#state.name === "stretching") this.#end(this.#state.from, at, input);
    else this.#enter({ name: "pointing", from: at, screen: input.screen });
  }

  move(input: PointerInput): void {
    const s = this.#state;
    const grip: Grip = { shift: input.shift, alt: input.alt };
    if (s.name === "pointing") {
      if (distance(s.screen, input.screen) >= DRAG_SLOP_PX) this.#enter({ name: "dragging", from: s.from, to: this.#place(input), grip });
    } else if (s.name === "dragging" || s.name === "stretching") this.#enter({ ...s, to: this.#place(input), grip });
    else this.editor.changed("live");
  }

  up(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "pointing") this.#enter({ name: "stretching", from: s.from, to: s.from, grip: PLAIN_GRIP });
    else if (s.name === "dragging") this.#end(s.from, this.#place(input), input);
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#enter(IDLE);
    return wasBusy;
  }

  confirm(): boolean {
    const s = this.#state;
    if (s.name !== "stretching") return false;
    this.#end(s.from, s.to, s.grip);
    return true;
  }

  back(): boolean {
    return this.cancel();
  }

  #place(input: PointerInput): Point {
    return this.isFree ? placedFreely(this.editor, input) : placed(this.editor, input);
  }

  #area(from: Point, to: Point, grip: Grip): Bounds {
    return spanned(from, to, grip, this.isFree ? null : this.editor.frame);
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  #end(from: Point, to: Point, grip: Grip): void {
    const area = this.#area(from, to, grip);
    const least = Math.max(LEAST_SIDE_PX, LEAST_DRAWN_PX / this.editor.viewport.scale);
    this.#enter(IDLE);
    if (area.x1 - area.x0 < least || area.y1 - area.y0 < least) return this.editor.say(msg`Too small for ${this.what}; drag a larger one.`);
    this.finish(area);
  }
}
