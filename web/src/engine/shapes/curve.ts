/** Cubic pieces: points on them, their bounds, and cutting them in two. */
import { type Point, distance } from "../geometry";

export type Cubic = readonly [from: Point, out: Point, into: Point, to: Point];

const MOST_PIECES = 256;

const mix = (a: Point, b: Point, t: number): Point => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];

export function pointOn([a, b, c, d]: Cubic, t: number): Point {
  const u = 1 - t;
  const at = (i: 0 | 1): number => u * u * u * a[i] + 3 * u * u * t * b[i] + 3 * u * t * t * c[i] + t * t * t * d[i];
  return [at(0), at(1)];
}

/** Both parts of the curve, cut at t (de Casteljau). */
export function cut([a, b, c, d]: Cubic, t: number): [Cubic, Cubic] {
  const ab = mix(a, b, t);
  const bc = mix(b, c, t);
  const cd = mix(c, d, t);
  const abc = mix(ab, bc, t);
  const bcd = mix(bc, cd, t);
  const at = mix(abc, bcd, t);
  return [[a, ab, abc, at], [at, bcd, cd, d]];
}

/** How many straight pieces keep within `tolerance` of the curve: by the bound on its second derivative. */
export function piecesOf([a, b, c, d]: Cubic, tolerance: number): number {
  const bend = (p: Point, q: Point, r: Point): number => Math.hypot(p[0] - 2 * q[0] + r[0], p[1] - 2 * q[1] + r[1]);
  const most = Math.max(bend(a, b, c), bend(b, c, d));
  return Math.min(MOST_PIECES, Math.max(1, Math.ceil(Math.sqrt((0.75 * most) / tolerance))));
}

/** The curve as points, without its first. */
export function flattened(curve: Cubic, tolerance: number): Point[] {
  const count = piecesOf(curve, tolerance);
  return Array.from({ length: count }, (_, i) => (i + 1 === count ? curve[3] : pointOn(curve, (i + 1) / count)));
}

/** The points where the curve turns back in x or in y, which with its ends span its bounds. */
export function extremes(curve: Cubic): Point[] {
  return ([0, 1] as const).flatMap((i) => {
    const [a, b, c, d] = [curve[0][i], curve[1][i], curve[2][i], curve[3][i]];
    return roots(-a + 3 * b - 3 * c + d, 2 * (a - 2 * b + c), b - a).filter((t) => t > 0 && t < 1).map((t) => pointOn(curve, t));
  });
}

function roots(a: number, b: number, c: number): number[] {
  if (Math.abs(a) < 1e-9) return Math.abs(b) < 1e-12 ? [] : [-c / b];
  const root = b * b - 4 * a * c;
  if (root < 0) return [];
  const s = Math.sqrt(root);
  return [(-b + s) / (2 * a), (-b - s) / (2 * a)];
}

/** Where on the curve it comes nearest to p: a coarse look, then closing in. */
export function nearestOn(curve: Cubic, p: Point): { t: number; at: Point; distance: number } {
  const off = (t: number): number => distance(pointOn(curve, t), p);
  const coarse = 24;
  let t = 0;
  for (let i = 1; i <= coarse; i++) if (off(i / coarse) < off(t)) t = i / coarse;
  for (let step = 1 / coarse; step > 1e-5; step /= 2) {
    if (off(Math.min(1, t + step)) < off(t)) t = Math.min(1, t + step);
    else if (off(Math.max(0, t - step)) < off(t)) t = Math.max(0, t - step);
  }
  return { t, at: pointOn(curve, t), distance: off(t) };
}

/** Twice the area under the piece, by Green's theorem; summed over a closed path it is twice the path's area. */
export function sweep([a, b, c, d]: Cubic): number {
  const cross = (p: Point, q: Point): number => p[0] * q[1] - p[1] * q[0];
  return (6 * cross(a, b) + 3 * cross(a, c) + cross(a, d) + 3 * cross(b, c) + 3 * cross(b, d) + 6 * cross(c, d)) / 10;
}
