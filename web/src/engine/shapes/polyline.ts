/** Open lines of straight pieces. */
import { boundsOf } from "../geometry";
import type { PolylineGeometry } from "../types";
import { isInFrame, lengthOf, nearestOnLine, traceLine } from "./path";
import type { Handle, Shape } from "./shape";
import { turnAll } from "./turning";
import { field, pointsFrom, roundedPoint } from "./wire";
import { msg } from "../text";

export const LEAST_LINE_POINTS = 2;
/** Shorter than this is a slip of the hand, not a line. */
export const LEAST_LENGTH_PX = 1;

function indexOf(handleId: string): number {
  const index = Number(handleId);
  if (!Number.isInteger(index)) throw new RangeError(`A line has no handle "${handleId}".`);
  return index;
}

export const polylineShape: Shape<PolylineGeometry> = {
  kind: "polyline",
  name: msg`Line`,

  bounds({ points }) {
    return boundsOf(points);
  },
  area() {
    return 0;
  },
  contains() {
    return false;
  },
  distanceToOutline({ points }, p) {
    return nearestOnLine(points, p, false).distance;
  },
  handles({ points }): Handle[] {
    return points.map((at, i) => ({ id: String(i), at, cursor: "move", role: "vertex" }));
  },
  moveHandle({ points }, handleId, to) {
    const index = indexOf(handleId);
    return { kind: "polyline", points: points.map((p, i) => (i === index ? to : p)) };
  },
  edgeSpot({ points }, p) {
    const { index, at, distance } = nearestOnLine(points, p, false);
    return { ring: 0, index, at, distance };
  },
  insertVertex({ points }, { index, at }) {
    return { geometry: { kind: "polyline", points: points.toSpliced(index + 1, 0, at) }, handleId: String(index + 1) };
  },
  deleteVertex({ points }, handleId) {
    return points.length > LEAST_LINE_POINTS ? { kind: "polyline", points: points.toSpliced(indexOf(handleId), 1) } : null;
  },
  translate({ points }, dx, dy) {
    return { kind: "polyline", points: points.map(([x, y]) => [x + dx, y + dy] as const) };
  },
  trace({ points }, path, k, tx, ty, skip) {
    traceLine(points, path, k, tx, ty, skip, false);
  },
  traceBody() {
    // A line encloses nothing.
  },
  turn(line, degrees) {
    return { kind: "polyline", points: turnAll(line.points, polylineShape.bounds(line), degrees) };
  },
  fault({ points }, frame) {
    if (points.length < LEAST_LINE_POINTS) return msg`A line needs at least two points: add points or delete it.`;
    if (lengthOf(points) < LEAST_LENGTH_PX) return msg`This line is shorter than one pixel: lengthen or delete it.`;
    return points.every((p) => isInFrame(p, frame)) ? null : msg`This line leaves the image: move it inside.`;
  },
  toWire({ points }) {
    return { kind: "polyline", points: points.map(roundedPoint) };
  },
  fromWire(json) {
    return { kind: "polyline", points: pointsFrom(field(json, "points"), LEAST_LINE_POINTS, "A line") };
  },
};
