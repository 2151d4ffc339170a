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
  const towards = new Uint8Array(width * height).fill(UNSEEN);
  const total = new Int32Array(width * height).fill(0x7fffffff);
  const isDone = new Uint8Array(width * height);
  // Lists of waiting pixels by cost, round and round: a step never costs as much as there are buckets.
  const buckets: number[][] = Array.from({ length: BUCKETS }, () => []);
  buckets[0]!.push(anchor);
  total[anchor] = 0;
  towards[anchor] = ANCHOR;
  let waiting = 1;
  for (let level = 0; waiting > 0; level++) {
    const bucket = buckets[level % BUCKETS]!;
    for (let p = bucket.pop(); p !== undefined; p = bucket.pop()) {
      waiting -= 1;
      if (isDone[p]) continue;
      isDone[p] = 1;
      const x = p % width;
      const y = (p - x) / width;
      for (let d = 0; d < 8; d++) {
        const nx = x + STEPS_X[d]!;
        const ny = y + STEPS_Y[d]!;
        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
        const q = ny * width + nx;
        if (isDone[q]) continue;
        const cost = level + (d < 4 ? costs[q]! : Math.round(costs[q]! * Math.SQRT2));
        if (cost >= total[q]!) continue;
        total[q] = cost;
        towards[q] = d ^ 1;
        buckets[cost % BUCKETS]!.push(q);
        waiting += 1;
      }
    }
  }
  return { width, height, anchor, towards };
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
