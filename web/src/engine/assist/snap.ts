/** Moves a drawn outline onto the edges near it: each vertex along its normal, all together by dynamic programming. */
import type { Point } from "../geometry";
import { type Edges, strengthAt } from "./edges";

/** Places tried for a vertex, to each side. */
const TRIED = 8;
/** What leaving the drawn place costs at the end of the reach, in shares of the strongest edge. */
const PULL = 0.12;

/**
 * Vertices onto the strongest edges within reach. Between neighbours the edge under the line that joins them counts,
 * so a vertex on a straight side follows the whole side.
 *
 * @param ring Points in raster pixels.
 * @param reach How far a vertex may go, in raster pixels.
 * @param isClosed Whether the last point joins the first.
 */
export function snapped(edges: Edges, ring: readonly Point[], reach: number, isClosed: boolean): Point[] {
  const n = ring.length;
  if (n < 2) return [...ring];
  const tried = ring.map((_, i) => candidates(edges, ring, i, reach, isClosed));
  const links = isClosed ? n : n - 1;
  const k = 2 * TRIED + 1;
  const gains = Array.from({ length: links }, (_, i) => gainsBetween(edges, tried[i]!, tried[(i + 1) % n]!));
  let best = { gain: -Infinity, choice: [] as number[] };
  // A closed chain is solved once for each place of its first vertex.
  for (let first = 0; first < (isClosed ? k : 1); first++) {
    const found = chain(gains, n, k, isClosed ? first : null);
    if (found.gain > best.gain) best = found;
  }
  return best.choice.map((c, i) => tried[i]![c]!);
}

/** The places for a vertex: along its normal, the drawn one in the middle. */
function candidates(edges: Edges, ring: readonly Point[], i: number, reach: number, isClosed: boolean): Point[] {
  const n = ring.length;
  const before = ring[i > 0 ? i - 1 : isClosed ? n - 1 : 0]!;
  const after = ring[i < n - 1 ? i + 1 : isClosed ? 0 : n - 1]!;
  const [x, y] = ring[i]!;
  const unit = (from: Point, to: Point): Point => {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
    return [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  };
  const a = unit(before, [x, y]);
  const b = unit([x, y], after);
  // The bisector of both sides; at a corner that is the direction in which both sides move together.
  let nx = -(a[1] + b[1]);
  let ny = a[0] + b[0];
  const length = Math.hypot(nx, ny);
  if (length < 1e-6) [nx, ny] = [-a[1], a[0]];
  else {
    // Farther at a sharp corner, so that its sides move by the whole reach.
    const stretch = Math.min(2, 2 / length) / length;
    nx *= stretch;
    ny *= stretch;
  }
  return Array.from({ length: 2 * TRIED + 1 }, (_, c): Point => {
    const by = ((c - TRIED) / TRIED) * reach;
    return [Math.min(edges.width, Math.max(0, x + nx * by)), Math.min(edges.height, Math.max(0, y + ny * by))];
  });
}

/** Mean edge under each line between the places of two neighbours, less what leaving the drawn places costs. */
function gainsBetween(edges: Edges, from: readonly Point[], to: readonly Point[]): Float32Array {
  const k = from.length;
  const gains = new Float32Array(k * k);
  const drawn = Math.hypot(to[TRIED]![0] - from[TRIED]![0], to[TRIED]![1] - from[TRIED]![1]);
  const samples = Math.max(2, Math.min(24, Math.ceil(drawn / 2)));
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      const [x0, y0] = from[i]!;
      const [x1, y1] = to[j]!;
      let sum = 0;
      for (let s = 0; s < samples; s++) {
        const t = (s + 0.5) / samples;
        sum += strengthAt(edges, x0 + (x1 - x0) * t, y0 + (y1 - y0) * t);
      }
      const leave = (Math.abs(i - TRIED) + Math.abs(j - TRIED)) / (2 * TRIED);
      // Sides that turn against how they were drawn lose: the outline keeps its form.
      const turn = Math.abs(i - j) / (2 * TRIED);
      gains[i * k + j] = Math.max(1, Math.sqrt(drawn)) * (sum / samples - PULL * leave - PULL * turn);
    }
  }
  return gains;
}

/** The choice of places with the largest sum of gains; with `first` given the chain comes back to that place. */
function chain(gains: readonly Float32Array[], n: number, k: number, first: number | null): { gain: number; choice: number[] } {
  let score = Float64Array.from({ length: k }, (_, c) => (first === null || c === first ? 0 : -Infinity));
  const came: Uint8Array[] = [];
  for (let i = 0; i < n - 1; i++) {
    const next = new Float64Array(k).fill(-Infinity);
    const from = new Uint8Array(k);
    for (let a = 0; a < k; a++) {
      if (score[a] === -Infinity) continue;
      for (let b = 0; b < k; b++) {
        const gain = score[a]! + gains[i]![a * k + b]!;
        if (gain <= next[b]!) continue;
        next[b] = gain;
        from[b] = a;
      }
    }
    score = next;
    came.push(from);
  }
  let last = 0;
  let most = -Infinity;
  for (let c = 0; c < k; c++) {
    const gain = score[c]! + (first === null ? 0 : gains[n - 1]![c * k + first]!);
    if (gain > most) {
      most = gain;
      last = c;
    }
  }
  const choice = [last];
  for (let i = n - 2; i >= 0; i--) choice.unshift(came[i]![choice[0]!]!);
  return { gain: most, choice };
}

/** Sides of a box onto the strongest straight edges within reach; raster pixels. */
export function snappedBox(edges: Edges, box: readonly [number, number, number, number], reach: number): [number, number, number, number] {
  let [x0, y0, x1, y1] = box;
  // Twice, since where one side lies decides how long the others are.
  for (let round = 0; round < 2; round++) {
    const width = x1 - x0;
    const height = y1 - y0;
    const side = (at: number, most: number, gain: (at: number) => number): number => bestNear(at, Math.min(reach, most), gain);
    x0 = side(x0, width / 3, (x) => meanAlong(edges, x, true, y0, y1));
    x1 = side(x1, width / 3, (x) => meanAlong(edges, x, true, y0, y1));
    y0 = side(y0, height / 3, (y) => meanAlong(edges, y, false, x0, x1));
    y1 = side(y1, height / 3, (y) => meanAlong(edges, y, false, x0, x1));
  }
  return [Math.max(0, x0), Math.max(0, y0), Math.min(edges.width, x1), Math.min(edges.height, y1)];
}

function bestNear(at: number, reach: number, gain: (at: number) => number): number {
  let best = at;
  let most = gain(at);
  for (let by = 0.5; by <= reach; by += 0.5) {
    for (const place of [at - by, at + by]) {
      const found = gain(place) - PULL * (by / Math.max(1, reach));
      if (found <= most) continue;
      most = found;
      best = place;
    }
  }
  return best;
}

/** Mean edge along an upright (or level) line, counting only change across it. */
function meanAlong(edges: Edges, at: number, isUpright: boolean, from: number, to: number): number {
  const samples = Math.max(4, Math.min(96, Math.ceil(to - from)));
  let sum = 0;
  for (let s = 0; s < samples; s++) {
    const along = from + ((s + 0.5) / samples) * (to - from);
    const [x, y] = isUpright ? [at, along] : [along, at];
    const p = Math.min(edges.height - 1, Math.max(0, Math.floor(y))) * edges.width + Math.min(edges.width - 1, Math.max(0, Math.floor(x)));
    const across = Math.abs(isUpright ? edges.dx[p]! : edges.dy[p]!);
    const whole = Math.hypot(edges.dx[p]!, edges.dy[p]!);
    if (whole > 0) sum += strengthAt(edges, x, y) * (across / whole);
  }
  return sum / samples;
}
