/** Superpixels: patches of one colour light up under the pointer; click or drag takes them, shift or alt gives them back. */
import type { Point } from "../geometry";
import type { Editor } from "../editor";
import type { Assistants } from "../assist/port";
import { type Found, type OutcomeKind, foundIn } from "../assist/outcome";
import { type Patch, patchKey, pixelAt } from "../assist/raster";
import type { Superpixels } from "../assist/superpixels";
import type { Geometry, GeometryKind } from "../types";
import { Candidate, isInFrame, patchInView } from "./candidate";
import type { PointerInput, Sketch, Tool } from "./tool";
import { msg } from "../text";

/** The cells of one view; kept while something is taken of them, so that they do not shift under the hand. */
interface Cells extends Superpixels {
  readonly patch: Patch;
  readonly key: string;
  /** Of each cell its first column and row, and those after its last: only there is looked for its pixels. */
  readonly boxes: Int32Array;
}

const MOST_CELLS_PX = 720;

export class SuperpixelTool implements Tool {
  readonly id = "superpixels";
  readonly cursor = "crosshair";
  #cells: Cells | null = null;
  #loading: string | null = null;
  #hover = -1;
  #hoverShape: Geometry | null = null;
  #taken = new Set<number>();
  #strokes: Set<number>[] = [];
  #painting: boolean | null = null;
  readonly #candidate: Candidate;

  constructor(private readonly editor: Editor, private readonly assistants: Assistants) {
    this.#candidate = new Candidate(editor, assistants, () => "assist:superpixels");
    this.#load();
  }

  get draws(): GeometryKind {
    return this.#candidate.kind;
  }

  get state(): string {
    return this.#cells === null ? "loading" : this.#painting !== null ? "painting" : this.#taken.size ? "taken" : "idle";
  }

  get sketch(): Sketch | null {
    return this.#hoverShape && { kind: "geometry", geometry: this.#hoverShape };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0 || !isInFrame(this.editor, input.at)) return;
    if (input.clicks > 1 && this.#taken.size) return void this.confirm();
    this.#load();
    if (!this.#cells) return this.editor.say(msg`One moment: the picture is being divided.`);
    this.#strokes.push(new Set(this.#taken));
    this.#painting = !(input.shift || input.alt);
    this.#touch(input.at);
  }

  move(input: PointerInput): void {
    this.#load();
    if (this.#painting !== null) return this.#touch(input.at);
    this.#point(input.at);
  }

  up(): void {
    this.#painting = null;
    this.editor.changed("live");
  }

  cancel(): boolean {
    const wasBusy = this.#taken.size > 0;
    this.#clear();
    return this.#candidate.refuse() || wasBusy;
  }

  confirm(): boolean {
    if (!this.#candidate.isThere) return false;
    this.#clear();
    return this.#candidate.accept();
  }

  back(): boolean {
    const before = this.#strokes.pop();
    if (!before) return false;
    this.#taken = before;
    this.#show();
    return true;
  }

  restyle(): void {
    this.#load();
  }

  /** Divides what is in view, unless that was done or something is taken. */
  #load(): void {
    if (this.#taken.size || this.#painting !== null) return;
    const patch = patchInView(this.editor, MOST_CELLS_PX);
    const side = Math.max(4, Math.round((this.assistants.options.side * patch.scale) / this.editor.viewport.scale));
    const key = `${patchKey(patch)} ${side}`;
    if (key === this.#cells?.key || key === this.#loading) return;
    this.#loading = key;
    void this.assistants.ask("superpixels", patch, { side }).then((made) => {
      // What failed is not asked for again before the view is another one.
      if (this.#loading !== key || !made) return;
      this.#loading = null;
      if (this.#taken.size) return;
      this.#cells = { ...made, patch, key, boxes: boxesOf(made) };
      this.#hover = -1;
      this.#hoverShape = null;
      this.editor.changed("tool");
    });
  }

  #cellAt(at: Point): number {
    const p = this.#cells ? pixelAt(this.#cells.patch, at) : -1;
    return p < 0 ? -1 : this.#cells!.of[p]!;
  }

  #point(at: Point): void {
    const cell = this.#cellAt(at);
    if (cell !== this.#hover) {
      this.#hover = cell;
      this.#hoverShape = cell < 0 ? null : (this.#shape(new Set([cell]), "polygon")?.geometry ?? null);
    }
    this.editor.changed("live");
  }

  #touch(at: Point): void {
    this.#point(at);
    const cell = this.#hover;
    if (cell < 0 || this.#taken.has(cell) === this.#painting) return;
    if (this.#painting) this.#taken.add(cell);
    else this.#taken.delete(cell);
    this.#show();
  }

  #show(): void {
    const shape = this.#taken.size ? this.#shape(this.#taken, this.#candidate.kind) : null;
    if (shape) this.#candidate.put(shape);
    else this.#candidate.withdraw();
  }

  #shape(cells: ReadonlySet<number>, kind: OutcomeKind): Found | null {
    const { patch, of, count, boxes, width } = this.#cells!;
    const isIn = new Uint8Array(count);
    let [x0, y0, x1, y1] = [Infinity, Infinity, 0, 0];
    for (const cell of cells) {
      isIn[cell] = 1;
      x0 = Math.min(x0, boxes[cell * 4]!);
      y0 = Math.min(y0, boxes[cell * 4 + 1]!);
      x1 = Math.max(x1, boxes[cell * 4 + 2]!);
      y1 = Math.max(y1, boxes[cell * 4 + 3]!);
    }
    const part: Patch = { scale: patch.scale, x0: patch.x0 + x0 / patch.scale, y0: patch.y0 + y0 / patch.scale, width: x1 - x0, height: y1 - y0 };
    const bits = new Uint8Array(part.width * part.height);
    for (let y = y0, p = 0; y < y1; y++) for (let x = x0; x < x1; x++, p++) bits[p] = isIn[of[y * width + x]!]!;
    return foundIn(bits, part, this.editor.frame, { kind, crumb: 4 });
  }

  #clear(): void {
    this.#taken = new Set();
    this.#strokes = [];
    this.#painting = null;
    this.#hoverShape = null;
    this.#hover = -1;
    this.editor.changed("live");
  }
}

function boxesOf({ width, height, of, count }: Superpixels): Int32Array {
  const boxes = new Int32Array(count * 4);
  for (let cell = 0; cell < count; cell++) boxes.set([width, height, 0, 0], cell * 4);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const at = of[p]! * 4;
      if (x < boxes[at]!) boxes[at] = x;
      if (y < boxes[at + 1]!) boxes[at + 1] = y;
      if (x >= boxes[at + 2]!) boxes[at + 2] = x + 1;
      if (y >= boxes[at + 3]!) boxes[at + 3] = y + 1;
    }
  }
  return boxes;
}
