/** Masks of the wire (runs, row by row, inside a tight box) to spans and back. */
import type { MaskGeometry } from "../types";
import { SpanWriter, type Spans, boundsOfSpans } from "./spans";

const decoded = new WeakMap<MaskGeometry, Spans>();

/** The pixels of a mask. Geometries are never changed in place, so what was decoded once holds. */
export function spansOfMask(mask: MaskGeometry): Spans {
  let spans = decoded.get(mask);
  if (!spans) {
    spans = decode(mask);
    decoded.set(mask, spans);
  }
  return spans;
}

/** Remembers the pixels of a mask that was made from them. */
export function adopted(mask: MaskGeometry, spans: Spans): MaskGeometry {
  decoded.set(mask, spans);
  return mask;
}

function decode({ origin_xy: [x0, y0], size_wh: [width, height], runs }: MaskGeometry): Spans {
  const out = new SpanWriter(y0, height, runs.length + 2 * height);
  let row = 0;
  let x = 0;
  for (let i = 0; i < runs.length; i++) {
    let left = runs[i]!;
    while (left > 0) {
      const step = Math.min(left, width - x);
      if (i % 2 === 1) out.add(x0 + x, x0 + x + step);
      x += step;
      left -= step;
      if (x < width) continue;
      out.endRow();
      row += 1;
      x = 0;
    }
  }
  for (; row < height; row++) out.endRow();
  return out.done();
}

/** The canonical mask of a set of pixels: tight box, no empty run but the first. Null of an empty set. */
export function maskOfSpans(spans: Spans): MaskGeometry | null {
  const bounds = boundsOfSpans(spans);
  if (!bounds) return null;
  const { x0, y0, x1, y1 } = bounds;
  const width = x1 - x0;
  const { rows, xs } = spans;
  const runs: number[] = [];
  let at = 0;
  for (let r = 0; r + 1 < rows.length; r++) {
    for (let i = rows[r]!; i < rows[r + 1]!; i += 2) {
      const start = r * width + xs[i]! - x0;
      const length = xs[i + 1]! - xs[i]!;
      if (start === at && runs.length > 0) runs[runs.length - 1]! += length;
      else runs.push(start - at, length);
      at = start + length;
    }
  }
  const rest = width * (y1 - y0) - at;
  if (rest > 0) runs.push(rest);
  return adopted({ kind: "mask", origin_xy: [x0, y0], size_wh: [width, y1 - y0], runs }, spans);
}

export function areaOfRuns(runs: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < runs.length; i += 2) sum += runs[i]!;
  return sum;
}
