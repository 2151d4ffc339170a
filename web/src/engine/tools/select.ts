/** Select, move, reshape: idle -> pointing -> dragging. */
import { type Point, boundsOf, clampPoint, distance, union } from "../geometry";
import { insideStep, shapeOf } from "../shapes/registry";
import type { Entry } from "../edits/delta";
import type { Editor } from "../editor";
import type { Hit } from "../scene/scene";
import type { Geometry } from "../types";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";

type State =
  | { readonly name: "idle" }
  | { readonly name: "pointing"; readonly from: PointerInput; readonly hit: Hit | null }
  | { readonly name: "moving"; readonly from: Point; readonly entries: readonly Entry[] }
  | { readonly name: "reshaping"; readonly entry: Entry; readonly handleId: string; readonly step: string }
  | { readonly name: "marquee"; readonly from: Point; readonly to: Point; readonly isAdding: boolean };

const IDLE: State = { name: "idle" };

export class SelectTool implements Tool {
  readonly id = "select";
  readonly draws = null;
  #state: State = IDLE;

  constructor(private readonly editor: Editor) {}

  get state(): string {
    return this.#state.name;
  }

  get cursor(): string {
    if (this.#state.name === "moving") return "grabbing";
    const hover = this.editor.hover;
    if (!hover) return "default";
    if (hover.on === "handle") return hover.handle.cursor;
    if (hover.on === "edge") return "copy";
    return this.editor.isReadonly ? "pointer" : "grab";
  }

  get sketch(): Sketch | null {
    return this.#state.name === "marquee" ? { kind: "marquee", from: this.#state.from, to: this.#state.to } : null;
  }

  down(input: PointerInput): void {
    if (input.button !== 0) return;
    const hit = this.editor.hitAt(input.at);
    if (input.alt && hit?.on === "handle" && hit.handle.role === "vertex" && this.editor.canEdit(hit.id))
      return this.#deleteVertex(hit.id, hit.handle.id);
    this.#enter({ name: "pointing", from: input, hit });
  }

  move(input: PointerInput): void {
    const state = this.#state;
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
        return this.#reshapeTo(state.entry, state.handleId, clampPoint(input.at, this.editor.frame));
      case "marquee":
        return this.#enter({ ...state, to: input.at });
    }
  }

  up(input: PointerInput): void {
    const state = this.#state;
    this.#enter(IDLE);
    switch (state.name) {
      case "idle":
        return;
      case "pointing":
        return this.#click(state.hit, input);
      case "moving":
        return this.editor.commitPreview(state.entries.length > 1 ? `Move ${state.entries.length} objects` : "Move");
      case "reshaping":
        return this.editor.commitPreview(state.step);
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
    return false;
  }

  back(): boolean {
    return false;
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  #click(hit: Hit | null, input: PointerInput): void {
    const { editor } = this;
    if (!hit) return input.shift ? undefined : editor.select([]);
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
      const step = hit.handle.role === "vertex" ? "Move point" : "Resize";
      return this.#enter({ name: "reshaping", entry, handleId: hit.handle.id, step });
    }
    const { geometry, handleId } = shapeOf(entry.annotation.geometry).insertVertex(entry.annotation.geometry, hit.spot);
    this.#enter({ name: "reshaping", entry: withGeometry(entry, geometry), handleId, step: "Add point" });
  }

  #moveTo(entries: readonly Entry[], dx: number, dy: number): void {
    const all = entries
      .map(({ annotation: { geometry } }) => shapeOf(geometry).bounds(geometry))
      .reduce(union);
    const [mx, my] = insideStep(all, dx, dy, this.editor.frame);
    this.editor.preview(
      entries.map((e) => withGeometry(e, shapeOf(e.annotation.geometry).translate(e.annotation.geometry, mx, my))),
    );
  }

  #reshapeTo(entry: Entry, handleId: string, to: Point): void {
    const { geometry } = entry.annotation;
    this.editor.preview([withGeometry(entry, shapeOf(geometry).moveHandle(geometry, handleId, to))]);
  }

  #insertVertex(hit: Extract<Hit, { on: "edge" }>): void {
    const entry = this.editor.document.find(hit.id);
    if (!entry) return;
    const { geometry } = shapeOf(entry.annotation.geometry).insertVertex(entry.annotation.geometry, hit.spot);
    this.editor.put([withGeometry(entry, geometry)], "Add point");
  }

  #deleteVertex(id: string, handleId: string): void {
    const entry = this.editor.document.find(id);
    const geometry = entry && shapeOf(entry.annotation.geometry).deleteVertex(entry.annotation.geometry, handleId);
    if (geometry) this.editor.put([withGeometry(entry, geometry)], "Delete point");
    else this.editor.say("Three points are the least; delete the object instead.");
  }
}

export function withGeometry(entry: Entry, geometry: Geometry): Entry {
  return { z: entry.z, annotation: { ...entry.annotation, geometry } };
}
