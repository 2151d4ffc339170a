/** One kind of shape into another. */
import { type Frame, type Point, boundsOf, clamp } from "../geometry";
import { united } from "../raster/combine";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import { spansOfRings } from "../raster/scan";
import { NO_SPANS, type Spans } from "../raster/spans";
import type { Geometry, GeometryKind, RotatedBoxGeometry } from "../types";
import { intersectedRings } from "./clip";
import { momentEllipse, smallestBox } from "./fit";
import { lineOf, outlineOf } from "./outline";
import { simplifiedPolygons } from "./simplify";

const ENCLOSING: readonly GeometryKind[] = ["box", "polygon", "mask", "rotated_box", "ellipse", "bezier", "cuboid"];
/** What each kind can become; anything that encloses an area can become each of these. */
export const targetKinds: readonly GeometryKind[] = ["box", "polygon", "mask", "rotated_box", "ellipse", "polyline"];

export function canConvert(geometry: Geometry, to: GeometryKind): boolean {
  if (geometry.kind === to || !targetKinds.includes(to)) return false;
  if (to === "polyline") return geometry.kind === "bezier" && !geometry.is_closed;
  return ENCLOSING.includes(geometry.kind) && outlineOf(geometry).length > 0;
}

/**
 * The shape as another kind, inside the frame. A mask of several parts becomes as many polygons; any other pair gives one
 * shape; none where nothing of it lies in the picture.
 */
export function converted(geometry: Geometry, to: GeometryKind, frame: Frame): Geometry[] {
  if (!canConvert(geometry, to)) return [];
  switch (to) {
    case "box":
      return listed(boxOf(geometry, frame));
    case "mask":
      return listed(maskOfSpans(spansOf(geometry, frame)));
    case "polygon":
      return polygonsOf(geometry, frame);
    case "rotated_box":
      return listed(rotatedBoxOf(geometry));
    case "ellipse":
      return listed(ellipseOf(geometry));
    case "polyline":
      return [{ kind: "polyline", points: lineOf(geometry)!.map((p) => inside(p, frame)) }];
    default:
      return [];
  }
}

function listed(geometry: Geometry | null): Geometry[] {
  return geometry ? [geometry] : [];
}

/** The pixels that a shape covers; a bezier or an ellipse as the polygon that it is flattened to. */
export function spansOf(geometry: Geometry, frame: Frame): Spans {
  if (geometry.kind === "mask") return spansOfMask(geometry);
  return outlineOf(geometry).map((rings) => spansOfRings(rings, frame)).reduce(united, NO_SPANS);
}

function boxOf(geometry: Geometry, frame: Frame): Geometry | null {
  const { x0, y0, x1, y1 } = boundsOf(outlineOf(geometry).flatMap((rings) => rings[0] ?? []));
  const [l, t] = inside([x0, y0], frame);
  const [r, b] = inside([x1, y1], frame);
  return r > l && b > t ? { kind: "box", box_xyxy: [l, t, r, b] } : null;
}

function polygonsOf(geometry: Geometry, frame: Frame): Geometry[] {
  const outlines = outlineOf(geometry);
  const overhangs = outlines.flat(2).some(([x, y]) => x < 0 || y < 0 || x > frame.width || y > frame.height);
  const whole: Point[] = [[0, 0], [frame.width, 0], [frame.width, frame.height], [0, frame.height]];
  const kept = overhangs ? outlines.flatMap((rings) => intersectedRings(rings, [whole])) : outlines;
  // Flattened curves carry more points than a hand would set.
  const isCurved = geometry.kind === "ellipse" || geometry.kind === "bezier";
  return (isCurved ? simplifiedPolygons(kept, 0.25) : kept).map((rings) => ({ kind: "polygon", rings }));
}

function rotatedBoxOf(geometry: Geometry): RotatedBoxGeometry | null {
  if (geometry.kind === "ellipse") {
    const { center_xy, radii_xy: [rx, ry], angle_deg } = geometry;
    return { kind: "rotated_box", center_xy, size_wh: [2 * rx, 2 * ry], angle_deg };
  }
  if (geometry.kind === "box") {
    const [x0, y0, x1, y1] = geometry.box_xyxy;
    return { kind: "rotated_box", center_xy: [(x0 + x1) / 2, (y0 + y1) / 2], size_wh: [x1 - x0, y1 - y0], angle_deg: 0 };
  }
  return smallestBox(outlineOf(geometry).flatMap((rings) => rings[0] ?? []));
}

/** Of a rectangle the ellipse that touches its sides, of other outlines the one of the same area and spread. */
function ellipseOf(geometry: Geometry): Geometry | null {
  if (geometry.kind !== "box" && geometry.kind !== "rotated_box") return momentEllipse(outlineOf(geometry));
  const { center_xy, size_wh: [w, h], angle_deg } = geometry.kind === "box" ? rotatedBoxOf(geometry)! : geometry;
  return { kind: "ellipse", center_xy, radii_xy: [w / 2, h / 2], angle_deg: angle_deg % 180 };
}

function inside([x, y]: Point, frame: Frame): Point {
  return [clamp(x, 0, frame.width), clamp(y, 0, frame.height)];
}
