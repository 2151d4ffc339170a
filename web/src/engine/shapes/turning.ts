/** Turning about a point, and shapes that have axes of their own. Angles in degrees, clockwise on screen. */
import { type Bounds, type Point, centre, rounded } from "../geometry";

const DEGREE = Math.PI / 180;
const CURSORS = ["ew-resize", "nwse-resize", "ns-resize", "nesw-resize"] as const;
/** A rotation handle stands off the shape by this much on screen. */
export const TURN_STEM_PX = 24;
export const TURN_STEP_DEG = 15;

export function rotate([x, y]: Point, degrees: number): Point {
  const cos = Math.cos(degrees * DEGREE);
  const sin = Math.sin(degrees * DEGREE);
  return [x * cos - y * sin, x * sin + y * cos];
}

export function turnAbout(p: Point, about: Point, degrees: number): Point {
  const [x, y] = rotate([p[0] - about[0], p[1] - about[1]], degrees);
  return [about[0] + x, about[1] + y];
}

export function turnAll(points: readonly Point[], bounds: Bounds, degrees: number): Point[] {
  const about = centre(bounds);
  return points.map((p) => turnAbout(p, about, degrees));
}

/** p as seen from a shape whose x axis points along the angle. */
export function toOwn(p: Point, origin: Point, degrees: number): Point {
  return rotate([p[0] - origin[0], p[1] - origin[1]], -degrees);
}

export function fromOwn(own: Point, origin: Point, degrees: number): Point {
  const [x, y] = rotate(own, degrees);
  return [origin[0] + x, origin[1] + y];
}

/** The same direction in [0, period). */
export function wrapped(degrees: number, period: 180 | 360): number {
  const turned = ((degrees % period) + period) % period;
  return turned >= period ? 0 : turned;
}

/** To the precision that is kept; what rounds up to a full turn is none. */
export function roundedAngle(degrees: number, period: 180 | 360): number {
  return wrapped(rounded(degrees), period);
}

/** Direction from one point to another. */
export function angleOf(from: Point, to: Point): number {
  return Math.atan2(to[1] - from[1], to[0] - from[0]) / DEGREE;
}

export function snapped(degrees: number, step: number): number {
  return Math.round(degrees / step) * step;
}

/** The resize cursor for a handle that lies in this direction from the middle. */
export function cursorAt(degrees: number): string {
  return CURSORS[Math.round(wrapped(degrees, 180) / 45) % 4]!;
}

export type Side = -1 | 0 | 1;

/** The eight grips of a rectangle on its own axes, clockwise from the top left. */
export const GRIPS: readonly (readonly [id: string, sx: Side, sy: Side])[] = [
  ["nw", -1, -1], ["n", 0, -1], ["ne", 1, -1], ["e", 1, 0], ["se", 1, 1], ["s", 0, 1], ["sw", -1, 1], ["w", -1, 0],
];

export interface OwnSize {
  /** The new middle, seen from the old one on the shape's own axes. */
  readonly middle: Point;
  readonly w: number;
  readonly h: number;
}

/**
 * A rectangle of w by h around the origin after its grip was dragged to `own`: the other side stays,
 * or the middle does (`isCentred`), and the proportions if `isEven` asks for it.
 */
export function resized(w: number, h: number, id: string, own: Point, isCentred: boolean, isEven: boolean): OwnSize {
  const grip = GRIPS.find((g) => g[0] === id);
  if (!grip) throw new RangeError(`There is no handle "${id}".`);
  const [, sx, sy] = grip;
  const reach = isCentred ? 2 : 1;
  const fixedX = isCentred ? 0 : (-sx * w) / 2;
  const fixedY = isCentred ? 0 : (-sy * h) / 2;
  // Signed lengths from what stays put, so that a drag past it turns the shape over.
  const even: Point = [Math.max(w, 1e-6), Math.max(h, 1e-6)];
  let dx = sx === 0 ? w : (own[0] - fixedX) * sx * reach;
  let dy = sy === 0 ? h : (own[1] - fixedY) * sy * reach;
  if (isEven) {
    const kx = Math.abs(dx) / even[0];
    const ky = Math.abs(dy) / even[1];
    const k = sx === 0 ? ky : sy === 0 ? kx : Math.max(kx, ky);
    dx = Math.sign(dx || 1) * even[0] * k;
    dy = Math.sign(dy || 1) * even[1] * k;
  }
  const middle: Point = isCentred ? [0, 0] : [sx === 0 ? 0 : fixedX + (sx * dx) / 2, sy === 0 ? 0 : fixedY + (sy * dy) / 2];
  return { middle, w: Math.abs(dx), h: Math.abs(dy) };
}
