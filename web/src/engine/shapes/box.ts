/** Axis-aligned boxes. */
import { type Bounds, type Frame, type Point, centre, containsPoint, distance, nearestEdge, rounded } from "../geometry";
import type { BoxGeometry } from "../types";
import { type EdgeSpot, type Handle, PLAIN_GRIP, type PathSink, type Shape, ShapeError } from "./shape";
import { GRIPS, angleOf, cursorAt, resized } from "./turning";
import { msg } from "../text";

/** Smaller than this on a side is a slip of the hand, not an object. */
export const LEAST_SIDE_PX = 1;

/** The box between two opposite corners, whichever way they were given. */
export function boxBetween(a: Point, b: Point): BoxGeometry {
  return {
    kind: "box",
    box_xyxy: [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])],
  };
}

function corners({ box_xyxy: [x0, y0, x1, y1] }: BoxGeometry): Point[] {
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

export const boxShape: Shape<BoxGeometry> = {
  kind: "box",
  name: msg`Box`,

  bounds({ box_xyxy: [x0, y0, x1, y1] }): Bounds {
    return { x0, y0, x1, y1 };
  },
  area({ box_xyxy: [x0, y0, x1, y1] }) {
    return (x1 - x0) * (y1 - y0);
  },
  contains(box, p) {
    return containsPoint(boxShape.bounds(box), p);
  },
  distanceToOutline(box, p) {
    return nearestEdge(corners(box), p).distance;
  },
  handles({ box_xyxy: [x0, y0, x1, y1] }): Handle[] {
    return GRIPS.map(([id, sx, sy]) => ({
      id,
      at: [sx < 0 ? x0 : sx > 0 ? x1 : (x0 + x1) / 2, sy < 0 ? y0 : sy > 0 ? y1 : (y0 + y1) / 2],
      cursor: cursorAt(angleOf([0, 0], [sx, sy])),
      role: sx !== 0 && sy !== 0 ? "corner" : "side",
    }));
  },
  moveHandle(box, handleId, [x, y], grip = PLAIN_GRIP) {
    const [x0, y0, x1, y1] = box.box_xyxy;
    const [cx, cy] = centre(boxShape.bounds(box));
    const { middle, w, h } = resized(x1 - x0, y1 - y0, handleId, [x - cx, y - cy], grip.alt, grip.shift);
    const [mx, my] = [cx + middle[0], cy + middle[1]];
    return { kind: "box", box_xyxy: [mx - w / 2, my - h / 2, mx + w / 2, my + h / 2] };
  },
  edgeSpot(): EdgeSpot | null {
    return null;
  },
  insertVertex() {
    throw new RangeError("A box has no free vertices.");
  },
  deleteVertex() {
    return null;
  },
  translate({ box_xyxy: [x0, y0, x1, y1] }, dx, dy) {
    return { kind: "box", box_xyxy: [x0 + dx, y0 + dy, x1 + dx, y1 + dy] };
  },
  trace({ box_xyxy: [x0, y0, x1, y1] }, path: PathSink, k, tx, ty) {
    const l = x0 * k + tx;
    const t = y0 * k + ty;
    const r = x1 * k + tx;
    const b = y1 * k + ty;
    path.moveTo(l, t);
    path.lineTo(r, t);
    path.lineTo(r, b);
    path.lineTo(l, b);
    path.closePath();
  },
  measures({ box_xyxy: [x0, y0, x1, y1] }) {
    return [
      { id: "x", name: "x", unit: "px", value: x0 }, { id: "y", name: "y", unit: "px", value: y0 },
      { id: "w", name: msg`Width`, unit: "px", value: x1 - x0 }, { id: "h", name: msg`Height`, unit: "px", value: y1 - y0 },
    ];
  },
  withMeasure(box, id, value) {
    const [x0, y0, x1, y1] = box.box_xyxy;
    if (id === "w") return { kind: "box", box_xyxy: [x0, y0, x0 + value, y1] };
    if (id === "h") return { kind: "box", box_xyxy: [x0, y0, x1, y0 + value] };
    return boxShape.translate(box, id === "x" ? value - x0 : 0, id === "y" ? value - y0 : 0);
  },
  fault({ box_xyxy: [x0, y0, x1, y1] }, frame: Frame) {
    if (x1 - x0 < LEAST_SIDE_PX || y1 - y0 < LEAST_SIDE_PX) return msg`This box is thinner than one pixel: enlarge or delete it.`;
    if (x0 < 0 || y0 < 0 || x1 > frame.width || y1 > frame.height) return msg`This box leaves the image: move it inside.`;
    return null;
  },
  toWire({ box_xyxy: [x0, y0, x1, y1] }) {
    return { kind: "box", box_xyxy: [rounded(x0), rounded(y0), rounded(x1), rounded(y1)] };
  },
  fromWire(json) {
    const numbers = (json as { box_xyxy?: unknown } | null)?.box_xyxy;
    if (!Array.isArray(numbers) || numbers.length !== 4 || !numbers.every((n) => Number.isFinite(n)))
      throw new ShapeError("A box needs box_xyxy with four finite numbers.");
    const [x0, y0, x1, y1] = numbers as [number, number, number, number];
    return boxBetween([x0, y0], [x1, y1]);
  },
};

/** The corner opposite to the one nearest to p: where a drag that redraws the box is anchored. */
export function farCorner(box: BoxGeometry, p: Point): Point {
  return corners(box).reduce((far, c) => (distance(c, p) > distance(far, p) ? c : far));
}
