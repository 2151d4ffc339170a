import { describe, expect, it } from "vitest";
import { annotationFromWire, geometryFromWire, geometryKinds, shapeNamed, shapeOf, translateInside } from "./registry";
import { box } from "../testing";
import type { Geometry } from "../types";

const donut: Geometry = { kind: "polygon", rings: [[[0, 0], [100, 0], [100, 100], [0, 100]], [[40, 40], [60, 40], [60, 60], [40, 60]]] };

describe("shapes", () => {
  it("registers each kind under its own name", () => {
    expect(geometryKinds.map((kind) => shapeNamed(kind).kind)).toEqual(geometryKinds);
  });

  it("knows areas and holes", () => {
    const polygon = shapeOf(donut);
    expect(polygon.area(donut)).toBe(9600);
    expect(polygon.contains(donut, [10, 10])).toBe(true);
    expect(polygon.contains(donut, [50, 50])).toBe(false);
    expect(polygon.distanceToOutline(donut, [50, 50])).toBe(10);
  });

  it("drops a hole that falls under three points, but keeps an outer ring", () => {
    const twice = (id: string): Geometry | null => {
      const polygon = shapeOf(donut);
      const once = polygon.deleteVertex(donut, id);
      return once && polygon.deleteVertex(once, id);
    };
    expect(twice("1:0")).toEqual({ kind: "polygon", rings: [donut.kind === "polygon" && donut.rings[0]] });
    const triangle: Geometry = { kind: "polygon", rings: [[[0, 0], [9, 0], [0, 9]]] };
    expect(shapeOf(triangle).deleteVertex(triangle, "0:1")).toBeNull();
  });

  it("moves only as far as the frame allows", () => {
    expect(translateInside(box(10, 10, 30, 30), -50, 5, { width: 100, height: 100 })).toEqual(box(0, 15, 20, 35));
  });

  it.each([null, {}, { kind: "cone" }, { kind: "box", box_xyxy: [1, 2, 3] }, { kind: "box", box_xyxy: [1, 2, 3, NaN] }, { kind: "polygon", rings: [] }, { kind: "polygon", rings: [[[0, 0], [1, 1]]] }, { kind: "polygon", rings: [[[0, 0], [1, 1], [2]]] }])("refuses %o", (json) => {
    expect(() => geometryFromWire(json)).toThrow();
  });

  it("reads an annotation with its optional fields left out", () => {
    expect(annotationFromWire({ annotation_id: "a", class_id: "car", geometry: box(0, 0, 1, 1) })).toMatchObject({ attributes: {}, is_occluded: false, score: null });
  });

  it("goes through the wire unchanged, to a hundredth of a pixel", () => {
    const drawn = box(1.234567, 2, 30.999, 40);
    const sent = shapeOf(drawn).toWire(drawn);
    expect(geometryFromWire(JSON.parse(JSON.stringify(sent)))).toEqual(box(1.23, 2, 31, 40));
  });
});
