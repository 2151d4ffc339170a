/** Drawing point by point: clicks set points, shift and a move sets them along the way. */
import { type Point, distance } from "../geometry";
import type { Editor } from "../editor";
import type { GeometryKind } from "../types";
import { placed } from "./place";
import { type PointerInput, REACH_PX, type Sketch, type Tool } from "./tool";

type State =
  | { readonly name: "idle" }
  | { readonly name: "drawing"; readonly points: readonly Point[]; readonly cursor: Point };

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
    return { kind: "path", points: s.points, cursor: s.cursor, canClose: this.#isAtStart(s.points, s.cursor), isOpen: !this.isClosed };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const at = placed(this.editor, input);
    const points = this.#state.name === "drawing" ? this.#state.points : [];
    // The second press of a double click lies on the point that the first one set.
    if (input.clicks > 1 && points.length >= this.least) return this.#finish(points);
    if (this.#isAtStart(points, at)) return this.#finish(points);
    const last = points.at(-1);
    if (last && distance(last, at) * this.editor.viewport.scale < 2) return;
    this.#enter({ name: "drawing", points: [...points, at], cursor: at });
  }

  move(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "idle") return this.editor.changed("live");
    const cursor = placed(this.editor, input);
    const step = distance(s.points.at(-1)!, cursor) * this.editor.viewport.scale;
    const isSetting = input.shift && step >= FREEHAND_STEP_PX && !this.#isAtStart(s.points, cursor);
    this.#enter({ name: "drawing", points: isSetting ? [...s.points, cursor] : s.points, cursor });
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
    const points = s.points.slice(0, -1);
    this.#enter(points.length ? { ...s, points } : IDLE);
    return true;
  }

  #isAtStart(points: readonly Point[], at: Point): boolean {
    const first = points[0];
    return this.isClosed && first !== undefined && points.length >= this.least && distance(first, at) * this.editor.viewport.scale <= REACH_PX * 1.4;
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
