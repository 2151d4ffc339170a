/** How far a place is from the border of a set of pixels. */
import type { Point } from "../geometry";
import { type Spans, countUpTo, hasPixel, heightOf } from "./spans";

/** Distance to the nearest pixel border; infinite for an empty set. Looks no further than the answer is away. */
export function distanceToBorder(spans: Spans, p: Point): number {
  if (spans.xs.length === 0) return Infinity;
  const row = Math.floor(p[1]);
  const isInside = hasPixel(spans, Math.floor(p[0]), row);
  const last = spans.top + heightOf(spans) - 1;
  let best = Infinity;
  for (let step = 0; ; step++) {
    const up = row - step;
    const down = row + step;
    const gapUp = step === 0 ? 0 : p[1] - (up + 1);
    const gapDown = step === 0 ? 0 : down - p[1];
    if (Math.min(gapUp, gapDown) >= best) return best;
    if (gapUp < best) best = Math.min(best, Math.hypot(gapUp, toOther(spans, up, p[0], isInside)));
    if (gapDown < best) best = Math.min(best, Math.hypot(gapDown, toOther(spans, down, p[0], isInside)));
    if (!isInside && up < spans.top && down > last) return best;
  }
}

/** Distance along a row from x to the nearest place that is filled, or empty when the place itself is filled. */
function toOther({ top, rows, xs }: Spans, row: number, x: number, isInside: boolean): number {
  const r = row - top;
  if (r < 0 || r >= rows.length - 1) return isInside ? 0 : Infinity;
  const first = rows[r]!;
  const end = rows[r + 1]!;
  const next = countUpTo(xs, first, end, x);
  if (((next - first) % 2 === 1) !== isInside) return 0;
  const left = next > first ? x - xs[next - 1]! : Infinity;
  const right = next < end ? xs[next]! - x : Infinity;
  return Math.min(left, right);
}
