/** The click-segmentation model: click what belongs, alt and click what does not, or drag a box; the model draws the outline. */
import { type Bounds, type Point, boundsOf, distance } from "../geometry";
import type { Editor } from "../editor";
import type { Assistants } from "../assist/port";
import { boxBetween } from "../shapes/box";
import type { Handle } from "../shapes/shape";
import type { GeometryKind } from "../types";
import { Candidate, inFrame, isInFrame } from "./candidate";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

interface Click {
  readonly at: Point;
  readonly isObject: boolean;
}

type State =
  | { readonly name: "idle" }
  | { readonly name: "pressing"; readonly from: PointerInput }
  | { readonly name: "boxing"; readonly from: Point; readonly to: Point }
  | { readonly name: "asked" };

export class SegmentTool implements Tool {
  readonly id = "segment";
  readonly cursor = "crosshair";
  #state: State = { name: "idle" };
  #clicks: readonly Click[] = [];
  #box: Bounds | null = null;
  readonly #candidate: Candidate;

  constructor(private readonly editor: Editor, private readonly assistants: Assistants) {
    this.#candidate = new Candidate(editor, assistants, () => assistants.segmenter ?? "assist:segment");
  }

  get draws(): GeometryKind {
    return this.#candidate.kind;
  }

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    if (s.name === "boxing") return { kind: "geometry", geometry: boxBetween(s.from, s.to) };
    const last = this.#clicks.at(-1);
    if (!last) return null;
    const handles = this.#clicks.map(({ at, isObject }, i): Handle => ({ id: String(i), at, cursor: "crosshair", role: isObject ? "vertex" : "corner" }));
    return { kind: "geometry", geometry: { kind: "point", point_xy: last.at }, handles };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0 || !isInFrame(this.editor, input.at)) return;
    if (this.assistants.segmenter === null) return this.editor.say(NO_MODEL);
    if (input.clicks > 1 && this.#candidate.isThere && !input.alt) return void this.confirm();
    this.#enter({ name: "pressing", from: input });
  }

  move(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "pressing" && distance(s.from.screen, input.screen) >= DRAG_SLOP_PX && !s.from.alt)
      this.#enter({ name: "boxing", from: inFrame(this.editor, s.from.at), to: inFrame(this.editor, input.at) });
    else if (s.name === "boxing") this.#enter({ ...s, to: inFrame(this.editor, input.at) });
    else this.editor.changed("live");
  }

  up(): void {
    const s = this.#state;
    if (s.name === "pressing") this.#clicks = [...this.#clicks, { at: s.from.at, isObject: !s.from.alt }];
    else if (s.name === "boxing") this.#box = boundsOf([s.from, s.to]);
    else return;
    this.#enter({ name: "asked" });
    this.#ask();
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#clear();
    return this.#candidate.refuse() || wasBusy;
  }

  confirm(): boolean {
    if (!this.#candidate.isThere) return false;
    this.#clear();
    return this.#candidate.accept();
  }

  back(): boolean {
    if (this.#clicks.length) this.#clicks = this.#clicks.slice(0, -1);
    else if (this.#box) this.#box = null;
    else return false;
    if (this.#clicks.length || this.#box) this.#ask();
    else {
      this.#clear();
      this.#candidate.withdraw();
    }
    return true;
  }

  restyle(): void {
    if (this.#state.name === "asked") this.#ask();
  }

  #ask(): void {
    const query = { points: this.#clicks, box: this.#box, kind: this.#candidate.kind };
    if (!this.#clicks.some((c) => c.isObject) && !this.#box) return this.editor.say(msg`Click something that belongs to the object first.`);
    void this.#candidate.show(() => this.assistants.segment(query), msg`The model found nothing here: click again, or drag a box around the object.`);
  }

  #clear(): void {
    this.#clicks = [];
    this.#box = null;
    this.#enter({ name: "idle" });
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }
}

export const NO_MODEL = msg`This workspace has no click-segmentation model yet: a manager adds one on the page Models.`;
