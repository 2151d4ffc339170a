/**
 * A set of pixels as spans: in each row the sorted, disjoint and never touching intervals [start, end) that are filled.
 * The work of every operation grows with the outline, not with the number of pixels. Pixel (i, j) covers [i, i+1) x [j, j+1).
 */
import type { Bounds } from "../geometry";

export interface Spans {
  /** The row of the first entry. */
  readonly top: number;
  /** Row `top + r` owns xs[rows[r]] up to xs[rows[r + 1]]; one entry more than rows. First and last row are not empty. */
  readonly rows: Int32Array;
  /** start, end, start, end ... */
  readonly xs: Int32Array;
}

export const NO_SPANS: Spans = { top: 0, rows: new Int32Array(1), xs: new Int32Array(0) };

export function isEmptySpans(spans: Spans): boolean {
  return spans.xs.length === 0;
}

export function heightOf(spans: Spans): number {
  return spans.rows.length - 1;
}

/** Writes spans row by row, left to right; joins what touches and drops empty rows at both ends. */
export class SpanWriter {
  #xs: Int32Array;
  #rows: Int32Array;
  #used = 0;
  #row = 0;

  constructor(
    private readonly top: number,
    height: number,
    guess = 64,
  ) {
    this.#xs = new Int32Array(Math.max(2, guess));
    this.#rows = new Int32Array(height + 1);
  }

  add(start: number, end: number): void {
    if (end <= start) return;
    const used = this.#used;
    if (used > this.#rows[this.#row]! && this.#xs[used - 1]! >= start) {
      if (end > this.#xs[used - 1]!) this.#xs[used - 1] = end;
      return;
    }
    this.#room(2);
    this.#xs[this.#used++] = start;
    this.#xs[this.#used++] = end;
  }

  /** Copies whole rows: the entries from `from` up to `to`. */
  copy(from: Spans, r0: number, r1: number): void {
    const first = from.rows[r0]!;
    const last = from.rows[r1]!;
    this.#room(last - first);
    this.#xs.set(from.xs.subarray(first, last), this.#used);
    const shift = this.#used - first;
    for (let r = r0; r < r1; r++) this.#rows[++this.#row] = from.rows[r + 1]! + shift;
    this.#used += last - first;
  }

  endRow(): void {
    this.#rows[++this.#row] = this.#used;
  }

  done(): Spans {
    const rows = this.#rows;
    const count = this.#row;
    let r0 = 0;
    while (r0 < count && rows[r0 + 1] === rows[r0]) r0++;
    if (r0 === count) return NO_SPANS;
    let r1 = count;
    while (rows[r1] === rows[r1 - 1]) r1--;
    return { top: this.top + r0, rows: rows.slice(r0, r1 + 1), xs: this.#xs.slice(0, this.#used) };
  }

  #room(more: number): void {
    if (this.#used + more <= this.#xs.length) return;
    const grown = new Int32Array(Math.max(this.#used + more, this.#xs.length * 2));
    grown.set(this.#xs.subarray(0, this.#used));
    this.#xs = grown;
  }
}

export function areaOfSpans({ xs }: Spans): number {
  let sum = 0;
  for (let i = 0; i < xs.length; i += 2) sum += xs[i + 1]! - xs[i]!;
  return sum;
}

/** The tight box; null of an empty set. */
export function boundsOfSpans({ top, rows, xs }: Spans): Bounds | null {
  if (xs.length === 0) return null;
  let x0 = Infinity;
  let x1 = -Infinity;
  for (let r = 0; r + 1 < rows.length; r++) {
    if (rows[r] === rows[r + 1]) continue;
    x0 = Math.min(x0, xs[rows[r]!]!);
    x1 = Math.max(x1, xs[rows[r + 1]! - 1]!);
  }
  return { x0, y0: top, x1, y1: top + rows.length - 1 };
}

/** Whether pixel (i, j) belongs to the set. */
export function hasPixel({ top, rows, xs }: Spans, i: number, j: number): boolean {
  const r = j - top;
  if (r < 0 || r >= rows.length - 1) return false;
  // The number of borders at or left of i tells: odd is inside.
  return (countUpTo(xs, rows[r]!, rows[r + 1]!, i) - rows[r]!) % 2 === 1;
}

/** Index after the last of xs[low .. high) that is <= x. */
export function countUpTo(xs: Int32Array, low: number, high: number, x: number): number {
  let a = low;
  let b = high;
  while (a < b) {
    const middle = (a + b) >> 1;
    if (xs[middle]! <= x) a = middle + 1;
    else b = middle;
  }
  return a;
}

/** One filled rectangle of pixels. */
export function rectSpans(x0: number, y0: number, x1: number, y1: number): Spans {
  if (x1 <= x0 || y1 <= y0) return NO_SPANS;
  const height = y1 - y0;
  const rows = new Int32Array(height + 1);
  const xs = new Int32Array(2 * height);
  for (let r = 0; r < height; r++) {
    rows[r + 1] = 2 * (r + 1);
    xs[2 * r] = x0;
    xs[2 * r + 1] = x1;
  }
  return { top: y0, rows, xs };
}

export function movedSpans(spans: Spans, dx: number, dy: number): Spans {
  return { top: spans.top + dy, rows: spans.rows, xs: dx === 0 ? spans.xs : spans.xs.map((x) => x + dx) };
}

export function sameSpans(a: Spans, b: Spans): boolean {
  if (a.xs.length !== b.xs.length || a.rows.length !== b.rows.length) return false;
  if (a.xs.length > 0 && a.top !== b.top) return false;
  return a.xs.every((x, i) => x === b.xs[i]) && a.rows.every((n, i) => n === b.rows[i]);
}
