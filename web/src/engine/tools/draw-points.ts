/**
 * Drawing point by point: clicks set points, shift and a move sets them along the way. A click on a corner of a neighbour
 * and then on another corner of it takes over the border between them; alt takes the other way round.
 */
import { type Point, distance } from "../geometry";
import type { Editor } from "../editor";
import type { GeometryKind } from "../types";
import type { VertexSpot } from "../snapping/snapper";
import { placed } from "./place";
import { type PointerInput, type Sketch, type Tool } from "./tool";

type State =
  | { readonly name: "idle" }
  | { readonly name: "drawing"; readonly points: readonly Point[]; readonly steps: readonly Step[]; readonly cursor: Point; readonly border: readonly Point[] };

/** One press: how many points it set, and the corner of a neighbour that it lay on. */
interface Step {
  readonly count: number;
  readonly spot: VertexSpot | null;
}

const IDLE: State = { name: "idle" };
/** Distance between points set by moving with shift held, in screen pixels. */
const FREEHAND_STEP_PX = 14;

export abstract class DrawPointsTool implements Tool {
  abstract readonly id: string;
  abstract readonly draws: GeometryKind | null;
  /** Fewest points; a closed outline is closed by a click on its first. */
  protected abstract readonly least: number;
  protected abstract readonly isClosed: boolean;
  readonly cursor = "crosshair";
  #state: State = IDLE;

  constructor(protected readonly editor: Editor) {}

  /** Makes something of the points. Returns what is wrong with them; drawing goes on then. */
  protected abstract make(points: readonly Point[]): string | null;

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    if (s.name === "idle") return null;
    return { kind: "path", points: [...s.points, ...s.border], cursor: s.cursor, canClose: this.#isAtStart(s.points, s.cursor), isOpen: !this.isClosed };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const at = placed(this.editor, input);
    const { points, steps } = this.#state.name === "drawing" ? this.#state : { points: [], steps: [] };
    // The second press of a double click lies on the point that the first one set.
    if (input.clicks > 1 && points.length >= this.least) return this.#finish(points);
    if (this.#isAtStart(points, at)) return this.#finish(points);
    const last = points.at(-1);
    if (last && distance(last, at) * this.editor.viewport.scale < 2) return;
    const border = this.#border(steps, input.alt);
    const step: Step = { count: border.length + 1, spot: this.editor.snapper.mark?.spot ?? null };
    this.#enter({ name: "drawing", points: [...points, ...border, at], steps: [...steps, step], cursor: at, border: [] });
  }

  move(input: PointerInput): void {
    const s = this.#state;
    const cursor = placed(this.editor, input);
    if (s.name === "idle") return this.editor.changed("live");
    const step = distance(s.points.at(-1)!, cursor) * this.editor.viewport.scale;
    const isSetting = input.shift && step >= FREEHAND_STEP_PX && !this.#isAtStart(s.points, cursor);
    if (isSetting) return this.#enter({ ...s, points: [...s.points, cursor], steps: [...s.steps, { count: 1, spot: null }], cursor, border: [] });
    this.#enter({ ...s, cursor, border: this.#border(s.steps, input.alt) });
  }

  up(): void {
    // Points are set on press; there is nothing to do on release.
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#enter(IDLE);
    return wasBusy;
  }

  confirm(): boolean {
    if (this.#state.name !== "drawing") return false;
    this.#finish(this.#state.points);
    return true;
  }

  back(): boolean {
    const s = this.#state;
    if (s.name !== "drawing") return false;
    const last = s.steps.at(-1)?.count ?? 1;
    const points = s.points.slice(0, -last);
    this.#enter(points.length ? { ...s, points, steps: s.steps.slice(0, -1), border: [] } : IDLE);
    return true;
  }

  /** The neighbour's border from the last point to the corner that the pointer has snapped to. */
  #border(steps: readonly Step[], isLonger: boolean): Point[] {
    const { snapper } = this.editor;
    return snapper.border(steps.at(-1)?.spot ?? null, snapper.mark?.spot ?? null, isLonger);
  }

  #isAtStart(points: readonly Point[], at: Point): boolean {
    const first = points[0];
    return this.isClosed && first !== undefined && points.length >= this.least && distance(first, at) * this.editor.viewport.scale <= this.editor.reachPx * 1.4;
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  #finish(points: readonly Point[]): void {
    const before = this.#state;
    // Idle first: what is made may take another tool in hand.
    this.#enter(IDLE);
    const fault = this.make(points);
    if (fault === null) return;
    this.#enter(before);
    this.editor.say(fault);
  }
}
