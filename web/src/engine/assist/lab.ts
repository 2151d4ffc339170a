/** Colours as people see their differences: CIE L*a*b* (D65), where a distance of about 2 is just noticed. */
import type { Raster } from "./raster";

const LINEAR = Float32Array.from({ length: 256 }, (_, v) => {
  const c = v / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
});
const STEPS = 4096;
/** The cube root of the Lab formula, by table: within 0.02 of the true distance. */
const ROOT = Float32Array.from({ length: STEPS + 2 }, (_, i) => {
  const t = i / STEPS;
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
});

function root(t: number): number {
  const at = t * STEPS;
  const i = at | 0;
  return ROOT[i]! + (ROOT[i + 1]! - ROOT[i]!) * (at - i);
}

/** L, a, b of each pixel, three numbers after another. */
export function labOf({ rgba, width, height }: Raster): Float32Array {
  const lab = new Float32Array(width * height * 3);
  for (let p = 0, s = 0, d = 0; p < width * height; p++, s += 4, d += 3) {
    const r = LINEAR[rgba[s]!]!;
    const g = LINEAR[rgba[s + 1]!]!;
    const b = LINEAR[rgba[s + 2]!]!;
    const x = root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    const y = root(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
    const z = root((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
    lab[d] = 116 * y - 16;
    lab[d + 1] = 500 * (x - y);
    lab[d + 2] = 200 * (y - z);
  }
  return lab;
}

/** The mean colour of the 3 by 3 pixels around one, so that a speck of noise does not decide. */
export function colourAt(lab: Float32Array, width: number, height: number, pixel: number): readonly [number, number, number] {
  const cx = pixel % width;
  const cy = (pixel - cx) / width;
  let l = 0;
  let a = 0;
  let b = 0;
  let n = 0;
  for (let y = Math.max(0, cy - 1); y <= Math.min(height - 1, cy + 1); y++) {
    for (let x = Math.max(0, cx - 1); x <= Math.min(width - 1, cx + 1); x++) {
      const at = (y * width + x) * 3;
      l += lab[at]!;
      a += lab[at + 1]!;
      b += lab[at + 2]!;
      n += 1;
    }
  }
  return [l / n, a / n, b / n];
}

/** A plane of numbers with weights 1, 2, 1 along rows, then along columns. */
export function blurred(plane: Float32Array, width: number, height: number): Float32Array {
  const rows = new Float32Array(plane.length);
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) rows[p] = (plane[x > 0 ? p - 1 : p]! + 2 * plane[p]! + plane[x < width - 1 ? p + 1 : p]!) / 4;
  const out = new Float32Array(plane.length);
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) out[p] = (rows[y > 0 ? p - width : p]! + 2 * rows[p]! + rows[y < height - 1 ? p + width : p]!) / 4;
  return out;
}

/** One of L, a, b as a plane. */
export function planeOf(lab: Float32Array, channel: number): Float32Array {
  const plane = new Float32Array(lab.length / 3);
  for (let p = 0; p < plane.length; p++) plane[p] = lab[p * 3 + channel]!;
  return plane;
}

/** Less noise at the price of a little sharpness. */
export function softenedLab(lab: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(lab.length);
  for (let channel = 0; channel < 3; channel++) {
    const soft = blurred(planeOf(lab, channel), width, height);
    for (let p = 0; p < soft.length; p++) out[p * 3 + channel] = soft[p]!;
  }
  return out;
}
