/** Select, move, reshape: idle -> pointing -> dragging. */
import { type Point, boundsOf, distance, union } from "../geometry";
import { anchorOf, insideStep, shapeOf } from "../shapes/registry";
import type { Handle } from "../shapes/shape";
import { groupOf } from "../ops/commands";
import { flipPoint, reshape } from "../shaping";
import type { Entry } from "../edits/delta";
import type { Editor } from "../editor";
import type { Hit } from "../scene/scene";
import type { Geometry } from "../types";
import { placed, placedFreely } from "./place";
import { type Redraw, begun, endAt, extended, joined, ringOf } from "./redraw";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  | { readonly name: "pointing"; readonly from: PointerInput; readonly hit: Hit | null }
  | { readonly name: "moving"; readonly from: Point; readonly entries: readonly Entry[] }
  | { readonly name: "reshaping"; readonly entry: Entry; readonly handleId: string; readonly isFree: boolean; readonly step: string }
  | { readonly name: "redrawing"; readonly redraw: Redraw; readonly cursor: Point }
  | { readonly name: "marquee"; readonly from: Point; readonly to: Point; readonly isAdding: boolean };

const IDLE: State = { name: "idle" };
const STEPS: Readonly<Record<Handle["role"], string>> = {
  corner: msg`Resize`, side: msg`Resize`, vertex: msg`Move point`, curve: msg`Bend`, turn: msg`Turn`, node: msg`Move node`, face: msg`Move face`,
};

export class SelectTool implements Tool {
  readonly id = "select";
  readonly draws = null;
  #state: State = IDLE;
  #at: Point | null = null;

  constructor(private readonly editor: Editor) {}

  get state(): string {
    return this.#state.name;
  }

  get cursor(): string {
    if (this.#state.name === "redrawing") return "crosshair";
    if (this.#state.name === "moving") return "grabbing";
    const hover = this.editor.hover;
    if (!hover) return "default";
    if (hover.on === "handle") return hover.handle.cursor;
    if (hover.on === "edge") return "copy";
    return this.editor.isReadonly ? "pointer" : "grab";
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    if (s.name === "marquee") return { kind: "marquee", from: s.from, to: s.to };
    if (s.name !== "redrawing") return null;
    const note = s.redraw.points.length ? null : { at: s.cursor, text: msg`Draw, then click the vertex to join` };
    return { kind: "path", points: [ringOf(s.redraw)[s.redraw.start]!, ...s.redraw.points], cursor: s.cursor, canClose: false, isOpen: true, note };
  }

  down(input: PointerInput): void {
    if (this.#state.name === "redrawing") return this.#redrawTo(this.#state.redraw, input);
    if (input.button !== 0) return;
    const hit = this.editor.hitAt(input.at);
    if (hit?.on === "handle" && this.editor.canEdit(hit.id) && this.#pressHandle(hit.id, hit.handle, input)) return;
    this.#enter({ name: "pointing", from: input, hit });
  }

  move(input: PointerInput): void {
    const state = this.#state;
    this.#at = input.at;
    switch (state.name) {
      case "idle":
        return this.editor.setHover(this.editor.hitAt(input.at));
      case "pointing":
        if (distance(input.screen, state.from.screen) < DRAG_SLOP_PX) return;
        this.#startDrag(state.from, state.hit);
        if (this.#state.name !== "idle") this.move(input);
        return;
      case "moving":
        return this.#moveTo(state.entries, input.at[0] - state.from[0], input.at[1] - state.from[1]);
      case "reshaping":
        return this.#reshapeTo(state, input);
      case "redrawing":
        this.editor.setHover(this.editor.hitAt(input.at));
        return this.#enter({ ...state, cursor: placed(this.editor, input) });
      case "marquee":
        return this.#enter({ ...state, to: input.at });
    }
  }

  up(input: PointerInput): void {
    const state = this.#state;
    if (state.name === "redrawing") return;
    this.#enter(IDLE);
    switch (state.name) {
      case "idle":
        return;
      case "pointing":
        return this.#click(state.hit, input);
      case "moving":
        return this.editor.commitPreview(state.entries.length > 1 ? msg`Move ${state.entries.length} objects` : msg`Move`);
      case "reshaping":
        return this.#endReshape(state);
      case "marquee": {
        const found = this.editor.enclosed(boundsOf([state.from, state.to]));
        return this.editor.select(state.isAdding ? [...this.editor.selection, ...found] : found);
      }
    }
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.editor.dropPreview();
    this.#enter(IDLE);
    return wasBusy;
  }

  confirm(): boolean {
    const s = this.#state;
    if (s.name !== "redrawing") return false;
    const geometry = extended(s.redraw);
    if (geometry) this.#endRedraw(s.redraw, geometry);
    else this.editor.say(msg`Click the vertex where the new part joins the border.`);
    return true;
  }

  back(): boolean {
    const s = this.#state;
    if (s.name !== "redrawing") return false;
    const points = s.redraw.points.slice(0, -1);
    this.#enter(s.redraw.points.length ? { ...s, redraw: { ...s.redraw, points } } : IDLE);
    return true;
  }

  /** The key for the point under the pointer. */
  flip(): boolean {
    const { hover } = this.editor;
    if (hover?.on !== "handle" || !flipPoint(this.editor, hover.id, hover.handle.id)) return false;
    // The pointer is still there, so that the key can be pressed again.
    if (this.#at) this.editor.setHover(this.editor.hitAt(this.#at));
    return true;
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  #click(hit: Hit | null, input: PointerInput): void {
    const { editor } = this;
    if (!hit) return input.shift ? undefined : editor.select([]);
    if (input.ctrl) return editor.select([...(input.shift ? editor.selection : []), ...groupOf(editor, hit.id)]);
    if (hit.on === "edge" && editor.canEdit(hit.id) && !input.shift) return this.#insertVertex(hit);
    if (!input.shift) return editor.select([hit.id]);
    const next = new Set(editor.selection);
    if (!next.delete(hit.id)) next.add(hit.id);
    editor.select(next);
  }

  #startDrag(from: PointerInput, hit: Hit | null): void {
    const { editor } = this;
    if (!hit) return this.#enter({ name: "marquee", from: from.at, to: from.at, isAdding: from.shift });
    if (editor.isReadonly) return this.#enter(IDLE);
    if (hit.on === "shape") {
      if (!editor.selection.has(hit.id)) editor.select(from.shift ? [...editor.selection, hit.id] : [hit.id]);
      const entries = editor.editableSelection();
      return this.#enter(entries.length ? { name: "moving", from: from.at, entries } : IDLE);
    }
    const entry = editor.document.find(hit.id);
    if (!entry || !editor.canEdit(hit.id)) return this.#enter(IDLE);
    if (hit.on === "handle") {
      return this.#enter({ name: "reshaping", entry, handleId: hit.handle.id, isFree: hit.handle.isFree ?? false, step: STEPS[hit.handle.role] });
    }
    const { geometry, handleId } = shapeOf(entry.annotation.geometry).insertVertex(entry.annotation.geometry, hit.spot);
    this.#enter({ name: "reshaping", entry: withGeometry(entry, geometry), handleId, isFree: false, step: msg`Add point` });
  }

  #moveTo(entries: readonly Entry[], dx: number, dy: number): void {
    const all = entries
      .map(({ annotation: { geometry } }) => anchorOf(geometry))
      .reduce(union);
    const [mx, my] = insideStep(all, dx, dy, this.editor.frame);
    this.editor.preview(
      entries.map((e) => withGeometry(e, shapeOf(e.annotation.geometry).translate(e.annotation.geometry, mx, my))),
    );
  }

  #reshapeTo({ entry, handleId, isFree }: Extract<State, { name: "reshaping" }>, input: PointerInput): void {
    const { geometry } = entry.annotation;
    const to = isFree ? placedFreely(this.editor, input) : placed(this.editor, input);
    const next = shapeOf(geometry).moveHandle(geometry, handleId, to, { shift: input.shift, alt: input.alt });
    this.editor.preview([withGeometry(entry, next)]);
  }

  /** A form that cannot be kept is not taken. */
  #endReshape({ entry, step }: Extract<State, { name: "reshaping" }>): void {
    const geometry = this.editor.shown(entry.annotation.annotation_id)?.annotation.geometry;
    const fault = geometry && shapeOf(geometry).fault(geometry, this.editor.frame);
    if (!fault) return this.editor.commitPreview(step);
    this.editor.dropPreview();
    this.editor.say(fault);
  }

  /** What a press on a handle does at once: alt deletes or hides, a double click smooths, shift draws anew from here. */
  #pressHandle(id: string, { id: handleId, role }: Handle, input: PointerInput): boolean {
    const geometry = this.editor.document.findAnnotation(id)?.geometry;
    if (!geometry) return false;
    if (input.alt && role === "vertex") this.#deleteVertex(id, handleId);
    else if (input.alt && role === "node") flipPoint(this.editor, id, handleId);
    else if (input.clicks > 1 && role === "vertex" && geometry.kind === "bezier") flipPoint(this.editor, id, handleId);
    else if (input.shift && role === "vertex") {
      const redraw = begun(id, geometry, handleId);
      if (!redraw) return false;
      this.#enter({ name: "redrawing", redraw, cursor: placed(this.editor, input) });
    } else return false;
    return true;
  }

  #redrawTo(redraw: Redraw, input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const hit = this.editor.hitAt(input.at);
    const end = hit?.on === "handle" && hit.id === redraw.id ? endAt(redraw, hit.handle.id) : null;
    if (end !== null) {
      const geometry = joined(redraw, end);
      if (geometry) return this.#endRedraw(redraw, geometry);
      return this.editor.say(msg`Too little would be left; join another vertex.`);
    }
    if (input.clicks > 1) return void this.confirm();
    const at = placed(this.editor, input);
    this.#enter({ name: "redrawing", redraw: { ...redraw, points: [...redraw.points, at] }, cursor: at });
  }

  #endRedraw(redraw: Redraw, geometry: Geometry): void {
    this.#enter(IDLE);
    reshape(this.editor, redraw.id, geometry, msg`Redraw the border`);
  }

  #insertVertex(hit: Extract<Hit, { on: "edge" }>): void {
    const entry = this.editor.document.find(hit.id);
    if (!entry) return;
    const { geometry } = shapeOf(entry.annotation.geometry).insertVertex(entry.annotation.geometry, hit.spot);
    this.editor.put([withGeometry(entry, geometry)], msg`Add point`);
  }

  #deleteVertex(id: string, handleId: string): void {
    const entry = this.editor.document.find(id);
    const geometry = entry && shapeOf(entry.annotation.geometry).deleteVertex(entry.annotation.geometry, handleId);
    if (geometry) this.editor.put([withGeometry(entry, geometry)], msg`Delete point`);
    else this.editor.say(msg`These points are the least it can have; delete the object instead.`);
  }
}

export function withGeometry(entry: Entry, geometry: Geometry): Entry {
  return { z: entry.z, annotation: { ...entry.annotation, geometry } };
}
