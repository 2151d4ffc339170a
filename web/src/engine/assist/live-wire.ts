/** Intelligent scissors (Mortensen and Barrett 1995): the cheapest way along edges from an anchor to every pixel. */
import type { Point } from "../geometry";
import { type Edges, isRidge } from "./edges";

/** Where each pixel's way leads on: a direction 0 to 7; ANCHOR at the anchor itself. */
export interface Wire {
  readonly width: number;
  readonly height: number;
  readonly anchor: number;
  readonly towards: Uint8Array;
}

export const ANCHOR = 8;
const UNSEEN = 9;
const STEPS_X = [1, -1, 0, 0, 1, -1, -1, 1] as const;
const STEPS_Y = [0, 0, 1, -1, 1, -1, 1, -1] as const;

const MOST_COST = 96;
/** A step off any edge costs so much more than one along a strong edge. */
const OFF_RIDGE = 0.28;
const BUCKETS = 256;
const FAR = 0x7fffffff;

/** What a step onto each pixel costs, from 1 to MOST_COST. */
export function stepCosts(edges: Edges): Uint8Array {
  const costs = new Uint8Array(edges.strength.length);
  for (let p = 0; p < costs.length; p++) {
    const strength = edges.strength[p]! * (isRidge(edges, p) ? 1 : 1 - OFF_RIDGE);
    costs[p] = 1 + Math.round((MOST_COST - 1) * (1 - strength) ** 2);
  }
  return costs;
}

/** Dijkstra's search from one pixel over the whole patch, with buckets for whole costs (Dial). */
export function liveWire(costs: Uint8Array, width: number, height: number, anchor: number): Wire {
  // With a border of one pixel that is done from the start, so that neighbours need no checks.
  const wide = width + 2;
  const size = wide * (height + 2);
  const cost = new Uint8Array(size);
  const isDone = new Uint8Array(size).fill(1);
  for (let y = 0; y < height; y++) {
    cost.set(costs.subarray(y * width, (y + 1) * width), (y + 1) * wide + 1);
    isDone.fill(0, (y + 1) * wide + 1, (y + 1) * wide + 1 + width);
  }
  const slanted = Uint8Array.from({ length: MOST_COST + 1 }, (_, c) => Math.round(c * Math.SQRT2));
  const offsets = STEPS_X.map((x, d) => STEPS_Y[d]! * wide + x);
  const towards = new Uint8Array(size).fill(UNSEEN);
  const total = new Int32Array(size).fill(FAR);
  const waiting = new Buckets(size);
  const start = (Math.floor(anchor / width) + 1) * wide + (anchor % width) + 1;
  total[start] = 0;
  towards[start] = ANCHOR;
  waiting.add(start, 0);
  for (let level = 0; waiting.count > 0; level++) {
    for (let p = waiting.take(level); p >= 0; p = waiting.take(level)) {
      isDone[p] = 1;
      for (let d = 0; d < 8; d++) {
        const q = p + offsets[d]!;
        if (isDone[q]) continue;
        const sum = level + (d < 4 ? cost[q]! : slanted[cost[q]!]!);
        const before = total[q]!;
        if (sum >= before) continue;
        if (before !== FAR) waiting.drop(q, before);
        total[q] = sum;
        towards[q] = d ^ 1;
        waiting.add(q, sum);
      }
    }
  }
  const inner = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) inner.set(towards.subarray((y + 1) * wide + 1, (y + 1) * wide + 1 + width), y * width);
  return { width, height, anchor, towards: inner };
}

/** Pixels that wait, by their cost, round and round: a step never costs as much as there are buckets. Linked both ways, so that one can leave. */
class Buckets {
  count = 0;
  readonly #first = new Int32Array(BUCKETS).fill(-1);
  readonly #next: Int32Array;
  readonly #before: Int32Array;

  constructor(size: number) {
    this.#next = new Int32Array(size);
    this.#before = new Int32Array(size);
  }

  add(p: number, cost: number): void {
    const bucket = cost % BUCKETS;
    const first = this.#first[bucket]!;
    this.#next[p] = first;
    this.#before[p] = -1;
    if (first >= 0) this.#before[first] = p;
    this.#first[bucket] = p;
    this.count += 1;
  }

  drop(p: number, cost: number): void {
    const next = this.#next[p]!;
    const before = this.#before[p]!;
    if (before >= 0) this.#next[before] = next;
    else this.#first[cost % BUCKETS] = next;
    if (next >= 0) this.#before[next] = before;
    this.count -= 1;
  }

  /** One of the least cost, or -1. */
  take(cost: number): number {
    const p = this.#first[cost % BUCKETS]!;
    if (p >= 0) this.drop(p, cost);
    return p;
  }
}

/** The way from the anchor to a pixel, through pixel centres. */
export function wayTo({ width, towards, anchor }: Wire, pixel: number): Point[] {
  const way: Point[] = [];
  let x = pixel % width;
  let y = (pixel - x) / width;
  for (let left = towards.length; left > 0; left--) {
    const p = y * width + x;
    way.push([x + 0.5, y + 0.5]);
    const d = towards[p]!;
    if (p === anchor || d >= ANCHOR) break;
    x += STEPS_X[d]!;
    y += STEPS_Y[d]!;
  }
  return way.reverse();
}

export interface Strengths {
  readonly width: number;
  readonly height: number;
  /** Of each pixel, in any unit. */
  readonly strength: ArrayLike<number>;
}

/** The strongest edge pixel within reach of a place, so that a hand need not be exact. */
export function strongestNear({ width, height, strength }: Strengths, pixel: number, reach: number): number {
  const cx = pixel % width;
  const cy = (pixel - cx) / width;
  let best = pixel;
  let most = 0;
  for (let y = Math.max(0, cy - reach); y <= Math.min(height - 1, cy + reach); y++) {
    for (let x = Math.max(0, cx - reach); x <= Math.min(width - 1, cx + reach); x++) {
      const far = Math.hypot(x - cx, y - cy);
      const worth = strength[y * width + x]! * (1 - far / (2 * reach + 1));
      if (far <= reach && worth > most) {
        most = worth;
        best = y * width + x;
      }
    }
  }
  return best;
}
