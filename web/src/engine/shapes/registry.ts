/** The one list of geometry kinds. */
import type { Bounds, Frame } from "../geometry";
import type { Annotation, Geometry, GeometryByKind, GeometryKind, Relation } from "../types";
import { bezierShape } from "./bezier";
import { boxShape } from "./box";
import { cuboidShape } from "./cuboid";
import { ellipseShape } from "./ellipse";
import { maskShape } from "./mask";
import { pointShape } from "./point";
import { polygonShape } from "./polygon";
import { polylineShape } from "./polyline";
import { rotatedBoxShape } from "./rotated-box";
import { type Shape, ShapeError } from "./shape";
import { skeletonShape } from "./skeleton";
import { spanShape } from "./span";

const SHAPES: { readonly [K in GeometryKind]: Shape<GeometryByKind[K]> } = {
  box: boxShape,
  polygon: polygonShape,
  rotated_box: rotatedBoxShape,
  polyline: polylineShape,
  bezier: bezierShape,
  ellipse: ellipseShape,
  point: pointShape,
  skeleton: skeletonShape,
  cuboid: cuboidShape,
  mask: maskShape,
  span: spanShape,
};

export const geometryKinds = Object.keys(SHAPES) as readonly GeometryKind[];

export function isGeometryKind(kind: string): kind is GeometryKind {
  return Object.hasOwn(SHAPES, kind);
}

/** The shape that serves this geometry. The registry pairs kinds with shapes, so the cast cannot go wrong. */
export function shapeOf(geometry: Geometry): Shape {
  return SHAPES[geometry.kind] as unknown as Shape;
}

export function shapeNamed(kind: GeometryKind): Shape {
  return SHAPES[kind] as unknown as Shape;
}

export function boundsOfGeometry(geometry: Geometry): Bounds {
  return shapeOf(geometry).bounds(geometry);
}

/** What has to stay inside the frame when the shape is moved: less than its bounds where a kind may hang over the border. */
export function anchorOf(geometry: Geometry): Bounds {
  const shape = shapeOf(geometry);
  return shape.anchor?.(geometry) ?? shape.bounds(geometry);
}

/** Moves a shape as far as the frame lets it. */
export function translateInside(geometry: Geometry, dx: number, dy: number, frame: Frame): Geometry {
  const [mx, my] = insideStep(anchorOf(geometry), dx, dy, frame);
  return shapeOf(geometry).translate(geometry, mx, my);
}

/** The part of a step that keeps these bounds inside the frame, or at least takes them no farther out. */
export function insideStep(b: Bounds, dx: number, dy: number, frame: Frame): [number, number] {
  return [
    Math.max(Math.min(0, -b.x0), Math.min(Math.max(0, frame.width - b.x1), dx)),
    Math.max(Math.min(0, -b.y0), Math.min(Math.max(0, frame.height - b.y1), dy)),
  ];
}

export function geometryFromWire(json: unknown): Geometry {
  const kind = (json as { kind?: unknown } | null)?.kind;
  if (typeof kind !== "string" || !isGeometryKind(kind)) throw new ShapeError(`Unknown geometry kind ${JSON.stringify(kind)}.`);
  return shapeNamed(kind).fromWire(json);
}

/** Annotations are never changed, only replaced. */
const wires = new WeakMap<Annotation, Annotation>();

/** An annotation as it is stored and sent: known fields only, geometry rounded. The same object each time. */
export function annotationToWire(a: Annotation): Annotation {
  let wire = wires.get(a);
  if (!wire) wires.set(a, (wire = madeWire(a)));
  return wire;
}

function madeWire(a: Annotation): Annotation {
  return {
    annotation_id: a.annotation_id,
    class_id: a.class_id,
    geometry: shapeOf(a.geometry).toWire(a.geometry),
    attributes: a.attributes,
    is_occluded: a.is_occluded,
    is_truncated: a.is_truncated,
    score: a.score,
    origin: a.origin,
    group_id: a.group_id,
  };
}

/** Reads an annotation, filling the optional fields that older drafts lack. */
export function annotationFromWire(json: unknown): Annotation {
  const a = json as Partial<Annotation> | null;
  if (typeof a?.annotation_id !== "string" || typeof a.class_id !== "string")
    throw new ShapeError("An annotation needs annotation_id and class_id.");
  return {
    annotation_id: a.annotation_id,
    class_id: a.class_id,
    geometry: geometryFromWire(a.geometry),
    attributes: a.attributes ?? {},
    is_occluded: a.is_occluded ?? false,
    is_truncated: a.is_truncated ?? false,
    score: a.score ?? null,
    origin: a.origin ?? null,
    group_id: a.group_id ?? null,
  };
}

/** Reads a relation, filling what older drafts lack. */
export function relationFromWire(json: unknown): Relation {
  const r = json as Partial<Relation> | null;
  const { relation_id, relation_type_id, from_id, to_id } = r ?? {};
  if (typeof relation_id !== "string" || typeof relation_type_id !== "string" || typeof from_id !== "string" || typeof to_id !== "string")
    throw new ShapeError("A relation needs relation_id, relation_type_id, from_id and to_id.");
  return { relation_id, relation_type_id, from_id, to_id, score: r?.score ?? null };
}
