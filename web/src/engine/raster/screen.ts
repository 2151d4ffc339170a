/** Pixels of a mask to pixels of a screen: inside, border and a dark rim, as plain fills of rows. */
import { intersected, subtracted, united } from "./combine";
import { NO_SPANS, SpanWriter, type Spans, boundsOfSpans, heightOf, isEmptySpans, movedSpans } from "./spans";

/** A rectangle of whole screen pixels. */
export interface Patch {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
  /** Red in the lowest byte, alpha in the highest. */
  readonly colors: Uint32Array;
}

export interface Ink {
  readonly fill: number;
  readonly border: number;
  /** 0 for none. */
  readonly rim: number;
  readonly borderPx: number;
  readonly isDashed: boolean;
}

export interface Window {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Length of a dash and of its gap, along a diagonal of the screen. */
const DASH_PX = 10;
const GAP_PX = 4;

/** The part of a mask in a window of the screen, where image (x, y) lies at (k x + tx, k y + ty); null where nothing shows. */
export function patchOf(spans: Spans, k: number, tx: number, ty: number, window: Window, ink: Ink): Patch | null {
  // Beyond the window just as far as borders reach, so that its edge is not taken for one.
  const bleed = ink.borderPx + 2;
  const inside = screenSpans(spans, k, tx, ty, { x0: window.x0 - bleed, y0: window.y0 - bleed, x1: window.x1 + bleed, y1: window.y1 + bleed });
  if (isEmptySpans(inside)) return null;
  const core = eroded(inside, ink.borderPx);
  const rim = ink.rim === 0 ? NO_SPANS : subtracted(dilated(inside), inside);
  const all = boundsOfSpans(united(inside, rim))!;
  const x0 = Math.max(all.x0, window.x0);
  const y0 = Math.max(all.y0, window.y0);
  const width = Math.min(all.x1, window.x1) - x0;
  const height = Math.min(all.y1, window.y1) - y0;
  if (width <= 0 || height <= 0) return null;
  const patch: Patch = { x0, y0, width, height, colors: new Uint32Array(width * height) };
  if (ink.fill !== 0) pour(patch, core, ink.fill, false);
  pour(patch, subtracted(inside, core), ink.border, ink.isDashed);
  if (ink.rim !== 0) pour(patch, rim, ink.rim, false);
  return patch;
}

/** The screen pixels that a mask touches: thin parts never vanish when the picture is small. */
function screenSpans(spans: Spans, k: number, tx: number, ty: number, { x0, y0, x1, y1 }: Window): Spans {
  const { top, rows, xs } = spans;
  const first = Math.max(y0, Math.floor(top * k + ty));
  const end = Math.min(y1, Math.ceil((top + heightOf(spans)) * k + ty));
  if (end <= first) return NO_SPANS;
  const out = new SpanWriter(first, end - first, xs.length);
  const isSmall = k < 1;
  let line: number[] = [];
  for (let y = first; y < end; y++) {
    const row = Math.floor((isSmall ? y - ty : y + 0.5 - ty) / k) - top;
    const low = Math.max(0, row);
    const high = Math.min(heightOf(spans), isSmall ? Math.ceil((y + 1 - ty) / k) - top : row + 1);
    line.length = 0;
    for (let r = low; r < high; r++) {
      for (let i = rows[r]!; i < rows[r + 1]!; i += 2) {
        const from = xs[i]! * k + tx;
        const to = xs[i + 1]! * k + tx;
        const s = isSmall ? Math.floor(from) : Math.ceil(from - 0.5);
        const e = isSmall ? Math.ceil(to) : Math.ceil(to - 0.5);
        if (e > x0 && s < x1) line.push(Math.max(s, x0), Math.min(e, x1));
      }
    }
    if (high - low > 1) line = inOrder(line);
    for (let i = 0; i < line.length; i += 2) out.add(line[i]!, line[i + 1]!);
    out.endRow();
  }
  return out.done();
}

/** Intervals of several rows, sorted by where they start. */
function inOrder(line: readonly number[]): number[] {
  const order = Array.from({ length: line.length / 2 }, (_, i) => i).sort((a, b) => line[2 * a]! - line[2 * b]!);
  return order.flatMap((i) => [line[2 * i]!, line[2 * i + 1]!]);
}

function eroded(spans: Spans, by: number): Spans {
  return intersected(intersected(widened(spans, -by), movedSpans(spans, 0, by)), movedSpans(spans, 0, -by));
}

function dilated(spans: Spans): Spans {
  return united(united(widened(spans, 1), movedSpans(spans, 0, 1)), movedSpans(spans, 0, -1));
}

/** Every span longer by so many pixels at both ends; shorter, when negative. */
function widened(spans: Spans, by: number): Spans {
  const { top, rows, xs } = spans;
  const out = new SpanWriter(top, heightOf(spans), xs.length);
  for (let r = 0; r + 1 < rows.length; r++) {
    for (let i = rows[r]!; i < rows[r + 1]!; i += 2) out.add(xs[i]! - by, xs[i + 1]! + by);
    out.endRow();
  }
  return out.done();
}

function pour({ x0, y0, width, height, colors }: Patch, { top, rows, xs }: Spans, color: number, isDashed: boolean): void {
  const end = Math.min(rows.length - 1, y0 + height - top);
  for (let r = Math.max(0, y0 - top); r < end; r++) {
    const line = (top + r - y0) * width;
    for (let i = rows[r]!; i < rows[r + 1]!; i += 2) {
      const s = Math.max(0, xs[i]! - x0);
      const e = Math.min(width, xs[i + 1]! - x0);
      if (e <= s) continue;
      if (!isDashed) colors.fill(color, line + s, line + e);
      else for (let x = s; x < e; x++) if ((x + x0 + top + r + 1e6 * (DASH_PX + GAP_PX)) % (DASH_PX + GAP_PX) < DASH_PX) colors[line + x] = color;
    }
  }
}
