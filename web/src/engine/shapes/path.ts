/** What lines, curves and outlines have in common. */
import { type Bounds, type Frame, type Point, clamp, project, signedArea } from "../geometry";
import type { PathSink } from "./shape";

export function isInFrame([x, y]: Point, frame: Frame): boolean {
  return x === clamp(x, 0, frame.width) && y === clamp(y, 0, frame.height);
}

/** Whether any of it can be seen. */
export function touchesFrame(b: Bounds, frame: Frame): boolean {
  return b.x0 < frame.width && b.y0 < frame.height && b.x1 > 0 && b.y1 > 0;
}

/** The place on a line nearest to p; the last point is joined to the first only if the line is closed. */
export function nearestOnLine(points: readonly Point[], p: Point, isClosed: boolean): { index: number; at: Point; t: number; distance: number } {
  let best = { index: 0, at: points[0] ?? ([0, 0] as Point), t: 0, distance: Infinity };
  const count = isClosed ? points.length : points.length - 1;
  for (let i = 0; i < count; i++) {
    const foot = project(p, points[i]!, points[(i + 1) % points.length]!);
    if (foot.distance < best.distance) best = { index: i, ...foot };
  }
  return best;
}

export function lengthOf(points: readonly Point[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) sum += Math.hypot(points[i]![0] - points[i - 1]![0], points[i]![1] - points[i - 1]![1]);
  return sum;
}

/** Adds a line to a path, leaving out points that nobody could tell apart. */
export function traceLine(points: readonly Point[], path: PathSink, k: number, tx: number, ty: number, skip: number, isClosed: boolean): void {
  let lastX = 0;
  let lastY = 0;
  for (let i = 0; i < points.length; i++) {
    const p = points[i]!;
    const x = p[0] * k + tx;
    const y = p[1] * k + ty;
    const isEnd = i === points.length - 1 && !isClosed;
    if (i === 0) path.moveTo(x, y);
    else if (!isEnd && Math.abs(x - lastX) < skip && Math.abs(y - lastY) < skip) continue;
    else path.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
  if (isClosed) path.closePath();
}

/** The convex hull, clockwise on screen (Andrew's monotone chain). */
export function hull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const half = (from: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const p of from) {
      while (chain.length > 1 && turns(chain.at(-2)!, chain.at(-1)!, p) <= 0) chain.pop();
      chain.push(p);
    }
    chain.pop();
    return chain;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turns(a: Point, b: Point, c: Point): number {
  return signedArea([a, b, c]);
}
