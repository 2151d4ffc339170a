/** Where the picture changes: the gradient of its colours, after a light blur. */
import { blurred, planeOf } from "./lab";
import type { Raster } from "./raster";

export interface Edges {
  readonly width: number;
  readonly height: number;
  /** Change along x and along y. */
  readonly dx: Float32Array;
  readonly dy: Float32Array;
  /** Length of the change, from 0 to 1; 1 is among the strongest two in a hundred here. */
  readonly strength: Float32Array;
}

/** Under this change in Lab units nothing is called an edge, so that noise on a flat ground stays weak. */
const LEAST_CHANGE = 6;
const STRONGEST_SHARE = 0.98;

/** @param lab L, a, b of each pixel; of the three the channel that changes most speaks at each pixel. */
export function edgesOf(lab: Float32Array, { width, height }: Pick<Raster, "width" | "height">): Edges {
  const size = width * height;
  const dx = new Float32Array(size);
  const dy = new Float32Array(size);
  const strength = new Float32Array(size);
  for (let channel = 0; channel < 3; channel++) {
    const soft = blurred(planeOf(lab, channel), width, height);
    for (let y = 0, p = 0; y < height; y++) {
      const up = y > 0 ? -width : 0;
      const down = y < height - 1 ? width : 0;
      for (let x = 0; x < width; x++, p++) {
        const left = x > 0 ? -1 : 0;
        const right = x < width - 1 ? 1 : 0;
        // Scharr: 3, 10, 3 across the change
        const gx = (3 * (soft[p + up + right]! - soft[p + up + left]!) + 10 * (soft[p + right]! - soft[p + left]!) + 3 * (soft[p + down + right]! - soft[p + down + left]!)) / 16;
        const gy = (3 * (soft[p + down + left]! - soft[p + up + left]!) + 10 * (soft[p + down]! - soft[p + up]!) + 3 * (soft[p + down + right]! - soft[p + up + right]!)) / 16;
        const length = gx * gx + gy * gy;
        if (length <= strength[p]!) continue;
        strength[p] = length;
        dx[p] = gx;
        dy[p] = gy;
      }
    }
  }
  normalise(strength);
  return { width, height, dx, dy, strength };
}

/** From squared lengths to shares of the strongest. */
function normalise(strength: Float32Array): void {
  const counts = new Uint32Array(1024);
  let most = 0;
  for (let p = 0; p < strength.length; p++) {
    const length = Math.sqrt(strength[p]!);
    strength[p] = length;
    if (length > most) most = length;
  }
  if (most === 0) return;
  for (let p = 0; p < strength.length; p++) {
    const bin = Math.min(1023, Math.floor((strength[p]! / most) * 1023));
    counts[bin] = counts[bin]! + 1;
  }
  let seen = 0;
  let bin = 0;
  while (bin < 1023 && (seen += counts[bin]!) < STRONGEST_SHARE * strength.length) bin += 1;
  const strong = Math.max(LEAST_CHANGE, ((bin + 1) / 1024) * most);
  for (let p = 0; p < strength.length; p++) strength[p] = Math.min(1, strength[p]! / strong);
}

/** Whether no neighbour along the change is stronger: the middle of an edge. */
export function isRidge({ width, height, dx, dy, strength }: Edges, p: number): boolean {
  const x = p % width;
  const y = (p - x) / width;
  if (x < 1 || y < 1 || x > width - 2 || y > height - 2) return false;
  const ax = Math.abs(dx[p]!);
  const ay = Math.abs(dy[p]!);
  const isSameSign = dx[p]! >= 0 === dy[p]! >= 0;
  const step = ax > 2.414 * ay ? 1 : ay > 2.414 * ax ? width : isSameSign ? width + 1 : width - 1;
  return strength[p]! >= strength[p - step]! && strength[p]! > strength[p + step]!;
}

/** Strength at a place between pixels, whose centres lie at half numbers; 0 outside. */
export function strengthAt({ width, height, strength }: Edges, x: number, y: number): number {
  const fx = x - 0.5;
  const fy = y - 0.5;
  const i = Math.floor(fx);
  const j = Math.floor(fy);
  if (i < 0 || j < 0 || i >= width - 1 || j >= height - 1) return 0;
  const p = j * width + i;
  const u = fx - i;
  const v = fy - j;
  return (1 - v) * ((1 - u) * strength[p]! + u * strength[p + 1]!) + v * ((1 - u) * strength[p + width]! + u * strength[p + width + 1]!);
}
