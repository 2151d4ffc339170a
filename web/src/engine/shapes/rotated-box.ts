/** Boxes that lie at an angle. */
import { type Bounds, type Point, boundsOf, nearestEdge, rounded } from "../geometry";
import type { RotatedBoxGeometry } from "../types";
import { LEAST_SIDE_PX } from "./box";
import { touchesFrame, traceLine } from "./path";
import { type EdgeSpot, type Handle, PLAIN_GRIP, type Shape } from "./shape";
import { GRIPS, TURN_STEM_PX, TURN_STEP_DEG, angleOf, cursorAt, fromOwn, resized, roundedAngle, snapped, toOwn, wrapped } from "./turning";
import { field, finite, pointFrom, roundedPoint, sizeFrom } from "./wire";
import { msg } from "../text";

export const TURN_HANDLE = "turn";

/** The four corners, clockwise from the one that is top left while the box is upright. */
export function cornersOf({ center_xy, size_wh: [w, h], angle_deg }: RotatedBoxGeometry): Point[] {
  return ([[-1, -1], [1, -1], [1, 1], [-1, 1]] as const).map(([sx, sy]) => fromOwn([(sx * w) / 2, (sy * h) / 2], center_xy, angle_deg));
}

/** The box on the edge a-b that reaches as far to the side as p does. */
export function boxOnEdge(a: Point, b: Point, p: Point): RotatedBoxGeometry {
  const angle = angleOf(a, b);
  const [w] = toOwn(b, a, angle);
  const [, h] = toOwn(p, a, angle);
  return { kind: "rotated_box", center_xy: fromOwn([w / 2, h / 2], a, angle), size_wh: [w, Math.abs(h)], angle_deg: wrapped(angle, 360) };
}

export const rotatedBoxShape: Shape<RotatedBoxGeometry> = {
  kind: "rotated_box",
  name: msg`Rotated box`,

  bounds(box) {
    return boundsOf(cornersOf(box));
  },
  area({ size_wh: [w, h] }) {
    return w * h;
  },
  contains({ center_xy, size_wh: [w, h], angle_deg }, p) {
    const [x, y] = toOwn(p, center_xy, angle_deg);
    return Math.abs(x) <= w / 2 && Math.abs(y) <= h / 2;
  },
  distanceToOutline(box, p) {
    return nearestEdge(cornersOf(box), p).distance;
  },
  handles({ center_xy, size_wh: [w, h], angle_deg }, px = 1): Handle[] {
    const at = (x: number, y: number): Point => fromOwn([x, y], center_xy, angle_deg);
    const grips = GRIPS.map(([id, sx, sy]): Handle => ({
      id, at: at((sx * w) / 2, (sy * h) / 2), cursor: cursorAt(angle_deg + angleOf([0, 0], [sx, sy])), role: sx !== 0 && sy !== 0 ? "corner" : "side", isFree: true,
    }));
    return [...grips, { id: TURN_HANDLE, at: at(0, -h / 2 - TURN_STEM_PX * px), cursor: "grab", role: "turn", stem: at(0, -h / 2), isFree: true }];
  },
  moveHandle(box, handleId, to, grip = PLAIN_GRIP) {
    const { center_xy, size_wh: [w, h], angle_deg } = box;
    if (handleId === TURN_HANDLE) {
      const angle = angleOf(center_xy, to) + 90;
      return { ...box, angle_deg: wrapped(grip.shift ? snapped(angle, TURN_STEP_DEG) : angle, 360) };
    }
    const size = resized(w, h, handleId, toOwn(to, center_xy, angle_deg), grip.alt, grip.shift);
    return { ...box, center_xy: fromOwn(size.middle, center_xy, angle_deg), size_wh: [Math.max(size.w, 0.01), Math.max(size.h, 0.01)] };
  },
  edgeSpot(): EdgeSpot | null {
    return null;
  },
  insertVertex() {
    throw new RangeError("A rotated box has no free vertices.");
  },
  deleteVertex() {
    return null;
  },
  translate(box, dx, dy) {
    return { ...box, center_xy: [box.center_xy[0] + dx, box.center_xy[1] + dy] };
  },
  trace(box, path, k, tx, ty, skip) {
    traceLine(cornersOf(box), path, k, tx, ty, skip, true);
  },
  anchor({ center_xy: [x, y] }): Bounds {
    return { x0: x, y0: y, x1: x, y1: y };
  },
  measures({ center_xy: [x, y], size_wh: [w, h], angle_deg }) {
    return [
      { id: "x", name: msg`Mid x`, unit: "px", value: x }, { id: "y", name: msg`Mid y`, unit: "px", value: y },
      { id: "w", name: msg`Width`, unit: "px", value: w }, { id: "h", name: msg`Height`, unit: "px", value: h },
      { id: "angle", name: msg`Angle`, unit: "°", value: angle_deg },
    ];
  },
  withMeasure(box, id, value) {
    const { center_xy: [x, y], size_wh: [w, h] } = box;
    if (id === "angle") return { ...box, angle_deg: wrapped(value, 360) };
    if (id === "x" || id === "y") return { ...box, center_xy: id === "x" ? [value, y] : [x, value] };
    return { ...box, size_wh: id === "w" ? [value, h] : [w, value] };
  },
  turn(box, degrees) {
    return { ...box, angle_deg: wrapped(box.angle_deg + degrees, 360) };
  },
  fault(box, frame) {
    const [w, h] = box.size_wh;
    if (w < LEAST_SIDE_PX || h < LEAST_SIDE_PX) return msg`This box is thinner than one pixel: enlarge or delete it.`;
    return touchesFrame(rotatedBoxShape.bounds(box), frame) ? null : msg`This box lies outside the image: move it inside.`;
  },
  toWire({ center_xy, size_wh: [w, h], angle_deg }) {
    return { kind: "rotated_box", center_xy: roundedPoint(center_xy), size_wh: [Math.max(rounded(w), 0.01), Math.max(rounded(h), 0.01)], angle_deg: roundedAngle(angle_deg, 360) };
  },
  fromWire(json) {
    return {
      kind: "rotated_box",
      center_xy: pointFrom(field(json, "center_xy"), msg`The centre of a rotated box`),
      size_wh: sizeFrom(field(json, "size_wh"), msg`The size of a rotated box`),
      angle_deg: wrapped(finite(field(json, "angle_deg"), msg`The angle of a rotated box`), 360),
    };
  },
};
