/** Union, difference and the like of sets of pixels. Rows that only one set has are copied whole. */
import { NO_SPANS, SpanWriter, type Spans, heightOf, isEmptySpans, rectSpans } from "./spans";

/** Truth tables: bit (2 * inA + inB) says whether a pixel is kept. */
const UNION = 0b1110;
const INTERSECTION = 0b1000;
const DIFFERENCE = 0b0100;
const EITHER = 0b0110;

export function united(a: Spans, b: Spans): Spans {
  return combined(a, b, UNION);
}

export function intersected(a: Spans, b: Spans): Spans {
  return combined(a, b, INTERSECTION);
}

/** What is in a and not in b. */
export function subtracted(a: Spans, b: Spans): Spans {
  return combined(a, b, DIFFERENCE);
}

/** What is in exactly one of both; applied twice it gives back the first. */
export function xored(a: Spans, b: Spans): Spans {
  return combined(a, b, EITHER);
}

/** The part inside a picture. */
export function clippedSpans(spans: Spans, frame: { readonly width: number; readonly height: number }): Spans {
  return intersected(spans, rectSpans(0, 0, Math.floor(frame.width), Math.floor(frame.height)));
}

function combined(a: Spans, b: Spans, table: number): Spans {
  const keepsA = (table & 0b0100) !== 0;
  const keepsB = (table & 0b0010) !== 0;
  if (isEmptySpans(b)) return keepsA ? a : NO_SPANS;
  if (isEmptySpans(a)) return keepsB ? b : NO_SPANS;
  const [top, bottom] = reach(a, b, keepsA, keepsB);
  if (bottom <= top) return NO_SPANS;
  const out = new SpanWriter(top, bottom - top, a.xs.length + b.xs.length);
  for (let y = top; y < bottom;) {
    const ra = y - a.top;
    const rb = y - b.top;
    const hasA = ra >= 0 && ra < heightOf(a);
    const hasB = rb >= 0 && rb < heightOf(b);
    if (hasA && hasB) {
      combineRow(out, a, ra, b, rb, table);
      out.endRow();
      y += 1;
      continue;
    }
    const next = nextChange(y, bottom, a, b);
    if (hasA && keepsA) out.copy(a, ra, ra + next - y);
    else if (hasB && keepsB) out.copy(b, rb, rb + next - y);
    else for (let i = y; i < next; i++) out.endRow();
    y = next;
  }
  return out.done();
}

/** The rows that the result can have. */
function reach(a: Spans, b: Spans, keepsA: boolean, keepsB: boolean): [number, number] {
  const endA = a.top + heightOf(a);
  const endB = b.top + heightOf(b);
  if (keepsA && keepsB) return [Math.min(a.top, b.top), Math.max(endA, endB)];
  if (keepsA) return [a.top, endA];
  if (keepsB) return [b.top, endB];
  return [Math.max(a.top, b.top), Math.min(endA, endB)];
}

/** The next row at which a set begins or ends. */
function nextChange(y: number, bottom: number, a: Spans, b: Spans): number {
  let next = bottom;
  for (const edge of [a.top, a.top + heightOf(a), b.top, b.top + heightOf(b)]) if (edge > y && edge < next) next = edge;
  return next;
}

function combineRow(out: SpanWriter, a: Spans, ra: number, b: Spans, rb: number, table: number): void {
  const endA = a.rows[ra + 1]!;
  const endB = b.rows[rb + 1]!;
  let ia = a.rows[ra]!;
  let ib = b.rows[rb]!;
  let state = 0;
  let start = 0;
  let isOn = false;
  while (ia < endA || ib < endB) {
    const xa = ia < endA ? a.xs[ia]! : Infinity;
    const xb = ib < endB ? b.xs[ib]! : Infinity;
    const x = xa < xb ? xa : xb;
    if (xa === x) {
      state ^= 2;
      ia++;
    }
    if (xb === x) {
      state ^= 1;
      ib++;
    }
    const isKept = ((table >> state) & 1) === 1;
    if (isKept === isOn) continue;
    if (isKept) start = x;
    else out.add(start, x);
    isOn = isKept;
  }
}
