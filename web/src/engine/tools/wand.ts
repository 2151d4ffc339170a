/** The magic wand: click what has one colour; drag sideways for more or less of it; shift adds, alt takes away. */
import type { Point } from "../geometry";
import type { Editor } from "../editor";
import type { Assistants } from "../assist/port";
import type { Patch } from "../assist/raster";
import { MOST_TOLERANCE } from "../assist/wand";
import type { Pick } from "../assist/workshop";
import type { GeometryKind } from "../types";
import { Candidate, isInFrame, patchInView } from "./candidate";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  /** Something is picked and shown. */
  | { readonly name: "picked" }
  | { readonly name: "dragging"; readonly fromX: number; readonly tolerance: number; readonly hasMoved: boolean };

/** Tolerance to one screen pixel of dragging. */
const PER_PX = 0.5;

export class WandTool implements Tool {
  readonly id = "wand";
  readonly keepsSelection = false;
  readonly cursor = "crosshair";
  readonly sketch: Sketch | null = null;
  #state: State = { name: "idle" };
  #picks: readonly Pick[] = [];
  #patch: Patch | null = null;
  readonly #candidate: Candidate;

  constructor(private readonly editor: Editor, private readonly assistants: Assistants) {
    this.#candidate = new Candidate(editor, assistants, () => "assist:wand");
  }

  get draws(): GeometryKind {
    return this.#candidate.kind;
  }

  get state(): string {
    return this.#state.name;
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0 || !isInFrame(this.editor, input.at)) return;
    if (input.clicks > 1 && this.#picks.length && !input.shift && !input.alt) return void this.confirm();
    const goesOn = this.#picks.length > 0 && (input.shift || input.alt);
    if (!goesOn) {
      this.#picks = [];
      this.#patch = patchInView(this.editor);
    }
    const { tolerance } = this.assistants.options;
    this.#picks = [...this.#picks, { at: input.at, tolerance, isTaken: !(goesOn && input.alt) }];
    this.#enter({ name: "dragging", fromX: input.screen[0], tolerance, hasMoved: false });
    this.#ask();
  }

  move(input: PointerInput): void {
    const s = this.#state;
    if (s.name !== "dragging") return this.editor.changed("live");
    const by = input.screen[0] - s.fromX;
    if (!s.hasMoved && Math.abs(by) < DRAG_SLOP_PX) return;
    this.#state = { ...s, hasMoved: true };
    this.#setTolerance(s.tolerance + by * PER_PX);
  }

  up(): void {
    if (this.#state.name === "dragging") this.#enter({ name: "picked" });
  }

  cancel(): boolean {
    const wasBusy = this.#picks.length > 0;
    this.#clear();
    return this.#candidate.refuse() || wasBusy;
  }

  confirm(): boolean {
    if (!this.#candidate.isThere) return false;
    this.#clear();
    return this.#candidate.accept();
  }

  back(): boolean {
    if (!this.#picks.length) return false;
    this.#picks = this.#picks.slice(0, -1);
    if (this.#picks.length) this.#ask();
    else {
      this.#clear();
      this.#candidate.withdraw();
    }
    return true;
  }

  /** The options were changed, by a key or in the strip. */
  restyle(): void {
    if (this.#picks.length) this.#setTolerance(this.assistants.options.tolerance);
  }

  #setTolerance(wanted: number): void {
    const { options } = this.assistants;
    const tolerance = Math.round(Math.min(MOST_TOLERANCE, Math.max(0, wanted)));
    if (options.tolerance !== tolerance) {
      options.tolerance = tolerance;
      this.assistants.optionsChanged();
    }
    this.#picks = this.#picks.map((pick, i) => (i === this.#picks.length - 1 ? { ...pick, tolerance } : pick));
    this.#ask();
  }

  #ask(): void {
    const patch = this.#patch;
    if (!patch) return;
    const { isContiguous } = this.assistants.options;
    const request = { picks: this.#picks, isContiguous, kind: this.#candidate.kind };
    void this.#candidate.show(() => this.assistants.ask("wand", patch, request), msg`The wand found nothing here: drag to the right for more tolerance.`);
  }

  #clear(): void {
    this.#picks = [];
    this.#patch = null;
    this.#enter({ name: "idle" });
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  /** For tests and the strip: where was picked. */
  get picked(): readonly Point[] {
    return this.#picks.map((p) => p.at);
  }
}
