/**
 * Adds an outlined area to a mask, or cuts it out: drag round it freehand, or click corner by corner. The right button does the opposite.
 */
import { type Point, clampPoint, distance } from "../geometry";
import { spansOfRings } from "../raster/scan";
import type { Editor } from "../editor";
import { Stroke } from "./stroke";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  /** The button is down; `isFree` once the pointer has been dragged. */
  | { readonly name: "tracing"; readonly points: readonly Point[]; readonly from: Point; readonly isFree: boolean }
  /** Between clicks. */
  | { readonly name: "clicking"; readonly points: readonly Point[]; readonly cursor: Point };

const IDLE: State = { name: "idle" };
const RIGHT = 2;
/** Distance between points set by dragging, in screen pixels. */
const STEP_PX = 3;

export class LassoTool implements Tool {
  readonly draws;
  readonly isSerial = true;
  readonly keepsSelection = true;
  readonly cursor = "crosshair";
  #state: State = IDLE;
  #isErasing: boolean;

  constructor(
    private readonly editor: Editor,
    readonly id: "lasso" | "lassoCut",
  ) {
    this.draws = id === "lasso" ? ("mask" as const) : null;
    this.#isErasing = id === "lassoCut";
  }

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    if (s.name === "idle") return null;
    if (s.name === "tracing" && s.isFree) return { kind: "trail", points: s.points, purpose: this.#isErasing ? "cut" : "add" };
    if (s.name === "tracing") return { kind: "path", points: s.points, cursor: null, canClose: false };
    return { kind: "path", points: s.points, cursor: s.cursor, canClose: this.#isAtStart(s.points, s.cursor) };
  }

  down(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "tracing" || (input.button !== 0 && input.button !== RIGHT)) return;
    const at = clampPoint(input.at, this.editor.frame);
    if (s.name === "idle") this.#isErasing = (this.id === "lassoCut") !== (input.button === RIGHT);
    const points = s.name === "clicking" ? s.points : [];
    if (points.length >= 3 && (input.clicks > 1 || this.#isAtStart(points, at))) return this.#finish(points);
    this.#enter({ name: "tracing", points: [...points, at], from: input.screen, isFree: false });
  }

  move(input: PointerInput): void {
    const s = this.#state;
    const at = clampPoint(input.at, this.editor.frame);
    if (s.name === "clicking") return this.#enter({ ...s, cursor: at });
    if (s.name !== "tracing") return this.editor.changed("live");
    const isFree = s.isFree || distance(s.from, input.screen) >= DRAG_SLOP_PX;
    const isFar = distance(s.points.at(-1)!, at) * this.editor.viewport.scale >= STEP_PX;
    this.#enter({ ...s, isFree, points: isFree && isFar ? [...s.points, at] : s.points });
  }

  up(input: PointerInput): void {
    const s = this.#state;
    if (s.name !== "tracing") return;
    if (s.isFree && s.points.length >= 3) return this.#finish(s.points);
    this.#enter({ name: "clicking", points: s.points, cursor: clampPoint(input.at, this.editor.frame) });
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#enter(IDLE);
    return wasBusy;
  }

  confirm(): boolean {
    const s = this.#state;
    if (s.name === "clicking") {
      this.#finish(s.points);
      return true;
    }
    if (s.name !== "idle" || this.editor.selection.size === 0) return false;
    this.editor.select([]);
    this.editor.say(msg`Finished. The next outline starts a new object.`);
    return true;
  }

  back(): boolean {
    const s = this.#state;
    if (s.name !== "clicking") return this.cancel();
    const points = s.points.slice(0, -1);
    this.#enter(points.length ? { ...s, points } : IDLE);
    return true;
  }

  #isAtStart(points: readonly Point[], at: Point): boolean {
    return points.length >= 3 && distance(points[0]!, at) * this.editor.viewport.scale <= this.editor.reachPx * 1.4;
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  #finish(points: readonly Point[]): void {
    this.#enter(IDLE);
    const stroke = this.#isErasing ? Stroke.erasing(this.editor) : Stroke.painting(this.editor);
    if (!stroke) return;
    stroke.extend(spansOfRings([points], this.editor.frame));
    stroke.commit(this.#isErasing ? msg`Cut out of the mask` : msg`Add to the mask`);
  }
}
