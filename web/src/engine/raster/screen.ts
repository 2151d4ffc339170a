/** Pixels of a mask to pixels of a screen: inside, border and a dark rim, as plain fills of rows. */
import { intersected, subtracted, united } from "./combine";
import { NO_SPANS, SpanWriter, type Spans, boundsOfSpans, heightOf, isEmptySpans, movedSpans } from "./spans";

/** A rectangle of whole screen pixels. */
export interface Window {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Where an image lies on a screen: (x, y) at (k x + tx, k y + ty). */
export interface Lay {
  readonly k: number;
  readonly tx: number;
  readonly ty: number;
}

export interface Ink {
  readonly fill: number;
  readonly border: number;
  /** 0 for none. */
  readonly rim: number;
  readonly borderPx: number;
  readonly isDashed: boolean;
}

/** Length of a dash and of its gap, along a diagonal of the screen. */
const DASH_PX = 10;
const GAP_PX = 4;

/** The part of a window where painting these pixels can leave a mark; null where there is none. */
export function markedWindow(spans: Spans, { k, tx, ty }: Lay, window: Window, ink: Ink): Window | null {
  const b = boundsOfSpans(spans);
  if (!b) return null;
  const reach = reachOf(ink);
  const marked: Window = {
    x0: Math.max(window.x0, Math.floor(b.x0 * k + tx) - reach),
    y0: Math.max(window.y0, Math.floor(b.y0 * k + ty) - reach),
    x1: Math.min(window.x1, Math.ceil(b.x1 * k + tx) + reach),
    y1: Math.min(window.y1, Math.ceil(b.y1 * k + ty) + reach),
  };
  return marked.x1 > marked.x0 && marked.y1 > marked.y0 ? marked : null;
}

/** The colours of all pixels of a window, row by row: red in the lowest byte, alpha in the highest. */
export function colorsOf(spans: Spans, lay: Lay, window: Window, ink: Ink): Uint32Array {
  const colors = new Uint32Array((window.x1 - window.x0) * (window.y1 - window.y0));
  // Beyond the window just as far as borders reach, so that its edge is not taken for one.
  const reach = reachOf(ink);
  const inside = screenSpans(spans, lay, { x0: window.x0 - reach, y0: window.y0 - reach, x1: window.x1 + reach, y1: window.y1 + reach });
  if (isEmptySpans(inside)) return colors;
  const core = eroded(inside, ink.borderPx);
  if (ink.fill !== 0) pour(colors, window, core, ink.fill, false);
  pour(colors, window, subtracted(inside, core), ink.border, ink.isDashed);
  if (ink.rim !== 0) pour(colors, window, subtracted(dilated(inside), inside), ink.rim, false);
  return colors;
}

function reachOf(ink: Ink): number {
  return ink.borderPx + 2;
}

/** The screen pixels of a mask: thin parts never vanish when the picture is small. */
function screenSpans(spans: Spans, lay: Lay, window: Window): Spans {
  const { k, ty } = lay;
  const first = Math.max(window.y0, Math.floor(spans.top * k + ty));
  const end = Math.min(window.y1, Math.ceil((spans.top + heightOf(spans)) * k + ty));
  if (end <= first) return NO_SPANS;
  const out = new SpanWriter(first, end - first, Math.min(spans.xs.length, 64 * (end - first)));
  if (k < 1) shrink(out, spans, lay, window, first, end);
  else enlarge(out, spans, lay, window, first, end);
  return out.done();
}

/** Each row of pixels becomes one or more rows of the screen. */
function enlarge(out: SpanWriter, { top, rows, xs }: Spans, { k, tx, ty }: Lay, { x0, x1 }: Window, first: number, end: number): void {
  for (let y = first; y < end; y++) {
    const r = Math.floor((y + 0.5 - ty) / k) - top;
    if (r >= 0 && r + 1 < rows.length) for (let i = rows[r]!; i < rows[r + 1]!; i += 2) {
      const from = Math.max(x0, Math.ceil(xs[i]! * k + tx - 0.5));
      if (from >= x1) break;
      out.add(from, Math.min(x1, Math.ceil(xs[i + 1]! * k + tx - 0.5)));
    }
    out.endRow();
  }
}

/** Several rows of pixels fall on one of the screen: what any of them fills is filled. */
function shrink(out: SpanWriter, { top, rows, xs }: Spans, { k, tx, ty }: Lay, { x0, x1 }: Window, first: number, end: number): void {
  const line = new Uint8Array(x1 - x0);
  for (let y = first; y < end; y++) {
    const low = Math.max(0, Math.floor((y - ty) / k) - top);
    const high = Math.min(rows.length - 1, Math.ceil((y + 1 - ty) / k) - top);
    let [least, most] = [line.length, 0];
    for (let i = rows[low] ?? 0; low < high && i < rows[high]!; i += 2) {
      const from = Math.max(0, Math.floor(xs[i]! * k + tx) - x0);
      const to = Math.min(line.length, Math.ceil(xs[i + 1]! * k + tx) - x0);
      if (from >= to) continue;
      line.fill(1, from, to);
      if (from < least) least = from;
      if (to > most) most = to;
    }
    for (let x = least; x < most;) {
      const from = line.indexOf(1, x);
      if (from < 0 || from >= most) break;
      const gap = line.indexOf(0, from);
      const to = gap < 0 || gap > most ? most : gap;
      out.add(x0 + from, x0 + to);
      x = to;
    }
    if (most > least) line.fill(0, least, most);
    out.endRow();
  }
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

function pour(colors: Uint32Array, { x0, y0, x1, y1 }: Window, { top, rows, xs }: Spans, color: number, isDashed: boolean): void {
  const width = x1 - x0;
  const end = Math.min(rows.length - 1, y1 - top);
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
