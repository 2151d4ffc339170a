/** Brush and eraser. The right button does the opposite; shift and a click draw straight from where the last stroke ended. */
import { type Point, distance } from "../geometry";
import { sweptSpans } from "../raster/stroke";
import type { Editor } from "../editor";
import { Stroke } from "./stroke";
import type { PointerInput, Sketch, Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  | { readonly name: "painting"; readonly stroke: Stroke; readonly isErasing: boolean; readonly at: Point };

const IDLE: State = { name: "idle" };
const RIGHT = 2;

export class BrushTool implements Tool {
  readonly draws;
  readonly isSerial = true;
  readonly keepsSelection = true;
  readonly cursor = "none";
  #state: State = IDLE;
  #pointer: Point | null = null;
  #isShifted = false;
  /** Where the last stroke ended. */
  #last: Point | null = null;

  constructor(
    private readonly editor: Editor,
    readonly id: "brush" | "eraser",
  ) {
    this.draws = id === "brush" ? ("mask" as const) : null;
  }

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    if (!this.#pointer) return null;
    const { sizePx, form } = this.editor.brush;
    const isErasing = this.#state.name === "painting" ? this.#state.isErasing : this.id === "eraser";
    const line = this.#state.name === "idle" && this.#isShifted ? this.#last : null;
    return { kind: "brush", at: this.#pointer, sizePx, form, isErasing, line };
  }

  down(input: PointerInput): void {
    if (this.#state.name === "painting" || (input.button !== 0 && input.button !== RIGHT)) return;
    const isErasing = (this.id === "eraser") !== (input.button === RIGHT);
    const stroke = isErasing ? Stroke.erasing(this.editor) : Stroke.painting(this.editor);
    if (!stroke) return;
    this.#state = { name: "painting", stroke, isErasing, at: input.at };
    this.#sweep(stroke, input.shift && this.#last ? this.#last : input.at, input);
    this.#pointer = input.at;
  }

  move(input: PointerInput): void {
    this.#pointer = input.at;
    this.#isShifted = input.shift;
    const s = this.#state;
    if (s.name === "painting" && distance(s.at, input.at) > 0) {
      this.#sweep(s.stroke, s.at, input);
      this.#state = { ...s, at: input.at };
    }
    this.editor.changed("live");
  }

  up(input: PointerInput): void {
    const s = this.#state;
    if (s.name !== "painting") return;
    if (distance(s.at, input.at) > 0) this.#sweep(s.stroke, s.at, input);
    this.#last = input.at;
    this.#state = IDLE;
    s.stroke.commit(s.isErasing ? msg`Erase` : msg`Paint`);
    this.editor.changed("live");
  }

  cancel(): boolean {
    const s = this.#state;
    if (s.name === "painting") s.stroke.cancel();
    this.#state = IDLE;
    this.editor.changed("live");
    return s.name === "painting";
  }

  /** The object is finished: the next stroke starts another one. */
  confirm(): boolean {
    if (this.#state.name === "painting" || this.editor.selection.size === 0) return false;
    this.editor.select([]);
    this.#last = null;
    this.editor.say(msg`Finished. The next stroke starts a new object.`);
    return true;
  }

  back(): boolean {
    return this.cancel();
  }

  adjust(steps: number): boolean {
    this.editor.brush.adjust(steps);
    this.editor.changed("tool");
    return true;
  }

  #sweep(stroke: Stroke, from: Point, { at, pressure }: PointerInput): void {
    const { brush, frame } = this.editor;
    stroke.extend(sweptSpans(from, at, brush.sizeAt(pressure), brush.form, frame));
  }
}
