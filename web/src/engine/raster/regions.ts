/** Connected parts of a set of pixels, its holes and its specks. */
import { subtracted, united } from "./combine";
import { NO_SPANS, SpanWriter, type Spans, boundsOfSpans, heightOf, isEmptySpans, rectSpans } from "./spans";

/** For each span (entry pair) the number of its connected part, counted from the top left; and how many there are. */
export interface Parts {
  readonly labels: Int32Array;
  readonly count: number;
}

/** Pixels are neighbours along edges (4), or also across corners (8). */
export function partsOf({ rows, xs }: Spans, neighbours: 4 | 8 = 4): Parts {
  const count = xs.length / 2;
  const parent = new Int32Array(count).map((_, i) => i);
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root]!;
    while (parent[i] !== root) [i, parent[i]] = [parent[i]!, root];
    return root;
  };
  const reach = neighbours === 8 ? 1 : 0;
  for (let r = 1; r + 1 < rows.length; r++) {
    let a = rows[r - 1]! / 2;
    let b = rows[r]! / 2;
    const endA = b;
    const endB = rows[r + 1]! / 2;
    while (a < endA && b < endB) {
      if (xs[2 * a]! < xs[2 * b + 1]! + reach && xs[2 * b]! < xs[2 * a + 1]! + reach) {
        const p = find(a);
        const q = find(b);
        // The smaller index stays the root, so that roots come in reading order.
        if (p < q) parent[q] = p;
        else parent[p] = q;
      }
      if (xs[2 * a + 1]! < xs[2 * b + 1]!) a++;
      else b++;
    }
  }
  return numbered(count, find);
}

function numbered(count: number, find: (i: number) => number): Parts {
  const labels = new Int32Array(count);
  let parts = 0;
  for (let i = 0; i < count; i++) {
    const root = find(i);
    labels[i] = root === i ? parts++ : labels[root]!;
  }
  return { labels, count: parts };
}

/** The spans whose part is chosen. */
function picked(spans: Spans, labels: Int32Array, isChosen: (label: number) => boolean): Spans {
  const { rows, xs } = spans;
  const out = new SpanWriter(spans.top, heightOf(spans), xs.length);
  for (let r = 0; r + 1 < rows.length; r++) {
    for (let i = rows[r]!; i < rows[r + 1]!; i += 2) if (isChosen(labels[i / 2]!)) out.add(xs[i]!, xs[i + 1]!);
    out.endRow();
  }
  return out.done();
}

/** Each connected part by itself, from the top left. */
export function splitParts(spans: Spans, neighbours: 4 | 8 = 4): Spans[] {
  const { labels, count } = partsOf(spans, neighbours);
  if (count <= 1) return count === 0 ? [] : [spans];
  return Array.from({ length: count }, (_, part) => picked(spans, labels, (label) => label === part));
}

function areasOf({ xs }: Spans, { labels, count }: Parts): Float64Array {
  const areas = new Float64Array(count);
  for (let i = 0; i < labels.length; i++) areas[labels[i]!]! += xs[2 * i + 1]! - xs[2 * i]!;
  return areas;
}

/** Without connected parts smaller than `least` pixels. The largest part always stays. */
export function withoutSpecks(spans: Spans, least: number): Spans {
  const parts = partsOf(spans, 8);
  const areas = areasOf(spans, parts);
  const largest = areas.reduce((best, area) => Math.max(best, area), 0);
  return picked(spans, parts.labels, (label) => areas[label]! >= least || areas[label] === largest);
}

/** With its holes filled, also those that meet the outside at a corner only; only holes of at most `most` pixels where that is given. */
export function withoutHoles(spans: Spans, most = Infinity): Spans {
  const b = boundsOfSpans(spans);
  if (!b) return NO_SPANS;
  const outside = subtracted(rectSpans(b.x0 - 1, b.y0 - 1, b.x1 + 1, b.y1 + 1), spans);
  const parts = partsOf(outside, 4);
  const areas = areasOf(outside, parts);
  // Part 0 holds the frame of empty pixels around everything.
  const holes = picked(outside, parts.labels, (label) => label !== 0 && areas[label]! <= most);
  return isEmptySpans(holes) ? spans : united(spans, holes);
}
