/** Superpixels by SLIC (Achanta et al. 2012): small patches of one colour that keep to the edges of things. */

import { softenedLab } from "./lab";

export interface Superpixels {
  readonly width: number;
  readonly height: number;
  /** Number of the superpixel of each pixel, from 0. */
  readonly of: Int32Array;
  readonly count: number;
}

const ROUNDS = 6;
/** Weight of distance against colour: higher gives rounder superpixels. */
const COMPACTNESS = 10;

/**
 * @param raw L, a, b of each pixel.
 * @param side About how many pixels a superpixel is wide.
 */
export function superpixels(raw: Float32Array, width: number, height: number, side: number): Superpixels {
  const lab = softenedLab(raw, width, height);
  const step = Math.max(3, side);
  const columns = Math.max(1, Math.round(width / step));
  const rows = Math.max(1, Math.round(height / step));
  const count = columns * rows;
  // l, a, b, x, y of each centre
  const centres = new Float32Array(count * 5);
  for (let r = 0, k = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, k++) {
      const x = Math.min(width - 1, Math.floor(((c + 0.5) * width) / columns));
      const y = Math.min(height - 1, Math.floor(((r + 0.5) * height) / rows));
      const p = calmest(lab, width, height, x, y);
      centres.set([lab[p * 3]!, lab[p * 3 + 1]!, lab[p * 3 + 2]!, p % width, Math.floor(p / width)], k * 5);
    }
  }
  const of = new Int32Array(width * height).fill(-1);
  const best = new Float32Array(width * height);
  for (let round = 0; round < ROUNDS; round++) {
    assign(lab, width, height, centres, step, of, best);
    move(lab, width, centres, of);
  }
  return joined(lab, of, width, height, (step * step) / 4);
}

/** Of the 3 by 3 around a pixel the one with the least change, so that no centre begins on an edge. */
function calmest(lab: Float32Array, width: number, height: number, x: number, y: number): number {
  let found = y * width + x;
  let least = Infinity;
  for (let j = Math.max(1, y - 1); j <= Math.min(height - 2, y + 1); j++) {
    for (let i = Math.max(1, x - 1); i <= Math.min(width - 2, x + 1); i++) {
      const p = j * width + i;
      const change = Math.abs(lab[(p + 1) * 3]! - lab[(p - 1) * 3]!) + Math.abs(lab[(p + width) * 3]! - lab[(p - width) * 3]!);
      if (change < least) {
        least = change;
        found = p;
      }
    }
  }
  return found;
}

function assign(lab: Float32Array, width: number, height: number, centres: Float32Array, step: number, of: Int32Array, best: Float32Array): void {
  best.fill(Infinity);
  const weight = (COMPACTNESS / step) ** 2;
  for (let k = 0, c = 0; c < centres.length; k++, c += 5) {
    const [l, a, b, cx, cy] = [centres[c]!, centres[c + 1]!, centres[c + 2]!, centres[c + 3]!, centres[c + 4]!];
    const x0 = Math.max(0, Math.floor(cx - step));
    const x1 = Math.min(width - 1, Math.ceil(cx + step));
    const y1 = Math.min(height - 1, Math.ceil(cy + step));
    for (let y = Math.max(0, Math.floor(cy - step)); y <= y1; y++) {
      const dy2 = (y - cy) * (y - cy);
      for (let x = x0, p = y * width + x0, s = p * 3; x <= x1; x++, p++, s += 3) {
        const dl = lab[s]! - l;
        const da = lab[s + 1]! - a;
        const db = lab[s + 2]! - b;
        const d = dl * dl + da * da + db * db + weight * ((x - cx) * (x - cx) + dy2);
        if (d < best[p]!) {
          best[p] = d;
          of[p] = k;
        }
      }
    }
  }
}

function move(lab: Float32Array, width: number, centres: Float32Array, of: Int32Array): void {
  const sums = new Float64Array(centres.length);
  const sizes = new Int32Array(centres.length / 5);
  for (let p = 0; p < of.length; p++) {
    const k = of[p]!;
    if (k < 0) continue;
    const c = k * 5;
    const x = p % width;
    sums[c] = sums[c]! + lab[p * 3]!;
    sums[c + 1] = sums[c + 1]! + lab[p * 3 + 1]!;
    sums[c + 2] = sums[c + 2]! + lab[p * 3 + 2]!;
    sums[c + 3] = sums[c + 3]! + x;
    sums[c + 4] = sums[c + 4]! + (p - x) / width;
    sizes[k] = sizes[k]! + 1;
  }
  for (let k = 0; k < sizes.length; k++) {
    if (!sizes[k]) continue;
    for (let i = k * 5; i < k * 5 + 5; i++) centres[i] = sums[i]! / sizes[k]!;
  }
}

/** Numbers what hangs together anew; crumbs join the neighbour that is most like them. */
function joined(lab: Float32Array, of: Int32Array, width: number, height: number, least: number): Superpixels {
  const made = new Int32Array(of.length).fill(-1);
  const member = new Int32Array(of.length);
  const means: Mean[] = [];
  let count = 0;
  for (let start = 0; start < of.length; start++) {
    if (made[start] !== -1) continue;
    const label = of[start]!;
    const around = new Set<number>();
    let size = 0;
    made[start] = count;
    member[size++] = start;
    const reach = (p: number): void => {
      const other = made[p]!;
      if (other !== -1) return void (other !== count && around.add(other));
      if (of[p] !== label) return;
      made[p] = count;
      member[size++] = p;
    };
    for (let m = 0; m < size; m++) {
      const p = member[m]!;
      const x = p % width;
      if (x > 0) reach(p - 1);
      if (x < width - 1) reach(p + 1);
      if (p >= width) reach(p - width);
      if (p < width * (height - 1)) reach(p + width);
    }
    const mean = meanOf(lab, member, size);
    const home = size < least ? likest(mean, around, means) : -1;
    if (home >= 0) for (let m = 0; m < size; m++) made[member[m]!] = home;
    else {
      means.push(mean);
      count += 1;
    }
  }
  return { width, height, of: made, count };
}

type Mean = readonly [number, number, number];

function meanOf(lab: Float32Array, member: Int32Array, size: number): Mean {
  let [l, a, b] = [0, 0, 0];
  for (let m = 0; m < size; m++) {
    const s = member[m]! * 3;
    l += lab[s]!;
    a += lab[s + 1]!;
    b += lab[s + 2]!;
  }
  return [l / size, a / size, b / size];
}

function likest(mean: Mean, among: Iterable<number>, means: readonly Mean[]): number {
  let best = -1;
  let least = Infinity;
  for (const k of among) {
    const [l, a, b] = means[k]!;
    const far = (l - mean[0]) ** 2 + (a - mean[1]) ** 2 + (b - mean[2]) ** 2;
    if (far >= least) continue;
    least = far;
    best = k;
  }
  return best;
}
