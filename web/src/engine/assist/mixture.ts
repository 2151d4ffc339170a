/** A mixture of Gaussians over colours, as GrabCut uses one for the object and one for its background. */

const PARTS = 5;
/** Added to each variance, in squared steps of 0 to 255: flat colours and noise-free pictures stay solvable. */
const FLOOR = 4;
const EMPTY = 1e-9;

/** Of each part one after another: the mean, the inverse of the covariance (xx, xy, xz, yy, yz, zz), log(share / sqrt(det)). */
type Parts = Float64Array;
const STRIDE = 10;

/** Colours as red, green, blue after another, each from 0 to 255. */
export class Mixture {
  constructor(private readonly parts: Parts) {}

  /** Splits the colours at these pixels along their widest channel until there are enough parts. */
  static begin(rgb: Float32Array, pixels: Int32Array): Mixture {
    const of = new Uint8Array(pixels.length);
    const spreads: Spread[] = [spreadOf(rgb, pixels, of, 0)];
    while (spreads.length < Math.min(PARTS, pixels.length)) {
      const widest = spreads.reduce((most, s, i) => (s.spread > spreads[most]!.spread ? i : most), 0);
      const { spread, channel, middle } = spreads[widest]!;
      if (spread <= EMPTY) break;
      const made = spreads.length;
      for (let i = 0; i < pixels.length; i++) if (of[i] === widest && rgb[pixels[i]! * 3 + channel]! > middle) of[i] = made;
      spreads[widest] = spreadOf(rgb, pixels, of, widest);
      spreads.push(spreadOf(rgb, pixels, of, made));
    }
    return new Mixture(learn(rgb, pixels, of, spreads.length));
  }

  /** The same mixture fitted to other pixels: each goes to its likeliest part. */
  refit(rgb: Float32Array, pixels: Int32Array): Mixture {
    const of = new Uint8Array(pixels.length);
    for (let i = 0; i < pixels.length; i++) of[i] = this.#likeliest(rgb, pixels[i]! * 3);
    return new Mixture(learn(rgb, pixels, of, this.parts.length / STRIDE));
  }

  /** Minus the logarithm of the density of the colour that begins at `at`. */
  cost(rgb: Float32Array, at: number): number {
    let sum = 0;
    for (let k = 0; k < this.parts.length; k += STRIDE) sum += Math.exp(this.#likelihood(k, rgb, at));
    return -Math.log(sum + 1e-40);
  }

  #likeliest(rgb: Float32Array, at: number): number {
    let best = 0;
    let most = -Infinity;
    for (let k = 0; k < this.parts.length; k += STRIDE) {
      const likelihood = this.#likelihood(k, rgb, at);
      if (likelihood > most) {
        most = likelihood;
        best = k / STRIDE;
      }
    }
    return best;
  }

  /** The logarithm of what the part that begins at `k` says of a colour. */
  #likelihood(k: number, rgb: Float32Array, at: number): number {
    const m = this.parts;
    const x = rgb[at]! - m[k]!;
    const y = rgb[at + 1]! - m[k + 1]!;
    const z = rgb[at + 2]! - m[k + 2]!;
    const squared = x * x * m[k + 3]! + y * y * m[k + 6]! + z * z * m[k + 8]! + 2 * (x * y * m[k + 4]! + x * z * m[k + 5]! + y * z * m[k + 7]!);
    return m[k + 9]! - 0.5 * squared;
  }
}

interface Spread {
  readonly spread: number;
  readonly channel: number;
  readonly middle: number;
}

/** The channel in which the colours of a part differ most. */
function spreadOf(rgb: Float32Array, pixels: Int32Array, of: Uint8Array, part: number): Spread {
  let found: Spread = { spread: 0, channel: 0, middle: 0 };
  for (let channel = 0; channel < 3; channel++) {
    let n = 0;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < pixels.length; i++) {
      if (of[i] !== part) continue;
      const v = rgb[pixels[i]! * 3 + channel]!;
      n += 1;
      sum += v;
      squares += v * v;
    }
    const spread = squares - (sum * sum) / Math.max(1, n);
    if (spread > found.spread) found = { spread, channel, middle: sum / n };
  }
  return found;
}

function learn(rgb: Float32Array, pixels: Int32Array, of: Uint8Array, parts: number): Parts {
  const sums = new Float64Array(parts * 10);
  for (let i = 0; i < pixels.length; i++) {
    const s = of[i]! * 10;
    const at = pixels[i]! * 3;
    const r = rgb[at]!;
    const g = rgb[at + 1]!;
    const b = rgb[at + 2]!;
    sums[s] = sums[s]! + 1;
    sums[s + 1] = sums[s + 1]! + r;
    sums[s + 2] = sums[s + 2]! + g;
    sums[s + 3] = sums[s + 3]! + b;
    sums[s + 4] = sums[s + 4]! + r * r;
    sums[s + 5] = sums[s + 5]! + r * g;
    sums[s + 6] = sums[s + 6]! + r * b;
    sums[s + 7] = sums[s + 7]! + g * g;
    sums[s + 8] = sums[s + 8]! + g * b;
    sums[s + 9] = sums[s + 9]! + b * b;
  }
  const made: number[] = [];
  for (let part = 0; part < parts; part++) {
    const s = sums.subarray(part * 10, part * 10 + 10);
    if (s[0]! > 0) made.push(...partFrom(s, s[0]! / pixels.length));
  }
  return Float64Array.from(made);
}

function partFrom(s: Float64Array, share: number): number[] {
  const n = s[0]!;
  const [r, g, b] = [s[1]! / n, s[2]! / n, s[3]! / n];
  const xx = s[4]! / n - r * r + FLOOR;
  const xy = s[5]! / n - r * g;
  const xz = s[6]! / n - r * b;
  const yy = s[7]! / n - g * g + FLOOR;
  const yz = s[8]! / n - g * b;
  const zz = s[9]! / n - b * b + FLOOR;
  const det = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
  const inverse = [yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy, xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy];
  return [r, g, b, ...inverse.map((v) => v / det), Math.log(share / Math.sqrt(det))];
}
