/**
 * The magic wand. For each pixel the least tolerance at which it belongs is found once, by a flood in order of
 * tolerance (a bottleneck path); any tolerance after that is one comparison a pixel.
 */
import { colourAt } from "./lab";
import type { Bits } from "./raster";

/** Tolerances are whole numbers from 0 to 255; one step is half a just noticeable difference of colour. */
export const STEP_LAB = 0.5;
export const MOST_TOLERANCE = 254;
/** In a field: never reached. */
export const NEVER = 255;

export interface Field {
  readonly width: number;
  readonly height: number;
  /** The least tolerance at which each pixel belongs. */
  readonly least: Uint8Array;
}

/** How far each pixel's colour is from the one at the seed. */
function distances(lab: Float32Array, width: number, height: number, seed: number): Uint8Array {
  const [l, a, b] = colourAt(lab, width, height, seed);
  const far = new Uint8Array(width * height);
  for (let p = 0, at = 0; p < far.length; p++, at += 3) {
    const dl = lab[at]! - l;
    const da = lab[at + 1]! - a;
    const db = lab[at + 2]! - b;
    far[p] = Math.min(MOST_TOLERANCE, Math.sqrt(dl * dl + da * da + db * db) / STEP_LAB);
  }
  return far;
}

/**
 * @param lab L, a, b of each pixel.
 * @param seed Index of the pixel that was clicked.
 * @param isContiguous Only what hangs together with the seed; else like colours everywhere.
 */
export function wandField(lab: Float32Array, width: number, height: number, seed: number, isContiguous: boolean): Field {
  const far = distances(lab, width, height, seed);
  if (!isContiguous) return { width, height, least: far };
  const least = new Uint8Array(width * height).fill(NEVER);
  // Waiting pixels by tolerance: one list a tolerance, linked through `next`.
  const first = new Int32Array(256).fill(-1);
  const next = new Int32Array(width * height);
  const wait = (pixel: number, level: number): void => {
    least[pixel] = level;
    next[pixel] = first[level]!;
    first[level] = pixel;
  };
  wait(seed, 0);
  for (let level = 0; level <= MOST_TOLERANCE; level++) {
    for (let pixel = first[level]!; pixel !== -1; pixel = first[level]!) {
      first[level] = next[pixel]!;
      const x = pixel % width;
      if (x > 0 && least[pixel - 1] === NEVER) wait(pixel - 1, Math.max(level, far[pixel - 1]!));
      if (x < width - 1 && least[pixel + 1] === NEVER) wait(pixel + 1, Math.max(level, far[pixel + 1]!));
      if (pixel >= width && least[pixel - width] === NEVER) wait(pixel - width, Math.max(level, far[pixel - width]!));
      if (pixel < least.length - width && least[pixel + width] === NEVER) wait(pixel + width, Math.max(level, far[pixel + width]!));
    }
  }
  return { width, height, least };
}

export function wandBits(field: Field, tolerance: number): Bits {
  const bits = new Uint8Array(field.least.length);
  const most = Math.min(MOST_TOLERANCE, tolerance);
  for (let p = 0; p < bits.length; p++) bits[p] = field.least[p]! <= most ? 1 : 0;
  return bits;
}
