/** A part of the picture with one byte a pixel (0 or not 0): what pixel-wise work such as a magic wand reads and writes. */
import { SpanWriter, type Spans, boundsOfSpans } from "./spans";

export interface Bitmap {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
  /** Row by row. */
  readonly data: Uint8Array;
}

export function emptyBitmap(x0: number, y0: number, width: number, height: number): Bitmap {
  return { x0, y0, width, height, data: new Uint8Array(width * height) };
}

export function spansOfBitmap({ x0, y0, width, height, data }: Bitmap): Spans {
  const out = new SpanWriter(y0, height, 2 * height);
  for (let r = 0; r < height; r++) {
    const end = (r + 1) * width;
    for (let i = r * width; i < end;) {
      if (data[i] === 0) {
        i++;
        continue;
      }
      const start = i;
      while (i < end && data[i] !== 0) i++;
      out.add(x0 + start - r * width, x0 + i - r * width);
    }
    out.endRow();
  }
  return out.done();
}

/** The tight bitmap of a set of pixels with a border of `margin` empty pixels; an empty set has no pixels at all. */
export function bitmapOfSpans(spans: Spans, margin = 0): Bitmap {
  const b = boundsOfSpans(spans);
  if (!b) return emptyBitmap(0, 0, 0, 0);
  const bitmap = emptyBitmap(b.x0 - margin, b.y0 - margin, b.x1 - b.x0 + 2 * margin, b.y1 - b.y0 + 2 * margin);
  const { top, rows, xs } = spans;
  for (let r = 0; r + 1 < rows.length; r++) {
    const line = (top + r - bitmap.y0) * bitmap.width - bitmap.x0;
    for (let i = rows[r]!; i < rows[r + 1]!; i += 2) bitmap.data.fill(1, line + xs[i]!, line + xs[i + 1]!);
  }
  return bitmap;
}
