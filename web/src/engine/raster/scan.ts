/**
 * Polygons to pixels: a pixel belongs when its centre is inside by the even-odd rule. A centre on a left or top border is
 * inside, on a right or bottom border outside. An edge gives the same crossings whichever way it is walked, so that
 * neighbours share no pixel and leave none out.
 */
import type { Frame, Point } from "../geometry";
import { NO_SPANS, SpanWriter, type Spans } from "./spans";

/** The pixels of all rings together (even-odd), inside the frame. */
export function spansOfRings(rings: readonly (readonly Point[])[], frame: Frame): Spans {
  const lines = Math.floor(frame.height);
  let low = Infinity;
  let high = -Infinity;
  for (const ring of rings) for (const [, y] of ring) {
    if (y < low) low = y;
    if (y > high) high = y;
  }
  const y0 = Math.max(0, Math.floor(low));
  const y1 = Math.min(lines, Math.ceil(high));
  if (!(y1 > y0)) return NO_SPANS;
  const crossings = crossingsOf(rings, y0, y1);
  const out = new SpanWriter(y0, y1 - y0, 2 * (y1 - y0));
  const right = Math.floor(frame.width);
  for (const row of crossings) {
    row.sort((a, b) => a - b);
    // Centre i + 0.5 lies in [a, b) just when ceil(a - 0.5) <= i < ceil(b - 0.5).
    for (let i = 0; i + 1 < row.length; i += 2)
      out.add(Math.max(0, Math.ceil(row[i]! - 0.5)), Math.min(right, Math.ceil(row[i + 1]! - 0.5)));
    out.endRow();
  }
  return out.done();
}

/** For each row, where the outlines cross the line through the pixel centres. */
function crossingsOf(rings: readonly (readonly Point[])[], y0: number, y1: number): number[][] {
  const rows: number[][] = Array.from({ length: y1 - y0 }, () => []);
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i]!;
      const [xj, yj] = ring[j]!;
      if (yi === yj) continue;
      const [ux, uy, lx, ly] = yj <= yi ? [xj, yj, xi, yi] : [xi, yi, xj, yj];
      // Rows whose centre c satisfies upper <= c < lower.
      const first = Math.max(y0, Math.ceil(uy - 0.5));
      const end = Math.min(y1, Math.ceil(ly - 0.5));
      for (let row = first; row < end; row++) rows[row - y0]!.push(ux + ((row + 0.5 - uy) / (ly - uy)) * (lx - ux));
    }
  }
  return rows;
}
