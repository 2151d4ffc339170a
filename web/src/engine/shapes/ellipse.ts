/** Ellipses, upright or turned. */
import { type Bounds, type Point, nearestEdge, rounded } from "../geometry";
import type { EllipseGeometry } from "../types";
import { LEAST_SIDE_PX } from "./box";
import { touchesFrame } from "./path";
import { TURN_HANDLE } from "./rotated-box";
import { type EdgeSpot, type Handle, PLAIN_GRIP, type PathSink, type Shape } from "./shape";
import { GRIPS, TURN_STEM_PX, TURN_STEP_DEG, angleOf, cursorAt, fromOwn, resized, rotate, roundedAngle, snapped, toOwn, wrapped } from "./turning";
import { field, finite, pointFrom, roundedPoint, sizeFrom } from "./wire";
import { msg } from "../text";

const LEAST_RADIUS_PX = LEAST_SIDE_PX / 2;

/** The outline as a polygon that leaves it by no more than `tolerance`. */
export function ellipseRing({ center_xy, radii_xy: [rx, ry], angle_deg }: EllipseGeometry, tolerance: number): Point[] {
  const r = Math.max(rx, ry, tolerance);
  const count = Math.min(720, Math.max(12, Math.ceil(Math.PI / Math.acos(1 - Math.min(1, tolerance / r)))));
  return Array.from({ length: count }, (_, i) => {
    const a = (i / count) * 2 * Math.PI;
    return fromOwn([rx * Math.cos(a), ry * Math.sin(a)], center_xy, angle_deg);
  });
}

export const ellipseShape: Shape<EllipseGeometry> = {
  kind: "ellipse",
  name: msg`Ellipse`,

  bounds({ center_xy: [x, y], radii_xy: [rx, ry], angle_deg }): Bounds {
    const [cos, sin] = rotate([1, 0], angle_deg);
    const w = Math.hypot(rx * cos, ry * sin);
    const h = Math.hypot(rx * sin, ry * cos);
    return { x0: x - w, y0: y - h, x1: x + w, y1: y + h };
  },
  area({ radii_xy: [rx, ry] }) {
    return Math.PI * rx * ry;
  },
  contains({ center_xy, radii_xy: [rx, ry], angle_deg }, p) {
    const [x, y] = toOwn(p, center_xy, angle_deg);
    return (x / rx) ** 2 + (y / ry) ** 2 <= 1;
  },
  distanceToOutline(ellipse, p) {
    return nearestEdge(ellipseRing(ellipse, 0.05), p).distance;
  },
  handles({ center_xy, radii_xy: [rx, ry], angle_deg }, px = 1): Handle[] {
    const at = (x: number, y: number): Point => fromOwn([x, y], center_xy, angle_deg);
    // The ends of the axes lie on the outline; grips at the corners of the box around it would hang in the air.
    const ends = GRIPS.filter(([, sx, sy]) => sx === 0 || sy === 0).map(([id, sx, sy]): Handle => ({
      id, at: at(sx * rx, sy * ry), cursor: cursorAt(angle_deg + angleOf([0, 0], [sx, sy])), role: "corner", isFree: true,
    }));
    return [...ends, { id: TURN_HANDLE, at: at(0, -ry - TURN_STEM_PX * px), cursor: "grab", role: "turn", stem: at(0, -ry), isFree: true }];
  },
  moveHandle(ellipse, handleId, to, grip = PLAIN_GRIP) {
    const { center_xy, radii_xy: [rx, ry], angle_deg } = ellipse;
    if (handleId === TURN_HANDLE) {
      const angle = angleOf(center_xy, to) + 90;
      return { ...ellipse, angle_deg: wrapped(grip.shift ? snapped(angle, TURN_STEP_DEG) : angle, 180) };
    }
    const size = resized(2 * rx, 2 * ry, handleId, toOwn(to, center_xy, angle_deg), grip.alt, grip.shift);
    return { ...ellipse, center_xy: fromOwn(size.middle, center_xy, angle_deg), radii_xy: [Math.max(size.w / 2, 0.01), Math.max(size.h / 2, 0.01)] };
  },
  edgeSpot(): EdgeSpot | null {
    return null;
  },
  insertVertex() {
    throw new RangeError("An ellipse has no free vertices.");
  },
  deleteVertex() {
    return null;
  },
  translate(ellipse, dx, dy) {
    return { ...ellipse, center_xy: [ellipse.center_xy[0] + dx, ellipse.center_xy[1] + dy] };
  },
  trace(ellipse, path: PathSink, k, tx, ty) {
    ellipseRing(ellipse, 0.2 / k).forEach(([x, y], i) => (i === 0 ? path.moveTo(x * k + tx, y * k + ty) : path.lineTo(x * k + tx, y * k + ty)));
    path.closePath();
  },
  anchor({ center_xy: [x, y] }): Bounds {
    return { x0: x, y0: y, x1: x, y1: y };
  },
  measures({ center_xy: [x, y], radii_xy: [rx, ry], angle_deg }) {
    return [
      { id: "x", name: msg`Mid x`, unit: "px", value: x }, { id: "y", name: msg`Mid y`, unit: "px", value: y },
      { id: "rx", name: msg`Radius x`, unit: "px", value: rx }, { id: "ry", name: msg`Radius y`, unit: "px", value: ry },
      { id: "angle", name: msg`Angle`, unit: "°", value: angle_deg },
    ];
  },
  withMeasure(ellipse, id, value) {
    const { center_xy: [x, y], radii_xy: [rx, ry] } = ellipse;
    if (id === "angle") return { ...ellipse, angle_deg: wrapped(value, 180) };
    if (id === "x" || id === "y") return { ...ellipse, center_xy: id === "x" ? [value, y] : [x, value] };
    return { ...ellipse, radii_xy: id === "rx" ? [value, ry] : [rx, value] };
  },
  turn(ellipse, degrees) {
    return { ...ellipse, angle_deg: wrapped(ellipse.angle_deg + degrees, 180) };
  },
  fault(ellipse, frame) {
    const [rx, ry] = ellipse.radii_xy;
    if (rx < LEAST_RADIUS_PX || ry < LEAST_RADIUS_PX) return msg`This ellipse is thinner than one pixel: enlarge or delete it.`;
    return touchesFrame(ellipseShape.bounds(ellipse), frame) ? null : msg`This ellipse lies outside the image: move it inside.`;
  },
  toWire({ center_xy, radii_xy: [rx, ry], angle_deg }) {
    return { kind: "ellipse", center_xy: roundedPoint(center_xy), radii_xy: [Math.max(rounded(rx), 0.01), Math.max(rounded(ry), 0.01)], angle_deg: roundedAngle(angle_deg, 180) };
  },
  fromWire(json) {
    return {
      kind: "ellipse",
      center_xy: pointFrom(field(json, "center_xy"), msg`The centre of an ellipse`),
      radii_xy: sizeFrom(field(json, "radii_xy"), msg`The radii of an ellipse`),
      angle_deg: wrapped(finite(field(json, "angle_deg"), msg`The angle of an ellipse`), 180),
    };
  },
};
