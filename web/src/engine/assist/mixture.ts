/** A mixture of Gaussians over colours, as GrabCut uses one for the object and one for its background. */

const PARTS = 5;
/** Added to each variance, in squared steps of 0 to 255: flat colours and noise-free pictures stay solvable. */
const FLOOR = 4;
const EMPTY = 1e-9;

interface Part {
  share: number;
  readonly mean: readonly [number, number, number];
  /** Inverse of the covariance: xx, xy, xz, yy, yz, zz. */
  readonly inverse: readonly [number, number, number, number, number, number];
  /** log(share / sqrt(det)). */
  readonly weight: number;
}

/** Colours as red, green, blue after another, each from 0 to 255. */
export class Mixture {
  constructor(private readonly parts: readonly Part[]) {}

  /** Splits the colours at these pixels along their widest channel until there are enough parts. */
  static begin(rgb: Float32Array, pixels: Int32Array): Mixture {
    const of = new Uint8Array(pixels.length);
    let parts = 1;
    while (parts < Math.min(PARTS, pixels.length)) {
      const [part, channel, middle] = widest(rgb, pixels, of, parts);
      if (part < 0) break;
      for (let i = 0; i < pixels.length; i++) if (of[i] === part && rgb[pixels[i]! * 3 + channel]! > middle) of[i] = parts;
      parts += 1;
    }
    return new Mixture(learn(rgb, pixels, of, parts));
  }

  /** The same mixture fitted to other pixels: each goes to its likeliest part. */
  refit(rgb: Float32Array, pixels: Int32Array): Mixture {
    const of = new Uint8Array(pixels.length);
    for (let i = 0; i < pixels.length; i++) of[i] = this.#likeliest(rgb, pixels[i]! * 3);
    return new Mixture(learn(rgb, pixels, of, this.parts.length));
  }

  /** Minus the logarithm of the density of the colour that begins at `at`. */
  cost(rgb: Float32Array, at: number): number {
    let sum = 0;
    for (const part of this.parts) sum += Math.exp(part.weight - 0.5 * squared(part, rgb, at));
    return -Math.log(sum + 1e-40);
  }

  #likeliest(rgb: Float32Array, at: number): number {
    let best = 0;
    let most = -Infinity;
    for (let k = 0; k < this.parts.length; k++) {
      const part = this.parts[k]!;
      const likelihood = part.weight - 0.5 * squared(part, rgb, at);
      if (likelihood > most) {
        most = likelihood;
        best = k;
      }
    }
    return best;
  }
}

function squared({ mean, inverse }: Part, rgb: Float32Array, at: number): number {
  const x = rgb[at]! - mean[0];
  const y = rgb[at + 1]! - mean[1];
  const z = rgb[at + 2]! - mean[2];
  const [xx, xy, xz, yy, yz, zz] = inverse;
  return x * x * xx + y * y * yy + z * z * zz + 2 * (x * y * xy + x * z * xz + y * z * yz);
}

function widest(rgb: Float32Array, pixels: Int32Array, of: Uint8Array, parts: number): [part: number, channel: number, middle: number] {
  let found: [number, number, number] = [-1, 0, 0];
  let most = EMPTY;
  for (let part = 0; part < parts; part++) {
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
      if (spread <= most) continue;
      most = spread;
      found = [part, channel, sum / n];
    }
  }
  return found;
}

function learn(rgb: Float32Array, pixels: Int32Array, of: Uint8Array, parts: number): Part[] {
  const sums = new Float64Array(parts * 10);
  for (let i = 0; i < pixels.length; i++) {
    const s = of[i]! * 10;
    const at = pixels[i]! * 3;
    const [r, g, b] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    const more = [1, r, g, b, r * r, r * g, r * b, g * g, g * b, b * b];
    for (let k = 0; k < 10; k++) sums[s + k] = sums[s + k]! + more[k]!;
  }
  const made: Part[] = [];
  for (let part = 0; part < parts; part++) {
    const s = sums.subarray(part * 10, part * 10 + 10);
    if (s[0]! > 0) made.push(partFrom(s, s[0]! / pixels.length));
  }
  return made;
}

function partFrom(s: Float64Array, share: number): Part {
  const n = s[0]!;
  const [r, g, b] = [s[1]! / n, s[2]! / n, s[3]! / n];
  const xx = s[4]! / n - r * r + FLOOR;
  const xy = s[5]! / n - r * g;
  const xz = s[6]! / n - r * b;
  const yy = s[7]! / n - g * g + FLOOR;
  const yz = s[8]! / n - g * b;
  const zz = s[9]! / n - b * b + FLOOR;
  const det = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
  return {
    share,
    mean: [r, g, b],
    inverse: [(yy * zz - yz * yz) / det, (xz * yz - xy * zz) / det, (xy * yz - xz * yy) / det, (xx * zz - xz * xz) / det, (xy * xz - xx * yz) / det, (xx * yy - xy * xy) / det],
    weight: Math.log(share / Math.sqrt(det)),
  };
}
