/** Plane geometry that every shape and tool stands on. Coordinates: pixels of the upright image, origin top left. */

export type Point = readonly [x: number, y: number];

export interface Bounds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** The picture that shapes live in; shapes never leave it. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}

/** Finest step kept, in pixels: what is drawn, stored and sent is the same number. */
export const PRECISION_PX = 0.01;

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

export function clampPoint([x, y]: Point, frame: Frame): Point {
  return [clamp(x, 0, frame.width), clamp(y, 0, frame.height)];
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

export function boundsOf(points: Iterable<Point>): Bounds {
  let x0 = Infinity;
  let y0 = Infinity;
  let x1 = -Infinity;
  let y1 = -Infinity;
  for (const [x, y] of points) {
    if (x < x0) x0 = x;
    if (y < y0) y0 = y;
    if (x > x1) x1 = x;
    if (y > y1) y1 = y;
  }
  return { x0, y0, x1, y1 };
}

export function union(a: Bounds, b: Bounds): Bounds {
  return { x0: Math.min(a.x0, b.x0), y0: Math.min(a.y0, b.y0), x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1) };
}

export function inflated(b: Bounds, by: number): Bounds {
  return { x0: b.x0 - by, y0: b.y0 - by, x1: b.x1 + by, y1: b.y1 + by };
}

export function intersects(a: Bounds, b: Bounds): boolean {
  return a.x0 <= b.x1 && b.x0 <= a.x1 && a.y0 <= b.y1 && b.y0 <= a.y1;
}

export function containsPoint(b: Bounds, [x, y]: Point): boolean {
  return x >= b.x0 && x <= b.x1 && y >= b.y0 && y <= b.y1;
}

export function centre(b: Bounds): Point {
  return [(b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2];
}

/** The nearest point of segment a-b to p, and where on the segment it lies (0 at a, 1 at b). */
export function project(p: Point, a: Point, b: Point): { at: Point; t: number; distance: number } {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : clamp(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2, 0, 1);
  const at: Point = [a[0] + t * dx, a[1] + t * dy];
  return { at, t, distance: distance(p, at) };
}

/** Signed area by the shoelace formula; positive when the ring turns clockwise on screen. */
export function signedArea(ring: readonly Point[]): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[j]!;
    const b = ring[i]!;
    sum += a[0] * b[1] - b[0] * a[1];
  }
  return sum / 2;
}

/** Even-odd test of a point against one closed ring. */
export function inRing(ring: readonly Point[], [x, y]: Point): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!;
    const [xj, yj] = ring[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** The edge of a closed ring nearest to p: its first vertex' index, the foot point and the distance. */
export function nearestEdge(ring: readonly Point[], p: Point): { index: number; at: Point; distance: number } {
  let best = { index: 0, at: ring[0] ?? ([0, 0] as Point), distance: Infinity };
  for (let i = 0; i < ring.length; i++) {
    const foot = project(p, ring[i]!, ring[(i + 1) % ring.length]!);
    if (foot.distance < best.distance) best = { index: i, at: foot.at, distance: foot.distance };
  }
  return best;
}
