/** What a shape encloses, as polygons: curves flattened to a quarter of a pixel. */
import type { Point } from "../geometry";
import { spansOfMask } from "../raster/runs";
import { outlinesOf } from "../raster/trace";
import { flatPath } from "../shapes/bezier";
import { ellipseRing } from "../shapes/ellipse";
import { hull } from "../shapes/path";
import { cornersOf } from "../shapes/rotated-box";
import type { Geometry } from "../types";
import type { Rings } from "./clip";

const FLATNESS_PX = 0.25;

/** Empty for kinds that enclose nothing. */
export function outlineOf(geometry: Geometry): Rings[] {
  switch (geometry.kind) {
    case "box": {
      const [x0, y0, x1, y1] = geometry.box_xyxy;
      return [[[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]]];
    }
    case "polygon":
      return [geometry.rings];
    case "mask":
      return [...outlinesOf(spansOfMask(geometry))];
    case "rotated_box":
      return [[cornersOf(geometry)]];
    case "ellipse":
      return [[ellipseRing(geometry, FLATNESS_PX)]];
    case "bezier":
      return geometry.is_closed ? [[flatPath(geometry, FLATNESS_PX)]] : [];
    case "cuboid":
      return [[hull(geometry.corners)]];
    case "span":
      return [[[[geometry.start, 0], [geometry.end, 0], [geometry.end, 1], [geometry.start, 1]]]];
    case "polyline":
    case "point":
    case "skeleton":
      return [];
  }
}

/** The points of an open line; null for other kinds. */
export function lineOf(geometry: Geometry): readonly Point[] | null {
  if (geometry.kind === "polyline") return geometry.points;
  return geometry.kind === "bezier" && !geometry.is_closed ? flatPath(geometry, FLATNESS_PX) : null;
}
