/** Draw a box by its extreme points: topmost, leftmost, lowest, rightmost. No corner has to be guessed. */
import { type Point, boundsOf } from "../geometry";
import { LEAST_SIDE_PX } from "../shapes/box";
import type { Editor } from "../editor";
import { placed } from "./place";
import type { PointerInput, Sketch, Tool } from "./tool";
import { msg } from "../text";

const ASKED = [msg`Topmost point`, msg`Leftmost point`, msg`Lowest point`, msg`Rightmost point`] as const;

export class DrawExtremesTool implements Tool {
  readonly id = "box4";
  readonly draws = "box";
  readonly cursor = "crosshair";
  #points: readonly Point[] = [];
  #cursor: Point | null = null;

  constructor(private readonly editor: Editor) {}

  get state(): string {
    return this.#points.length ? "drawing" : "idle";
  }

  get sketch(): Sketch | null {
    const note = this.#cursor && { at: this.#cursor, text: ASKED[this.#points.length] ?? "" };
    return note && { kind: "path", points: this.#points, cursor: null, canClose: false, isOpen: true, note };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const points = [...this.#points, placed(this.editor, input)];
    if (points.length < ASKED.length) return this.#set(points);
    this.#set([]);
    // Any order will do: the box is what all four span.
    const { x0, y0, x1, y1 } = boundsOf(points);
    if (x1 - x0 < LEAST_SIDE_PX || y1 - y0 < LEAST_SIDE_PX) return this.editor.say(msg`These points span no box; click the extremes of the object.`);
    this.editor.addDrawn({ kind: "box", box_xyxy: [x0, y0, x1, y1] });
  }

  move(input: PointerInput): void {
    this.#cursor = placed(this.editor, input);
    this.editor.changed("live");
  }

  up(): void {
    // Points are set on press.
  }

  cancel(): boolean {
    const wasBusy = this.#points.length > 0;
    this.#set([]);
    return wasBusy;
  }

  confirm(): boolean {
    if (!this.#points.length) return false;
    this.editor.say(msg`${ASKED[this.#points.length]} next: a box needs all four.`);
    return true;
  }

  back(): boolean {
    if (!this.#points.length) return false;
    this.#set(this.#points.slice(0, -1));
    return true;
  }

  #set(points: readonly Point[]): void {
    this.#points = points;
    this.editor.changed("live");
  }
}
