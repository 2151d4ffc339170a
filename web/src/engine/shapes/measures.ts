/** The numbers of a shape that can be typed, for every kind. */
import type { Geometry } from "../types";
import { shapeOf } from "./registry";
import type { Measure } from "./shape";
import { msg } from "../text";

export function measuresOf(geometry: Geometry): readonly Measure[] {
  const shape = shapeOf(geometry);
  if (shape.measures) return shape.measures(geometry);
  const { x0, y0 } = shape.bounds(geometry);
  return [{ id: "x", name: "x", unit: "px", value: x0 }, { id: "y", name: "y", unit: "px", value: y0 }];
}

/** The geometry with one number changed; it may be at fault then. */
export function withMeasure(geometry: Geometry, id: string, value: number): Geometry {
  const shape = shapeOf(geometry);
  if (shape.withMeasure) return shape.withMeasure(geometry, id, value);
  const { x0, y0 } = shape.bounds(geometry);
  return shape.translate(geometry, id === "x" ? value - x0 : 0, id === "y" ? value - y0 : 0);
}

/** What else there is to know of its size, such as its number of points. */
export function extentOf(geometry: Geometry): string {
  const counted = (n: number, one: string): string => `${n} ${one}${n === 1 ? "" : "s"}`;
  switch (geometry.kind) {
    case "polygon": {
      const holes = geometry.rings.length - 1;
      const points = geometry.rings.reduce((sum, ring) => sum + ring.length, 0);
      return holes ? `${counted(points, "point")}, ${counted(holes, "hole")}` : counted(points, "point");
    }
    case "polyline":
      return counted(geometry.points.length, "point");
    case "bezier":
      return `${counted(geometry.nodes.length, "node")}, ${geometry.is_closed ? "closed" : "open"}`;
    case "skeleton":
      return msg`${geometry.nodes.filter((n) => n.state !== "outside").length} of ${counted(geometry.nodes.length, "node")}`;
    default:
      return "";
  }
}
