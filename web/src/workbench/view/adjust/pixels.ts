/**
 * How the picture is shown otherwise than it is: tone, saturation, an evened-out histogram. Pure; the picture itself and
 * the labels stay as they are.
 */

export interface Recipe {
  /** From -100 to 100; likewise contrast and saturation. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Above 1 lifts the dark parts. */
  readonly gamma: number;
  readonly equalize: "none" | "whole" | "local";
  readonly inverts: boolean;
}

export const PLAIN: Recipe = { brightness: 0, contrast: 0, saturation: 0, gamma: 1, equalize: "none", inverts: false };

export function isPlain(r: Recipe): boolean {
  return r.brightness === 0 && r.contrast === 0 && r.saturation === 0 && r.gamma === 1 && r.equalize === "none" && !r.inverts;
}

/** What each of 256 levels becomes: contrast about the middle, brightness, gamma, then the negative. */
export function toneTable({ brightness, contrast, gamma, inverts }: Recipe): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256);
  const c = contrast / 100;
  // At 100 a step function, at -100 an even grey.
  const gain = c >= 0 ? 1 / Math.max(0.004, 1 - c) : 1 + c;
  for (let level = 0; level < 256; level++) {
    const lifted = (level / 255 - 0.5) * gain + 0.5 + brightness / 100;
    const bent = Math.max(0, Math.min(1, lifted)) ** (1 / gamma);
    table[level] = Math.round(255 * (inverts ? 1 - bent : bent));
  }
  return table;
}

/** Maps of lightness for a grid of places; one place maps the whole picture alike. */
export interface Evening {
  readonly columns: number;
  readonly rows: number;
  /** 256 levels for each place, row by row. */
  readonly tables: Float32Array;
}

const GRID = 8;
/** How far a local histogram may outgrow an even one: more would blow noise up in flat parts. */
const CLIP = 3;

/** Learns from a copy of the whole picture, of any size. */
export function eveningOf(pixels: Uint8ClampedArray, width: number, height: number, how: "whole" | "local"): Evening {
  const columns = how === "local" ? Math.min(GRID, width) : 1;
  const rows = how === "local" ? Math.min(GRID, height) : 1;
  const counts = new Float32Array(columns * rows * 256);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.min(rows - 1, Math.floor((y * rows) / height)) * columns;
    for (let x = 0; x < width; x++, i += 4) {
      const place = row + Math.min(columns - 1, Math.floor((x * columns) / width));
      counts[place * 256 + lightness(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!)]! += 1;
    }
  }
  for (let place = 0; place < columns * rows; place++) {
    const part = counts.subarray(place * 256, place * 256 + 256);
    if (how === "local") clip(part);
    toTable(part);
  }
  return { columns, rows, tables: counts };
}

/** Cuts the peaks of a histogram and spreads what was cut evenly (contrast-limited, as in CLAHE). */
function clip(counts: Float32Array): void {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const most = (CLIP * total) / 256;
  let cut = 0;
  for (let level = 0; level < 256; level++) {
    if (counts[level]! <= most) continue;
    cut += counts[level]! - most;
    counts[level] = most;
  }
  for (let level = 0; level < 256; level++) counts[level]! += cut / 256;
}

/** Turns counts into the map that makes them even; a place of one level only is left as it is. */
function toTable(counts: Float32Array): void {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const first = counts.find((n) => n > 0) ?? 0;
  let sum = 0;
  for (let level = 0; level < 256; level++) {
    sum += counts[level]!;
    counts[level] = total > first ? (255 * Math.max(0, sum - first)) / (total - first) : level;
  }
}

function lightness(r: number, g: number, b: number): number {
  return (77 * r + 150 * g + 29 * b) >> 8;
}

/** A recipe made ready for a picture. */
export interface Prepared {
  readonly tone: Uint8ClampedArray;
  readonly saturation: number;
  readonly evening: Evening | null;
}

/** Where pixels lie in the picture, as shares of its sides. */
export interface Place {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export const WHOLE: Place = { x0: 0, y0: 0, x1: 1, y1: 1 };

/** Changes RGBA pixels in place. */
export function adjust(pixels: Uint8ClampedArray, width: number, height: number, { tone, saturation, evening }: Prepared, place: Place = WHOLE): void {
  if (evening) even(pixels, width, height, evening, place);
  const s = saturation >= 0 ? 1 + (saturation / 100) * 2 : 1 + saturation / 100;
  for (let i = 0; i < pixels.length; i += 4) {
    let r = pixels[i]!;
    let g = pixels[i + 1]!;
    let b = pixels[i + 2]!;
    if (s !== 1) {
      const l = lightness(r, g, b);
      r = clampByte(l + (r - l) * s);
      g = clampByte(l + (g - l) * s);
      b = clampByte(l + (b - l) * s);
    }
    pixels[i] = tone[r]!;
    pixels[i + 1] = tone[g]!;
    pixels[i + 2] = tone[b]!;
  }
}

function clampByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.round(value);
}

/** Moves the lightness of each pixel; between the middles of places their maps are blended. */
function even(pixels: Uint8ClampedArray, width: number, height: number, { columns, rows, tables }: Evening, place: Place): void {
  for (let y = 0, i = 0; y < height; y++) {
    const v = (place.y0 + ((y + 0.5) / height) * (place.y1 - place.y0)) * rows - 0.5;
    const [r0, r1, fy] = between(v, rows);
    for (let x = 0; x < width; x++, i += 4) {
      const u = (place.x0 + ((x + 0.5) / width) * (place.x1 - place.x0)) * columns - 0.5;
      const [c0, c1, fx] = columns === 1 ? ONE : between(u, columns);
      const l = lightness(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
      const upper = tables[(r0 * columns + c0) * 256 + l]! * (1 - fx) + tables[(r0 * columns + c1) * 256 + l]! * fx;
      const lower = tables[(r1 * columns + c0) * 256 + l]! * (1 - fx) + tables[(r1 * columns + c1) * 256 + l]! * fx;
      const shift = upper * (1 - fy) + lower * fy - l;
      pixels[i]! += shift;
      pixels[i + 1]! += shift;
      pixels[i + 2]! += shift;
    }
  }
}

const ONE = [0, 0, 0] as const;

function between(at: number, count: number): readonly [low: number, high: number, share: number] {
  const low = Math.max(0, Math.min(count - 1, Math.floor(at)));
  const high = Math.min(count - 1, low + 1);
  return [low, high, Math.max(0, Math.min(1, at - low))];
}
