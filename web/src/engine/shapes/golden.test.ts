/// <reference types="node" />
/** The numbers that the Python half gives for the same shapes: tests/golden/README.md says how to compare. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Point } from "../geometry";
import { outlineOf } from "../ops/outline";
import type { Geometry } from "../types";
import { flatPath } from "./bezier";
import { cornersOf } from "./rotated-box";
import { ellipseRing } from "./ellipse";
import { hull, nearestOnLine } from "./path";
import { geometryFromWire, shapeOf } from "./registry";

interface Golden {
  readonly name: string;
  readonly geometry: Geometry;
  readonly bounds_xyxy: readonly [number, number, number, number];
  readonly area_px: number;
  readonly polygon_rings: readonly (readonly Point[])[] | null;
  readonly contains: readonly (readonly [number, number, boolean])[];
}

const file = join(import.meta.dirname, "../../../../tests/golden/geometry.json");
const cases = JSON.parse(readFileSync(file, "utf8")) as Golden[];
const KINDS = ["box", "polygon", "rotated_box", "polyline", "bezier", "ellipse", "point", "skeleton", "cuboid", "mask", "span"];

/** The covered area as rings; masks have theirs tested where they are traced. */
function ringsOf(geometry: Geometry): (readonly Point[])[] | null {
  switch (geometry.kind) {
    case "rotated_box":
      return [cornersOf(geometry)];
    case "ellipse":
      return [ellipseRing(geometry, 0.25)];
    case "bezier":
      return geometry.is_closed ? [flatPath(geometry, 0.25)] : null;
    case "cuboid":
      return [hull(geometry.corners)];
    case "polygon":
      return [...geometry.rings];
    case "box": {
      const [x0, y0, x1, y1] = geometry.box_xyxy;
      return [[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]];
    }
    case "span":
      return [...outlineOf(geometry)[0]!];
    default:
      return null;
  }
}

const farthest = (points: readonly Point[], ring: readonly Point[]): number => Math.max(...points.map((p) => nearestOnLine(ring, p, true).distance));

it("has cases of every kind", () => {
  expect(new Set(cases.map((c) => c.geometry.kind))).toEqual(new Set(KINDS));
});

describe.each(cases)("$name", ({ geometry, bounds_xyxy, area_px, polygon_rings, contains }) => {
  const read = geometryFromWire(geometry);
  const shape = shapeOf(read);

  it("has the same bounds and area", () => {
    const b = shape.bounds(read);
    [b.x0, b.y0, b.x1, b.y1].forEach((n, i) => expect(n).toBeCloseTo(bounds_xyxy[i]!, 5));
    expect(Math.abs(shape.area(read) - area_px)).toBeLessThanOrEqual(Math.max(1e-4 * area_px, 1e-4));
  });

  it("contains the same places", () => {
    for (const [x, y, isInside] of contains) expect([x, y, shape.contains(read, [x, y])]).toEqual([x, y, isInside]);
  });

  it("covers the same area", () => {
    if (geometry.kind === "mask") return;
    const rings = ringsOf(read);
    expect(rings === null).toBe(polygon_rings === null);
    rings?.forEach((ring, i) => {
      const isCurve = geometry.kind === "bezier" || geometry.kind === "ellipse";
      expect(farthest(ring, polygon_rings![i]!)).toBeLessThan(0.05);
      expect(farthest(polygon_rings![i]!, ring)).toBeLessThan(isCurve ? 0.3 : 1e-3);
    });
  });

  it("goes over the wire and back", () => {
    const sent = shape.toWire(read);
    expect(geometryFromWire(JSON.parse(JSON.stringify(sent)))).toEqual(sent);
    expect(shape.toWire(sent)).toEqual(sent);
  });
});
