/** The pixels that a brush covers on its way: one interval a row, since a swept disc or square is convex. */
import type { Frame, Point } from "../geometry";
import { SpanWriter, type Spans } from "./spans";

export type BrushForm = "round" | "square";

/** Keeps a border that runs through pixel centres on the same side wherever it is computed. */
const SLACK = 1e-9;

/** A place of the brush such that its stamp is the same everywhere: odd sizes sit on pixel centres, even ones on corners. */
export function stampCentre([x, y]: Point, sizePx: number): Point {
  return sizePx % 2 === 1 ? [Math.floor(x) + 0.5, Math.floor(y) + 0.5] : [Math.round(x), Math.round(y)];
}

/** The pixels whose centre is covered while a brush of this size (diameter, whole pixels) moves straight from a to b. */
export function sweptSpans(a: Point, b: Point, sizePx: number, form: BrushForm, frame: Frame): Spans {
  const from = stampCentre(a, sizePx);
  const to = stampCentre(b, sizePx);
  const r = sizePx / 2 + SLACK;
  const y0 = Math.max(0, Math.ceil(Math.min(from[1], to[1]) - r - 0.5));
  const y1 = Math.min(Math.floor(frame.height), Math.floor(Math.max(from[1], to[1]) + r - 0.5) + 1);
  const out = new SpanWriter(y0, Math.max(0, y1 - y0), 2 * Math.max(1, y1 - y0));
  const rowOf = form === "round" ? capsuleRow : squareRow;
  for (let row = y0; row < y1; row++) {
    const [low, high] = rowOf(from, to, r, row + 0.5);
    out.add(Math.max(0, Math.ceil(low - 0.5)), Math.min(Math.floor(frame.width), Math.floor(high - 0.5) + 1));
    out.endRow();
  }
  return out.done();
}

const NOTHING: readonly [number, number] = [Infinity, -Infinity];

/** Where the line y = c lies within r of the segment. */
function capsuleRow(a: Point, b: Point, r: number, c: number): readonly [number, number] {
  const [l0, h0] = discRow(a, r, c);
  const [l1, h1] = discRow(b, r, c);
  const [l2, h2] = bodyRow(a, b, r, c);
  return [Math.min(l0, l1, l2), Math.max(h0, h1, h2)];
}

function discRow([x, y]: Point, r: number, c: number): readonly [number, number] {
  const rest = r * r - (c - y) * (c - y);
  if (rest < 0) return NOTHING;
  const half = Math.sqrt(rest);
  return [x - half, x + half];
}

/** The rectangle between the two discs. */
function bodyRow(a: Point, b: Point, r: number, c: number): readonly [number, number] {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  if (length === 0) return NOTHING;
  const ux = (b[0] - a[0]) / length;
  const uy = (b[1] - a[1]) / length;
  const dy = c - a[1];
  // Across: |ux * dy - uy * dx| <= r. Along: 0 <= ux * dx + uy * dy <= length.
  const across = between(-uy, ux * dy, -r, r);
  const along = between(ux, uy * dy, 0, length);
  const low = Math.max(across[0], along[0]);
  const high = Math.min(across[1], along[1]);
  return low <= high ? [a[0] + low, a[0] + high] : NOTHING;
}

/** All t with low <= k * t + n <= high. */
function between(k: number, n: number, low: number, high: number): readonly [number, number] {
  if (Math.abs(k) < 1e-12) return n >= low - SLACK && n <= high + SLACK ? [-Infinity, Infinity] : NOTHING;
  const p = (low - n) / k;
  const q = (high - n) / k;
  return p < q ? [p, q] : [q, p];
}

function squareRow(a: Point, b: Point, r: number, c: number): readonly [number, number] {
  const [low, high] = between(b[1] - a[1], a[1] - c, -r, r);
  const t0 = Math.max(0, low);
  const t1 = Math.min(1, high);
  if (t0 > t1) return NOTHING;
  const x0 = a[0] + t0 * (b[0] - a[0]);
  const x1 = a[0] + t1 * (b[0] - a[0]);
  return [Math.min(x0, x1) - r, Math.max(x0, x1) + r];
}
