/** What the engine must know about one geometry kind. A new kind is one module that implements this, plus one line in the registry. */
import type { Bounds, Frame, Point } from "../geometry";
import type { Geometry } from "../types";

/** A spot that can be dragged to change a shape. */
export interface Handle {
  readonly id: string;
  readonly at: Point;
  readonly cursor: string;
  /** Vertices can be deleted one by one; corners of a box cannot. */
  readonly role: "corner" | "side" | "vertex";
}

/** The few path calls that shapes need: CanvasRenderingContext2D and Path2D both have them, and so does a test's recorder. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  closePath(): void;
}

/** A place on an outline where a click may put a new vertex. */
export interface EdgeSpot {
  readonly ring: number;
  readonly index: number;
  readonly at: Point;
  readonly distance: number;
}

export interface Shape<G extends Geometry = Geometry> {
  readonly kind: G["kind"];
  readonly name: string;
  bounds(geometry: G): Bounds;
  area(geometry: G): number;
  contains(geometry: G, p: Point): boolean;
  distanceToOutline(geometry: G, p: Point): number;
  handles(geometry: G): Handle[];
  /** The shape after its handle was dragged to `to` (already inside the frame). */
  moveHandle(geometry: G, handleId: string, to: Point): G;
  /** Where a vertex can be inserted near p; null for kinds without free vertices. */
  edgeSpot(geometry: G, p: Point): EdgeSpot | null;
  insertVertex(geometry: G, spot: EdgeSpot): { geometry: G; handleId: string };
  /** The shape without that vertex, or null when it would fall under its least number of points. */
  deleteVertex(geometry: G, handleId: string): G | null;
  translate(geometry: G, dx: number, dy: number): G;
  /** Adds the outline to a path; `k` and the offsets map image to screen; points closer than `skip` screen pixels are left out. */
  trace(geometry: G, path: PathSink, k: number, tx: number, ty: number, skip: number): void;
  /** A sentence that says what is wrong, or null. */
  fault(geometry: G, frame: Frame): string | null;
  /** Rounded to the precision that is stored. */
  toWire(geometry: G): G;
  /** Throws ShapeError when the JSON is not this kind. */
  fromWire(json: unknown): G;
}

/** JSON that is not the geometry it claims to be. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}
