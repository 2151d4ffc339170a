/**
 * Points that land exactly on what is already there: on a vertex within reach, else on an edge, else on the border of the picture.
 * It also knows the way along a neighbour's border, which a new polygon can take over.
 */
import { type Frame, type Point, clampPoint, distance, inflated, project } from "../geometry";
import type { Editor } from "../editor";
import { borderBetween } from "./border";
import { type SnapLine, linesOf } from "./lines";

/** Reach of snapping, in screen pixels. */
export const SNAP_REACH_PX = 10;

/** A corner of an object's outline. */
export interface VertexSpot {
  readonly id: string;
  readonly line: number;
  readonly index: number;
}

export interface Snap {
  readonly at: Point;
  readonly on: "vertex" | "edge" | "frame";
  /** Which corner, where it is one. */
  readonly spot: VertexSpot | null;
}

export class Snapper {
  /** Snaps without Ctrl; Ctrl then lets a point go free. */
  isOn = false;
  #mark: Snap | null = null;

  constructor(private readonly editor: Editor) {}

  /** What the pointer has snapped to, for showing it. */
  get mark(): Snap | null {
    return this.#mark;
  }

  clear(): void {
    this.#mark = null;
  }

  /** Where a point goes that the pointer wants at `at`: inside the frame, unless it is free and nothing holds it. */
  place(at: Point, isCtrlHeld: boolean, isFree = false): Point {
    this.#mark = this.isOn !== isCtrlHeld ? this.#find(at) : null;
    return this.#mark?.at ?? (isFree ? at : clampPoint(at, this.editor.frame));
  }

  /** The corners between two corners of the same outline, both left out: the shorter way, or the longer one. Empty where there is none. */
  border(from: VertexSpot | null, to: VertexSpot | null, isLonger: boolean): Point[] {
    if (!from || !to || from.id !== to.id || from.line !== to.line || from.index === to.index) return [];
    const line = linesOf(this.editor.document.findAnnotation(from.id)?.geometry ?? null)[from.line];
    return line ? borderBetween(line, from.index, to.index, isLonger) : [];
  }

  #find(at: Point): Snap | null {
    const { editor } = this;
    const reach = SNAP_REACH_PX / editor.viewport.scale;
    let vertex: { snap: Snap; distance: number } | null = null;
    let edge: { snap: Snap; distance: number } | null = null;
    for (const id of editor.scene.within(inflated({ x0: at[0], y0: at[1], x1: at[0], y1: at[1] }, reach))) {
      if (!this.#isTarget(id)) continue;
      linesOf(editor.document.findAnnotation(id)?.geometry ?? null).forEach((line, number) => {
        const near = nearest(line, at, reach);
        if (near.vertex && near.vertex.distance < (vertex?.distance ?? Infinity))
          vertex = { snap: { at: line.points[near.vertex.index]!, on: "vertex", spot: { id, line: number, index: near.vertex.index } }, distance: near.vertex.distance };
        if (near.edge && near.edge.distance < (edge?.distance ?? Infinity)) edge = { snap: { at: near.edge.at, on: "edge", spot: null }, distance: near.edge.distance };
      });
    }
    const found = (vertex ?? edge) as { snap: Snap } | null;
    return found && isInside(found.snap.at, editor.frame) ? found.snap : frameSnap(at, reach, editor.frame);
  }

  /** Other objects that can be seen: what is in hand never snaps to itself. */
  #isTarget(id: string): boolean {
    const { editor } = this;
    return !editor.isHidden(id) && !editor.previewed.has(id) && !(editor.toolId === "select" && editor.selection.has(id));
  }
}

function nearest({ points, isClosed }: SnapLine, at: Point, reach: number): { vertex: { index: number; distance: number } | null; edge: { at: Point; distance: number } | null } {
  let vertex: { index: number; distance: number } | null = null;
  let edge: { at: Point; distance: number } | null = null;
  const count = points.length;
  for (let i = 0; i < count; i++) {
    const a = points[i]!;
    if (Math.abs(a[0] - at[0]) <= reach && Math.abs(a[1] - at[1]) <= reach) {
      const d = distance(a, at);
      if (d <= reach && d < (vertex?.distance ?? Infinity)) vertex = { index: i, distance: d };
    }
    if (i + 1 === count && !isClosed) break;
    const b = points[(i + 1) % count]!;
    if (Math.min(a[0], b[0]) > at[0] + reach || Math.max(a[0], b[0]) < at[0] - reach) continue;
    if (Math.min(a[1], b[1]) > at[1] + reach || Math.max(a[1], b[1]) < at[1] - reach) continue;
    const foot = project(at, a, b);
    if (foot.distance <= reach && foot.distance < (edge?.distance ?? Infinity)) edge = { at: foot.at, distance: foot.distance };
  }
  return { vertex, edge };
}

/** On the border of the picture, or in its corner. */
function frameSnap(at: Point, reach: number, { width, height }: Frame): Snap | null {
  const pull = (value: number, most: number): number => (Math.abs(value) <= reach ? 0 : Math.abs(value - most) <= reach ? most : value);
  const to: Point = [pull(at[0], width), pull(at[1], height)];
  const isHeld = to[0] !== at[0] || to[1] !== at[1];
  return isHeld && isInside(to, { width, height }) ? { at: to, on: "frame", spot: null } : null;
}

function isInside([x, y]: Point, { width, height }: Frame): boolean {
  return x >= 0 && y >= 0 && x <= width && y <= height;
}
