/** Draw a cuboid: span its front face, then say with one more click where its back face lies. */
import { type Bounds, type Point, centre } from "../geometry";
import { LEAST_SIDE_PX } from "../shapes/box";
import { cuboidFrom } from "../shapes/cuboid";
import type { CuboidGeometry } from "../types";
import { placedFreely } from "./place";
import { SpanTool } from "./span";
import type { PointerInput, Sketch } from "./tool";
import { msg } from "../text";

export class DrawCuboidTool extends SpanTool {
  readonly id = "cuboid";
  readonly draws = "cuboid";
  protected readonly what = "a cuboid";
  protected override readonly isFree = true;
  #front: Bounds | null = null;
  #cursor: Point = [0, 0];

  protected shaped(area: Bounds): CuboidGeometry {
    return cuboidFrom(area, 0, 0);
  }

  protected override finish(area: Bounds): void {
    this.#front = area;
    this.#cursor = centre(area);
    this.editor.changed("live");
  }

  override get state(): string {
    return this.#front ? "deepening" : super.state;
  }

  override get sketch(): Sketch | null {
    return this.#front ? { kind: "geometry", geometry: this.#cuboid(this.#front) } : super.sketch;
  }

  override down(input: PointerInput): void {
    if (!this.#front) return super.down(input);
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    this.#cursor = placedFreely(this.editor, input);
    this.confirm();
  }

  override move(input: PointerInput): void {
    if (!this.#front) return super.move(input);
    this.#cursor = placedFreely(this.editor, input);
    this.editor.changed("live");
  }

  override up(input: PointerInput): void {
    if (!this.#front) super.up(input);
  }

  override cancel(): boolean {
    const wasBusy = this.#front !== null;
    this.#front = null;
    return super.cancel() || wasBusy;
  }

  override confirm(): boolean {
    if (!this.#front) return super.confirm();
    const cuboid = this.#cuboid(this.#front);
    const [[x, y], [bx, by]] = [cuboid.corners[0]!, cuboid.corners[4]!];
    if (Math.hypot(bx - x, by - y) < LEAST_SIDE_PX) {
      this.editor.say(msg`Move beyond the front face to give the cuboid its depth.`);
      return true;
    }
    this.#front = null;
    this.editor.addDrawn(cuboid);
    return true;
  }

  /** The pointer leads the corner of the back face that lies nearest to it; inside the front face there is no depth. */
  #cuboid(front: Bounds): CuboidGeometry {
    const [x, y] = this.#cursor;
    const beyond = (at: number, low: number, high: number): number => (at < low ? at - low : at > high ? at - high : 0);
    return cuboidFrom(front, beyond(x, front.x0, front.x1), beyond(y, front.y0, front.y1));
  }
}
