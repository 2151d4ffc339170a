/**
 * Spans of a text. In the plane a text is one row, a pixel wide for each code point: a span is the box from its start to
 * its end, one pixel high, so that everything that works by bounds works for texts too.
 */
import { type Bounds, type Frame, type Point, containsPoint, nearestEdge } from "../geometry";
import type { SpanGeometry } from "../types";
import { type EdgeSpot, type Handle, type PathSink, type Shape, ShapeError } from "./shape";
import { field, finite } from "./wire";
import { msg } from "../text";

function corners({ start, end }: SpanGeometry): Point[] {
  return [[start, 0], [end, 0], [end, 1], [start, 1]];
}

export const spanShape: Shape<SpanGeometry> = {
  kind: "span",
  name: msg`Span`,

  bounds({ start, end }): Bounds {
    return { x0: start, y0: 0, x1: end, y1: 1 };
  },
  area({ start, end }) {
    return end - start;
  },
  contains(span, p) {
    return containsPoint(spanShape.bounds(span), p);
  },
  distanceToOutline(span, p) {
    return nearestEdge(corners(span), p).distance;
  },
  handles({ start, end }): Handle[] {
    return [
      { id: "start", at: [start, 0.5], cursor: "ew-resize", role: "side" },
      { id: "end", at: [end, 0.5], cursor: "ew-resize", role: "side" },
    ];
  },
  moveHandle({ start, end }, handleId, [x]) {
    const to = Math.max(0, Math.round(x));
    return handleId === "start" ? { kind: "span", start: Math.min(to, end - 1), end } : { kind: "span", start, end: Math.max(to, start + 1) };
  },
  edgeSpot(): EdgeSpot | null {
    return null;
  },
  insertVertex() {
    throw new RangeError("A span has no free vertices.");
  },
  deleteVertex() {
    return null;
  },
  translate({ start, end }, dx) {
    const step = Math.max(Math.round(dx), -start);
    return { kind: "span", start: start + step, end: end + step };
  },
  trace({ start, end }, path: PathSink, k, tx, ty) {
    path.moveTo(start * k + tx, ty);
    path.lineTo(end * k + tx, ty);
    path.lineTo(end * k + tx, k + ty);
    path.lineTo(start * k + tx, k + ty);
    path.closePath();
  },
  measures({ start, end }) {
    return [{ id: "start", name: msg`Start`, unit: "chars", value: start }, { id: "end", name: msg`End`, unit: "chars", value: end }];
  },
  withMeasure(span, id, value) {
    return spanShape.moveHandle(span, id, [value, 0]);
  },
  fault({ start, end }, frame: Frame) {
    if (start >= end) return msg`This span is empty: delete it.`;
    if (start < 0 || end > frame.width) return msg`This span leaves the text: move its ends inside.`;
    return null;
  },
  toWire({ start, end }) {
    return { kind: "span", start, end };
  },
  fromWire(json) {
    const [start, end] = [finite(field(json, "start"), "start"), finite(field(json, "end"), "end")];
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end <= start) throw new ShapeError("A span needs whole numbers 0 <= start < end.");
    return { kind: "span", start, end };
  },
};
