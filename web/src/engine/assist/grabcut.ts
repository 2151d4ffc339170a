/**
 * GrabCut (Rother, Kolmogorov, Blake 2004): an object out of its surroundings, from a box or from strokes. Colours are
 * learnt on a coarse copy; the full resolution then decides only along the border that the coarse copy found.
 */
import { grown, stepsTo } from "./morphology";
import { type Grid, minCut } from "./min-cut";
import { Mixture } from "./mixture";
import type { Bits, Raster } from "./raster";

/** What is known of a pixel beforehand. */
export const SURE_GROUND = 0;
export const MAYBE_GROUND = 1;
export const MAYBE_OBJECT = 2;
export const SURE_OBJECT = 3;

/** In raster pixels. */
export type BoxXyxy = readonly [x0: number, y0: number, x1: number, y1: number];
/** A pixel's knowledge, one byte each. */
export type Trimap = Uint8Array;

const COARSE_PX = 128;
const COARSE_ROUNDS = 5;
/** Capacities are whole numbers: so many to one unit of energy. */
const UNIT = 64;
const SMOOTHNESS = 30;
/** How much more the middle of a box speaks for the object than its corners; tried on photographs of streets. */
const MIDDLE = 4;
/** Where a cut leaves nothing of the object, a border costs so much less at the next try. */
const EASIER = 0.3;
const MOST_TRIES = 3;
/** Fewer of the pixels than this change sides no more than noise does. */
const SETTLED_SHARE = 0.002;
/** An object of fewer of the open pixels than this was lost, not found. */
const LEAST_SHARE = 0.02;
/** By their colours the object's pixels must be so much likelier the object's, in natural logarithms; else nothing stands out. */
const LEAST_LEAD = 0.05;
/** Colours of so many pixels tell as much of a mixture as those of all. */
const MOST_SAMPLES = 8_000;

/**
 * Yields between its steps, so that whoever runs it can stop it.
 *
 * @param box Where a person drew a box around the object; null where a shape was drawn.
 * @returns The object's pixels; empty where nothing tells object and background apart.
 */
export function* grabCut(raster: Raster, trimap: Trimap, box: BoxXyxy | null = null): Generator<void, Bits> {
  const { width, height } = raster;
  const factor = Math.ceil(Math.max(width, height) / COARSE_PX);
  const rgb = colours(raster);
  const whole: Scene = { rgb, trimap, width, height, prior: priorOf(width, box) };
  const small = factor === 1 ? whole : shrunk(whole, factor, box);
  // A border is shorter on a coarse copy, but less so than the area: it must cost less, or small objects vanish.
  let smoothness = SMOOTHNESS / factor;
  let found = yield* learnt(small, COARSE_ROUNDS, smoothness, null);
  for (let tries = 1; tries < MOST_TRIES && isLost(found.bits, small.trimap); tries++) {
    smoothness *= EASIER;
    found = yield* learnt(small, COARSE_ROUNDS, smoothness, null);
  }
  const coarse = found.bits;
  if (found.lead < LEAST_LEAD) return trimap.map((t) => (t === SURE_OBJECT ? 1 : 0));
  if (factor === 1) return coarse;
  if (!coarse.includes(0)) return trimap.map((t) => (t === SURE_GROUND ? 0 : 1));
  yield;
  const narrow = narrowed(trimap, coarse, small.width, width, height, factor);
  // The colours are known by now: they are fitted to the finer pixels, not learnt anew.
  return (yield* learnt({ ...whole, trimap: narrow }, 1, smoothness * factor, found.colours)).bits;
}

function isLost(bits: Bits, trimap: Trimap): boolean {
  let open = 0;
  let set = 0;
  for (let p = 0; p < bits.length; p++) {
    if (trimap[p] !== SURE_GROUND) open += 1;
    if (bits[p]) set += 1;
  }
  return set < LEAST_SHARE * open;
}

interface Colours {
  readonly object: Mixture;
  readonly ground: Mixture;
}

interface Learnt {
  readonly bits: Bits;
  /** Null where all pixels are on one side. */
  readonly colours: Colours | null;
  /** How much likelier the object's pixels are by the object's colours than by the background's. */
  readonly lead: number;
}

/** Rounds of learning both colour mixtures and cutting, from what was learnt before where there is something. */
function* learnt(scene: Scene, rounds: number, smoothness: number, known: Colours | null): Generator<void, Learnt> {
  const { rgb, trimap } = scene;
  let bits: Bits = trimap.map((t) => (t >= MAYBE_OBJECT ? 1 : 0));
  let colours = known;
  const grid = gridOf(scene, smoothness);
  for (let round = 0; round < rounds; round++) {
    const inside = sample(bits, 1);
    const outside = sample(bits, 0);
    if (!inside.length || !outside.length) break;
    colours = {
      object: colours?.object.refit(rgb, inside) ?? Mixture.begin(rgb, inside),
      ground: colours?.ground.refit(rgb, outside) ?? Mixture.begin(rgb, outside),
    };
    const next = minCut({ ...grid, ties: tiesOf(scene, grid.ties, colours) });
    for (let p = 0; p < next.length; p++) if (trimap[p] === SURE_OBJECT) next[p] = 1;
    yield;
    let changed = 0;
    for (let p = 0; p < next.length; p++) if (next[p] !== bits[p]) changed += 1;
    bits = next;
    if (changed <= SETTLED_SHARE * next.length) break;
  }
  return { bits, colours, lead: colours ? leadOf(rgb, bits, colours) : 0 };
}

function leadOf(rgb: Float32Array, bits: Bits, { object, ground }: Colours): number {
  const inside = sample(bits, 1);
  let sum = 0;
  for (const p of inside) sum += ground.cost(rgb, p * 3) - object.cost(rgb, p * 3);
  return sum / Math.max(1, inside.length);
}

function colours({ rgba, width, height }: Raster): Float32Array {
  const rgb = new Float32Array(width * height * 3);
  for (let p = 0, s = 0, d = 0; p < width * height; p++, s += 4) {
    rgb[d++] = rgba[s]!;
    rgb[d++] = rgba[s + 1]!;
    rgb[d++] = rgba[s + 2]!;
  }
  return rgb;
}

/** Pixels that are set (or not), thinned out evenly where they are very many. */
function sample(bits: Bits, wanted: 0 | 1): Int32Array {
  let count = 0;
  for (let p = 0; p < bits.length; p++) if (bits[p] === wanted) count += 1;
  const stride = Math.max(1, Math.floor(count / MOST_SAMPLES));
  const found = new Int32Array(Math.ceil(count / stride));
  for (let p = 0, seen = 0, n = 0; p < bits.length; p++) if (bits[p] === wanted && seen++ % stride === 0) found[n++] = p;
  return found;
}

/** What the colours say of the open pixels, and what their sure neighbours say. */
function tiesOf({ rgb, trimap, prior }: Scene, neighbours: Int32Array, { object, ground }: Colours): Int32Array {
  const ties = neighbours.slice();
  for (let p = 0; p < ties.length; p++)
    if (isOpen(trimap[p]!)) ties[p] = ties[p]! + Math.round((ground.cost(rgb, p * 3) - object.cost(rgb, p * 3) + prior(p)) * UNIT);
  return ties;
}

/**
 * What parting neighbours costs: much where they are alike, little across an edge. Pixels that are sure take no part:
 * a link to one of them ties its open neighbour to that side, which is the same cut with far fewer pixels.
 */
function gridOf({ rgb, trimap, width, height }: Scene, smoothness: number): Grid {
  const difference = (p: number, q: number): number => {
    const dr = rgb[p * 3]! - rgb[q * 3]!;
    const dg = rgb[p * 3 + 1]! - rgb[q * 3 + 1]!;
    const db = rgb[p * 3 + 2]! - rgb[q * 3 + 2]!;
    return dr * dr + dg * dg + db * db;
  };
  const beta = 1 / Math.max(1e-3, 2 * meanDifference(width, height, difference));
  const size = width * height;
  const ties = new Int32Array(size);
  const link = (links: Int32Array, p: number, q: number, weight: number): void => {
    const hasP = isOpen(trimap[p]!);
    const hasQ = isOpen(trimap[q]!);
    if (!hasP && !hasQ) return;
    const cost = 1 + Math.round(weight * Math.exp(-beta * difference(p, q)));
    if (hasP && hasQ) links[p] = cost;
    else if (hasP) ties[p] = ties[p]! + (trimap[q] === SURE_OBJECT ? cost : -cost);
    else ties[q] = ties[q]! + (trimap[p] === SURE_OBJECT ? cost : -cost);
  };
  const straight = smoothness * UNIT;
  const slanted = straight / Math.SQRT2;
  const [right, below, belowRight, belowLeft] = [new Int32Array(size), new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      if (x < width - 1) link(right, p, p + 1, straight);
      if (y === height - 1) continue;
      link(below, p, p + width, straight);
      if (x < width - 1) link(belowRight, p, p + width + 1, slanted);
      if (x > 0) link(belowLeft, p, p + width - 1, slanted);
    }
  }
  return { width, height, ties, right, below, belowRight, belowLeft };
}

function isOpen(known: number): boolean {
  return known === MAYBE_OBJECT || known === MAYBE_GROUND;
}

/** Between neighbours to the right and below. */
function meanDifference(width: number, height: number, difference: (p: number, q: number) => number): number {
  let sum = 0;
  for (let y = 0; y < height - 1; y++)
    for (let p = y * width; p < (y + 1) * width - 1; p++) sum += difference(p, p + 1) + difference(p, p + width);
  return sum / Math.max(1, 2 * (width - 1) * (height - 1));
}

interface Scene {
  readonly rgb: Float32Array;
  readonly trimap: Trimap;
  readonly width: number;
  readonly height: number;
  /** What speaks for a pixel being the object's beside its colour. */
  readonly prior: (p: number) => number;
}

/** Objects fill the middle of a box that is drawn around them, and leave its corners free. */
function priorOf(width: number, box: BoxXyxy | null): Scene["prior"] {
  if (!box) return () => 0;
  const [x0, y0, x1, y1] = box;
  return (p) => {
    const x = p % width;
    const y = (p - x) / width;
    const u = (2 * x + 1 - x0 - x1) / (x1 - x0);
    const v = (2 * y + 1 - y0 - y1) / (y1 - y0);
    return MIDDLE * (1 - Math.sqrt(u * u + v * v));
  };
}

function shrunk({ rgb, trimap, width, height }: Scene, factor: number, box: BoxXyxy | null): Scene {
  const w = Math.ceil(width / factor);
  const h = Math.ceil(height / factor);
  const boxed = box && (box.map((side) => side / factor) as unknown as BoxXyxy);
  const small = { rgb: new Float32Array(w * h * 3), trimap: new Uint8Array(w * h), width: w, height: h, prior: priorOf(w, boxed) };
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  for (let y = 0, q = 0; y < h; y++) {
    for (let x = 0; x < w; x++, q++) {
      counts.fill(0);
      let [n, r, g, b] = [0, 0, 0, 0];
      for (let j = y * factor; j < Math.min(height, (y + 1) * factor); j++) {
        for (let i = x * factor; i < Math.min(width, (x + 1) * factor); i++) {
          const p = j * width + i;
          r += rgb[p * 3]!;
          g += rgb[p * 3 + 1]!;
          b += rgb[p * 3 + 2]!;
          counts[trimap[p]!] = counts[trimap[p]!]! + 1;
          n += 1;
        }
      }
      small.rgb.set([r / n, g / n, b / n], q * 3);
      small.trimap[q] = known(counts, n);
    }
  }
  return small;
}

/** A coarse pixel is sure where it holds a stroke, or nothing but sure background. */
function known([sureGround, maybeGround, maybeObject, sureObject]: [number, number, number, number], n: number): number {
  if (sureObject > 0 && sureObject >= sureGround) return SURE_OBJECT;
  if (sureGround === n) return SURE_GROUND;
  return maybeObject + sureObject >= maybeGround + sureGround ? MAYBE_OBJECT : MAYBE_GROUND;
}

/** The trimap with everything but a band along the coarse border decided. */
function narrowed(trimap: Trimap, coarse: Bits, coarseWidth: number, width: number, height: number, factor: number): Trimap {
  const wide = new Uint8Array(trimap.length);
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) wide[p] = coarse[Math.floor(y / factor) * coarseWidth + Math.floor(x / factor)]!;
  const band = 2 * factor + 2;
  const inside = stepsTo(wide, width, height, 0);
  const outside = stepsTo(wide, width, height, 1);
  return trimap.map((t, p) => {
    if (t === SURE_GROUND || t === SURE_OBJECT) return t;
    if (inside[p]! > band) return SURE_OBJECT;
    if (outside[p]! > band) return SURE_GROUND;
    return wide[p] ? MAYBE_OBJECT : MAYBE_GROUND;
  });
}

/** The trimap of a box in raster pixels: outside is background, inside may be the object. */
export function trimapOfBox(width: number, height: number, box: BoxXyxy): Trimap {
  const [x0, y0, x1, y1] = box;
  const trimap = new Uint8Array(width * height);
  const isWhole = x0 <= 0 && y0 <= 0 && x1 >= width && y1 >= height;
  // Where there is nothing outside, the rim stands for the background.
  const rim = isWhole ? Math.max(1, Math.round(Math.min(width, height) * 0.02)) : 0;
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) {
      const isIn = x + 0.5 > x0 + rim && x + 0.5 < x1 - rim && y + 0.5 > y0 + rim && y + 0.5 < y1 - rim;
      trimap[p] = isIn ? MAYBE_OBJECT : isWhole ? MAYBE_GROUND : SURE_GROUND;
    }
  return trimap;
}

/** The trimap of a rough shape: a band along its border is open. */
export function trimapOfShape(bits: Bits, width: number, height: number, band: number): Trimap {
  const core = grown(bits, width, height, -band);
  const reach = grown(bits, width, height, band);
  return bits.map((bit, p) => (core[p] ? SURE_OBJECT : !reach[p] ? SURE_GROUND : bit ? MAYBE_OBJECT : MAYBE_GROUND));
}
