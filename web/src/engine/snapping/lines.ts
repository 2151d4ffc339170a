/** What there is to snap to on a shape: its outlines and lines, and single points. */
import { lineOf, outlineOf } from "../ops/outline";
import type { Point } from "../geometry";
import type { Geometry } from "../types";

export interface SnapLine {
  readonly points: readonly Point[];
  readonly isClosed: boolean;
}

const known = new WeakMap<Geometry, readonly SnapLine[]>();

/** Geometries are never changed in place, so what was found once holds. */
export function linesOf(geometry: Geometry | null): readonly SnapLine[] {
  if (!geometry) return [];
  let lines = known.get(geometry);
  if (!lines) {
    lines = found(geometry);
    known.set(geometry, lines);
  }
  return lines;
}

function found(geometry: Geometry): SnapLine[] {
  switch (geometry.kind) {
    case "point":
      return [{ points: [geometry.point_xy], isClosed: false }];
    case "skeleton":
      return geometry.nodes.filter((n) => n.state !== "outside").map((n) => ({ points: [n.at], isClosed: false }));
    default: {
      const line = lineOf(geometry);
      if (line) return [{ points: line, isClosed: false }];
      return outlineOf(geometry).flat().map((points) => ({ points, isClosed: true }));
    }
  }
}
