/** What the engine must know about one geometry kind. A new kind is one module that implements this, plus one line in the registry. */
import type { Bounds, Frame, Point } from "../geometry";
import type { Stroke, Surface } from "../render/paint";
import type { Geometry } from "../types";
import type { View } from "../viewport";

/** A spot that can be dragged to change a shape. */
export interface Handle {
  readonly id: string;
  readonly at: Point;
  readonly cursor: string;
  /**
   * Vertices can be deleted one by one; corners of a box cannot. "curve" bends a path at its node, "turn" rotates,
   * "node" is a named point of a skeleton, "face" moves one face of a cuboid.
   */
  readonly role: "corner" | "side" | "vertex" | "curve" | "turn" | "node" | "face";
  /** Where a line to the handle begins, such as the node that it bends. */
  readonly stem?: Point;
  /** It may be dragged out of the picture. */
  readonly isFree?: boolean;
  /** Shown otherwise than a plain handle: hollow for what is hidden, crossed for what is not there. */
  readonly look?: "hollow" | "crossed";
  /** What it is called, where it has a name. */
  readonly name?: string;
}

/** Keys held while a handle is dragged. */
export interface Grip {
  /** Keeps proportions; turns in steps of 15 degrees. */
  readonly shift: boolean;
  /** From the centre; breaks the symmetry of a curve; frees the corner of a cuboid. */
  readonly alt: boolean;
}

export const PLAIN_GRIP: Grip = { shift: false, alt: false };

/** Pairs of indexes: which nodes of a skeleton the template of its class joins. */
export type Links = readonly (readonly [number, number])[];

/** A spot of fixed size on screen that belongs to the shape itself, such as a point. */
export interface Mark {
  readonly at: Point;
  readonly look: "dot" | "ring" | "cross";
}

/** A number of a shape that can be typed. */
export interface Measure {
  readonly id: string;
  readonly name: string;
  readonly unit: "px" | "°" | "chars";
  readonly value: number;
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
  /** `links` are what joins a skeleton's nodes; other kinds need none. */
  distanceToOutline(geometry: G, p: Point, links?: Links): number;
  /** `px` is the size of a screen pixel in image pixels, for handles that stand off the shape. */
  handles(geometry: G, px?: number): Handle[];
  /** The shape after its handle was dragged to `to` (already inside the frame, unless the handle is free). */
  moveHandle(geometry: G, handleId: string, to: Point, grip?: Grip): G;
  /** Where a vertex can be inserted near p; null for kinds without free vertices. */
  edgeSpot(geometry: G, p: Point): EdgeSpot | null;
  insertVertex(geometry: G, spot: EdgeSpot): { geometry: G; handleId: string };
  /** The shape without that vertex, or null when it would fall under its least number of points. */
  deleteVertex(geometry: G, handleId: string): G | null;
  translate(geometry: G, dx: number, dy: number): G;
  /** Adds the outline to a path; `k` and the offsets map image to screen; points closer than `skip` screen pixels are left out. */
  trace(geometry: G, path: PathSink, k: number, tx: number, ty: number, skip: number, links?: Links): void;
  /** What is filled, where that is not the outline: nothing for open lines, one face of a cuboid. */
  traceBody?(geometry: G, path: PathSink, k: number, tx: number, ty: number, skip: number): void;
  /** Paints the whole shape in its own way; false where that is not possible here and it has to be traced. */
  paint?(geometry: G, to: Surface, view: View, stroke: Stroke): boolean;
  /** Spots painted on top of the outline. */
  marks?(geometry: G): readonly Mark[];
  /** What has to stay inside the frame when the shape is moved; its bounds, where this is not given. */
  anchor?(geometry: G): Bounds;
  /** The numbers that can be typed; the place of the bounds, where this is not given. */
  measures?(geometry: G): readonly Measure[];
  /** The shape with one number changed. */
  withMeasure?(geometry: G, id: string, value: number): G;
  /** Turned clockwise about its middle; kinds that always lie upright have none. */
  turn?(geometry: G, degrees: number): G;
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
