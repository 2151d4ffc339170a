/** Single points. */
import { distance } from "../geometry";
import type { PointGeometry } from "../types";
import { isInFrame } from "./path";
import type { EdgeSpot, Shape } from "./shape";
import { field, pointFrom, roundedPoint } from "./wire";
import { msg } from "../text";

export const pointShape: Shape<PointGeometry> = {
  kind: "point",
  name: msg`Point`,

  bounds({ point_xy: [x, y] }) {
    return { x0: x, y0: y, x1: x, y1: y };
  },
  area() {
    return 0;
  },
  contains() {
    return false;
  },
  distanceToOutline({ point_xy }, p) {
    return distance(point_xy, p);
  },
  // It is moved as a whole, so there is nothing to take hold of.
  handles() {
    return [];
  },
  moveHandle() {
    throw new RangeError("A point has no handles.");
  },
  edgeSpot(): EdgeSpot | null {
    return null;
  },
  insertVertex() {
    throw new RangeError("A point has no edges.");
  },
  deleteVertex() {
    return null;
  },
  translate({ point_xy: [x, y] }, dx, dy) {
    return { kind: "point", point_xy: [x + dx, y + dy] };
  },
  trace() {
    // Painted as a mark.
  },
  marks({ point_xy }) {
    return [{ at: point_xy, look: "dot" }];
  },
  measures({ point_xy: [x, y] }) {
    return [{ id: "x", name: "x", unit: "px", value: x }, { id: "y", name: "y", unit: "px", value: y }];
  },
  withMeasure({ point_xy: [x, y] }, id, value) {
    return { kind: "point", point_xy: id === "x" ? [value, y] : [x, value] };
  },
  fault({ point_xy }, frame) {
    return isInFrame(point_xy, frame) ? null : msg`This point lies outside the image: move it inside.`;
  },
  toWire({ point_xy }) {
    return { kind: "point", point_xy: roundedPoint(point_xy) };
  },
  fromWire(json) {
    return { kind: "point", point_xy: pointFrom(field(json, "point_xy"), "A point") };
  },
};
