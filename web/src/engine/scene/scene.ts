/** Which object is under the pointer, and which are in view. Knows shapes and places, nothing of tools or pictures. */
import { type Bounds, type Frame, type Point, containsPoint, distance, inflated } from "../geometry";
import { shapeOf } from "../shapes/registry";
import type { EdgeSpot, Handle, Links } from "../shapes/shape";
import type { Annotation } from "../types";
import type { Entry } from "../edits/delta";
import { REACH_PX } from "../tools/tool";
import { Grid } from "./grid";

export type Hit =
  | { readonly on: "handle"; readonly id: string; readonly handle: Handle }
  | { readonly on: "edge"; readonly id: string; readonly spot: EdgeSpot }
  | { readonly on: "shape"; readonly id: string };

export interface HitQuery {
  readonly at: Point;
  /** Reach of the pointer in image pixels. */
  readonly reach: number;
  /** Image pixels of one screen pixel, where handles stand off a shape. */
  readonly pixel?: number;
  /** The one object whose handles and edges can be grabbed. */
  readonly active: Annotation | null;
  readonly isPickable: (id: string) => boolean;
}

export class Scene {
  readonly #grid: Grid;
  readonly #annotations = new Map<string, Annotation>();

  constructor(
    readonly frame: Frame,
    /** What joins the nodes of a skeleton. */
    private readonly linksOf: (annotation: Annotation) => Links | undefined = () => undefined,
  ) {
    this.#grid = new Grid(frame);
  }

  put(annotation: Annotation): void {
    this.#annotations.set(annotation.annotation_id, annotation);
    this.#grid.put(annotation.annotation_id, shapeOf(annotation.geometry).bounds(annotation.geometry));
  }

  remove(id: string): void {
    this.#annotations.delete(id);
    this.#grid.remove(id);
  }

  reset(entries: Iterable<Entry>): void {
    this.#annotations.clear();
    this.#grid.clear();
    for (const { annotation } of entries) this.put(annotation);
  }

  boundsOf(id: string): Bounds | null {
    return this.#grid.boundsOf(id);
  }

  within(area: Bounds): Set<string> {
    return this.#grid.query(area);
  }

  /**
   * What the pointer would grab: handles and edges of the active object first, then an outline within reach,
   * then the smallest object that contains the point (a sign in front of a bus is picked, not the bus).
   */
  hit({ at, reach, pixel, active, isPickable }: HitQuery): Hit | null {
    if (active && isPickable(active.annotation_id)) {
      const grabbed = this.#grab(active, at, reach, pixel ?? reach / REACH_PX);
      if (grabbed) return grabbed;
    }
    let best: { id: string; onOutline: boolean; area: number } | null = null;
    for (const id of this.#grid.query(inflated({ x0: at[0], y0: at[1], x1: at[0], y1: at[1] }, reach))) {
      if (!isPickable(id)) continue;
      const annotation = this.#annotations.get(id)!;
      const { geometry } = annotation;
      const shape = shapeOf(geometry);
      const onOutline = shape.distanceToOutline(geometry, at, this.linksOf(annotation)) <= reach;
      if (!onOutline && !shape.contains(geometry, at)) continue;
      const found = { id, onOutline, area: shape.area(geometry) };
      if (!best || better(found, best)) best = found;
    }
    return best && { on: "shape", id: best.id };
  }

  /** Objects that lie wholly inside the area. */
  enclosed(area: Bounds, isPickable: (id: string) => boolean): string[] {
    return [...this.#grid.query(area)].filter((id) => {
      const b = this.#grid.boundsOf(id)!;
      return isPickable(id) && containsPoint(area, [b.x0, b.y0]) && containsPoint(area, [b.x1, b.y1]);
    });
  }

  #grab(active: Annotation, at: Point, reach: number, pixel: number): Hit | null {
    const id = active.annotation_id;
    const shape = shapeOf(active.geometry);
    // On a small object handles give way, so that its middle can still be taken to move it.
    const b = shape.bounds(active.geometry);
    const grip = Math.min(reach * 1.4, Math.max(reach * 0.5, Math.min(b.x1 - b.x0, b.y1 - b.y0) / 4));
    let nearest: { handle: Handle; distance: number } | null = null;
    for (const handle of shape.handles(active.geometry, pixel)) {
      const d = distance(handle.at, at);
      // What stands off the shape, and single nodes, hide nothing that one could want to take instead.
      const own = handle.stem || handle.role === "node" ? reach * 1.2 : grip;
      if (d <= own && (!nearest || d < nearest.distance)) nearest = { handle, distance: d };
    }
    if (nearest) return { on: "handle", id, handle: nearest.handle };
    const spot = shape.edgeSpot(active.geometry, at);
    return spot && spot.distance <= Math.min(grip, reach * 0.8) ? { on: "edge", id, spot } : null;
  }
}

function better(a: { onOutline: boolean; area: number }, b: { onOutline: boolean; area: number }): boolean {
  return a.onOutline !== b.onOutline ? a.onOutline : a.area < b.area;
}
