/** Divides polygons and masks along a line: drag it straight across, or click its corners and end with Enter or a double click. */
import { type Point, boundsOf, distance } from "../geometry";
import type { Entry } from "../edits/delta";
import type { Editor } from "../editor";
import { ClipError } from "../ops/clip";
import { inPlaceOf, isArea } from "../ops/commands";
import { slicedPolygon, slicedSpans } from "../ops/slice";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import type { Geometry } from "../types";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  | { readonly name: "dragging"; readonly points: readonly Point[]; readonly from: Point; readonly to: Point; readonly isFar: boolean }
  | { readonly name: "clicking"; readonly points: readonly Point[]; readonly to: Point };

const IDLE: State = { name: "idle" };

export class SliceTool implements Tool {
  readonly id = "slice";
  readonly draws = null;
  readonly keepsSelection = true;
  readonly cursor = "crosshair";
  #state: State = IDLE;

  constructor(private readonly editor: Editor) {}

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    return s.name === "idle" ? null : { kind: "trail", points: [...s.points, s.to], purpose: "divide" };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const s = this.#state;
    const points = s.name === "clicking" ? s.points : [];
    if (input.clicks > 1 && points.length > 1) return this.#slice(points);
    this.#enter({ name: "dragging", points: [...points, input.at], from: input.screen, to: input.at, isFar: false });
  }

  move(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "idle") return;
    if (s.name === "clicking") return this.#enter({ ...s, to: input.at });
    this.#enter({ ...s, to: input.at, isFar: s.isFar || distance(s.from, input.screen) >= DRAG_SLOP_PX });
  }

  up(input: PointerInput): void {
    const s = this.#state;
    if (s.name !== "dragging") return;
    if (s.isFar) return this.#slice([...s.points, input.at]);
    this.#enter({ name: "clicking", points: s.points, to: input.at });
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#enter(IDLE);
    return wasBusy;
  }

  confirm(): boolean {
    const s = this.#state;
    if (s.name !== "clicking" || s.points.length < 2) return false;
    this.#slice(s.points);
    return true;
  }

  back(): boolean {
    const s = this.#state;
    if (s.name !== "clicking") return this.cancel();
    const points = s.points.slice(0, -1);
    this.#enter(points.length ? { ...s, points } : IDLE);
    return true;
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  #slice(cut: readonly Point[]): void {
    this.#enter(IDLE);
    const { editor } = this;
    try {
      const done = targetsOf(editor, cut).flatMap((entry) => {
        const pieces = piecesOf(entry.annotation.geometry, cut);
        return pieces.length > 1 ? [inPlaceOf(editor, entry, pieces)] : [];
      });
      // Without a selection only the object on top is divided.
      const chosen = editor.selection.size ? done : done.slice(-1);
      if (!chosen.length) return editor.say(msg`The line crosses no polygon or mask from border to border.`);
      const entries = chosen.flat();
      editor.put(entries, chosen.length > 1 ? msg`Slice ${chosen.length} objects` : msg`Slice`);
      editor.select(entries.map((e) => e.annotation.annotation_id));
    } catch (error) {
      if (!(error instanceof ClipError)) throw error;
      editor.say(error.message);
    }
  }
}

/** The selected polygons and masks, or all in reach of the line, lowest first. */
function targetsOf(editor: Editor, cut: readonly Point[]): Entry[] {
  if (editor.selection.size) return editor.editableSelection().filter(isArea);
  const near = editor.scene.within(boundsOf(cut));
  return editor.document.inOrder().filter((e) => near.has(e.annotation.annotation_id) && isArea(e) && editor.canEdit(e.annotation.annotation_id) && !editor.isHidden(e.annotation.annotation_id));
}

function piecesOf(geometry: Geometry, cut: readonly Point[]): Geometry[] {
  if (geometry.kind === "polygon") return slicedPolygon(geometry.rings, cut).map((rings) => ({ kind: "polygon", rings }));
  if (geometry.kind === "mask") return slicedSpans(spansOfMask(geometry), cut).map((spans) => maskOfSpans(spans)!);
  return [geometry];
}
