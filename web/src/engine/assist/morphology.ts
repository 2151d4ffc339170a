/** Growing, shrinking and smoothing of what an algorithm found. */
import type { Bits } from "./raster";

/** Each pixel as most of the 3 by 3 around it: takes off single teeth and fills single gaps. */
export function smoothed(bits: Bits, width: number, height: number): Bits {
  const out = new Uint8Array(bits.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let count = 0;
      let room = 0;
      for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
        for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
          room += 1;
          if (bits[j * width + i]) count += 1;
        }
      }
      out[y * width + x] = 2 * count > room || (2 * count === room && bits[y * width + x]) ? 1 : 0;
    }
  }
  return out;
}

/** Grows (or, with a negative step, shrinks) by so many pixels, measured in steps along rows and columns. */
export function grown(bits: Bits, width: number, height: number, by: number): Bits {
  const far = stepsTo(bits, width, height, by >= 0 ? 1 : 0);
  return bits.map((_, p) => (by >= 0 ? (far[p]! <= by ? 1 : 0) : far[p]! > -by ? 1 : 0));
}

/** City-block distance of each pixel to the nearest set (1) or unset (0) one. */
export function stepsTo(bits: Bits, width: number, height: number, seek: 0 | 1): Int32Array {
  const far = new Int32Array(bits.length);
  const most = width + height;
  for (let p = 0; p < bits.length; p++) {
    if ((bits[p] ? 1 : 0) === seek) continue;
    const left = p % width > 0 ? far[p - 1]! : most;
    const up = p >= width ? far[p - width]! : most;
    far[p] = Math.min(left, up, most - 1) + 1;
  }
  for (let p = bits.length - 1; p >= 0; p--) {
    const right = p % width < width - 1 ? far[p + 1]! : most;
    const down = p < bits.length - width ? far[p + width]! : most;
    far[p] = Math.min(far[p]!, right + 1, down + 1);
  }
  return far;
}
