/**
 * The assistants at work: keeps the pixels of a few patches with what was made of them, and answers requests.
 * It knows no thread; a worker feeds it. Answers come from generators, so that a stale request can be dropped halfway.
 */
import { type Bounds, type Frame, type Point, boundsOf, clamp } from "../geometry";
import { spansOfRings } from "../raster/scan";
import { spansOfMask } from "../raster/runs";
import type { BoxGeometry, Geometry, MaskGeometry, PolygonGeometry, PolylineGeometry } from "../types";
import { type Edges, edgesOf } from "./edges";
import { type BoxXyxy, type Trimap, MAYBE_OBJECT, SURE_GROUND, SURE_OBJECT, grabCut, trimapOfBox, trimapOfShape } from "./grabcut";
import { labOf } from "./lab";
import { liveWire, stepCosts, strongestNear } from "./live-wire";
import { type Found, type OutcomeKind, foundIn, shapeOfBits } from "./outcome";
import { type Bits, type Patch, type Raster, countBits, nearestPixel, patchKey, pixelAt, toImage, toPatch } from "./raster";
import { snapped, snappedBox } from "./snap";
import { type Superpixels, superpixels } from "./superpixels";
import { type Field, wandBits, wandField } from "./wand";
import { smoothed } from "./morphology";

export interface Pick {
  readonly at: Point;
  readonly tolerance: number;
  readonly isTaken: boolean;
}

/** A line drawn over what belongs (or does not). */
export interface Stroke {
  readonly points: readonly Point[];
  readonly isObject: boolean;
  /** In image pixels. */
  readonly radius: number;
}

export interface Requests {
  wand: { readonly picks: readonly Pick[]; readonly isContiguous: boolean; readonly kind: OutcomeKind };
  superpixels: { readonly side: number };
  wire: { readonly anchor: Point; readonly reach: number };
  cut: { readonly box: Bounds; readonly strokes: readonly Stroke[]; readonly kind: OutcomeKind };
  fit: { readonly box: Bounds };
  refine: { readonly geometry: PolygonGeometry | MaskGeometry; readonly reach: number };
  snap: { readonly geometry: BoxGeometry | PolygonGeometry | PolylineGeometry; readonly reach: number };
}

/** What a live wire needs on the page: the ways, and how strong the edges are (a byte each). */
export interface WireAnswer {
  readonly anchor: number;
  readonly towards: Uint8Array;
  readonly strength: Uint8Array;
}

export interface Answers {
  wand: Found | null;
  superpixels: Superpixels;
  wire: WireAnswer;
  cut: Found | null;
  fit: BoxGeometry | null;
  refine: Geometry | null;
  snap: Geometry | null;
}

export type RequestKind = keyof Requests;

interface Kept {
  readonly raster: Raster;
  lab?: Float32Array;
  edges?: Edges;
  costs?: Uint8Array;
  readonly fields: Map<string, Field>;
}

/** Patches kept, the newest last. Whoever sends pixels keeps the same list, so it is told nothing. */
export const MOST_PATCHES = 4;
const MOST_FIELDS = 8;
/** Less of the box than this, or more, is no object in it. */
const LEAST_SHARE = 0.03;
/** A box is tightened, not replaced: of what was drawn at least this much stays. */
const LEAST_FIT = 0.4;
const MOST_SHARE = 0.98;

export class Workshop {
  readonly #kept = new Map<string, Kept>();

  keep(patch: Patch, raster: Raster): void {
    const key = patchKey(patch);
    this.#kept.delete(key);
    this.#kept.set(key, { raster, fields: new Map() });
    while (this.#kept.size > MOST_PATCHES) this.#kept.delete(this.#kept.keys().next().value!);
  }

  /** Runs a request; `undefined` when the patch is not kept any more. */
  *answer<K extends RequestKind>(kind: K, patch: Patch, frame: Frame, request: Requests[K]): Generator<void, Answers[K] | undefined> {
    const key = patchKey(patch);
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const at = new Sheet(kept, patch, frame);
    const run = at[kind] as unknown as (request: Requests[K]) => Generator<void, Answers[K]>;
    return yield* run.call(at, request);
  }
}

/** One patch with one request on it. */
class Sheet {
  constructor(private readonly kept: Kept, private readonly patch: Patch, private readonly frame: Frame) {}

  *wand({ picks, isContiguous, kind }: Requests["wand"]): Generator<void, Found | null> {
    const { width, height } = this.patch;
    let bits: Bits = new Uint8Array(width * height);
    for (const pick of picks) {
      const seed = pixelAt(this.patch, pick.at);
      if (seed < 0) continue;
      const found = wandBits(this.#field(seed, isContiguous), pick.tolerance);
      for (let p = 0; p < bits.length; p++) if (found[p]) bits[p] = pick.isTaken ? 1 : 0;
      yield;
    }
    bits = smoothed(bits, width, height);
    return foundIn(bits, this.patch, this.frame, { kind, near: picks.filter((p) => p.isTaken).map((p) => p.at) });
  }

  *superpixels({ side }: Requests["superpixels"]): Generator<void, Superpixels> {
    const { width, height } = this.patch;
    const lab = this.#lab();
    yield;
    return superpixels(lab, width, height, side);
  }

  *wire({ anchor, reach }: Requests["wire"]): Generator<void, WireAnswer> {
    const { width, height } = this.patch;
    const edges = this.#edges();
    yield;
    this.kept.costs ??= stepCosts(edges);
    const start = strongestNear(edges, nearestPixel(this.patch, anchor), Math.round(reach * this.patch.scale));
    const { towards } = liveWire(this.kept.costs, width, height, start);
    return { anchor: start, towards, strength: bytesOf(edges.strength) };
  }

  *cut({ box, strokes, kind }: Requests["cut"]): Generator<void, Found | null> {
    const trimap = trimapOfBox(this.patch.width, this.patch.height, this.#inPatch(box));
    for (const stroke of strokes) this.#paint(trimap, stroke);
    const bits = yield* this.#cutOut(trimap, box);
    const near = strokes.filter((s) => s.isObject).flatMap((s) => s.points);
    return bits && foundIn(bits, this.patch, this.frame, { kind, near });
  }

  *fit({ box }: Requests["fit"]): Generator<void, BoxGeometry | null> {
    const bits = yield* this.#cutOut(trimapOfBox(this.patch.width, this.patch.height, this.#inPatch(box)), box);
    const found = bits && shapeOfBits(bits, this.patch, this.frame, { kind: "box" });
    if (found?.kind === "box" && shareOf(found, box) > LEAST_FIT) return found;
    // Colours do not tell it apart: its straight edges may.
    return this.#snapBox({ kind: "box", box_xyxy: [box.x0, box.y0, box.x1, box.y1] }, Math.min(box.x1 - box.x0, box.y1 - box.y0) / 4);
  }

  *refine({ geometry, reach }: Requests["refine"]): Generator<void, Geometry | null> {
    const { width, height, scale } = this.patch;
    const band = Math.max(2, Math.round(reach * scale));
    const drawn = this.#bitsOf(geometry);
    const all = drawn.length;
    const count = countBits(drawn);
    if (count === 0 || count === all) return null;
    const bits = yield* grabCut(this.kept.raster, trimapOfShape(drawn, width, height, band));
    return shapeOfBits(smoothed(bits, width, height), this.patch, this.frame, { kind: geometry.kind });
  }

  *snap({ geometry, reach }: Requests["snap"]): Generator<void, Geometry | null> {
    const edges = this.#edges();
    yield;
    const by = reach * this.patch.scale;
    const onto = (points: readonly Point[], isClosed: boolean): Point[] =>
      snapped(edges, points.map((p) => toPatch(this.patch, p)), by, isClosed).map((p) => this.#inFrame(toImage(this.patch, p)));
    switch (geometry.kind) {
      case "box":
        return this.#snapBox(geometry, reach);
      case "polygon":
        return { kind: "polygon", rings: geometry.rings.map((ring) => onto(ring, true)) };
      case "polyline":
        return { kind: "polyline", points: onto(geometry.points, false) };
    }
  }

  #lab(): Float32Array {
    return (this.kept.lab ??= labOf(this.kept.raster));
  }

  #edges(): Edges {
    return (this.kept.edges ??= edgesOf(this.#lab(), this.kept.raster));
  }

  #field(seed: number, isContiguous: boolean): Field {
    const { fields } = this.kept;
    const key = `${seed} ${isContiguous}`;
    let field = fields.get(key);
    if (!field) {
      field = wandField(this.#lab(), this.patch.width, this.patch.height, seed, isContiguous);
      fields.set(key, field);
      if (fields.size > MOST_FIELDS) fields.delete(fields.keys().next().value!);
    }
    return field;
  }

  #inPatch(box: Bounds): BoxXyxy {
    return [...toPatch(this.patch, [box.x0, box.y0]), ...toPatch(this.patch, [box.x1, box.y1])];
  }

  #paint(trimap: Trimap, { points, isObject, radius }: Stroke): void {
    const { width, height, scale } = this.patch;
    const r = Math.max(1, radius * scale);
    const value = isObject ? SURE_OBJECT : SURE_GROUND;
    const dab = (cx: number, cy: number): void => {
      for (let y = Math.max(0, Math.floor(cy - r)); y <= Math.min(height - 1, cy + r); y++)
        for (let x = Math.max(0, Math.floor(cx - r)); x <= Math.min(width - 1, cx + r); x++)
          if ((x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2 <= r * r) trimap[y * width + x] = value;
    };
    const at = points.map((p) => toPatch(this.patch, p));
    at.forEach(([x, y], i) => {
      const [px, py] = at[Math.max(0, i - 1)]!;
      const steps = Math.max(1, Math.ceil(Math.hypot(x - px, y - py) / r));
      for (let s = 1; s <= steps; s++) dab(px + ((x - px) * s) / steps, py + ((y - py) * s) / steps);
    });
  }

  /** The object by GrabCut; null where it found none. */
  *#cutOut(trimap: Trimap, box: Bounds): Generator<void, Bits | null> {
    const bits = yield* grabCut(this.kept.raster, trimap, this.#inPatch(box));
    let open = 0;
    let set = 0;
    for (let p = 0; p < bits.length; p++) {
      if (trimap[p] !== SURE_GROUND) open += 1;
      if (bits[p]) set += 1;
    }
    const hasStroke = trimap.includes(SURE_OBJECT);
    if (set < LEAST_SHARE * open || (set > MOST_SHARE * open && !hasStroke && trimap.includes(MAYBE_OBJECT))) return null;
    return smoothed(bits, this.patch.width, this.patch.height);
  }

  #snapBox({ box_xyxy: [x0, y0, x1, y1] }: BoxGeometry, reach: number): BoxGeometry {
    const [px0, py0] = toPatch(this.patch, [x0, y0]);
    const [px1, py1] = toPatch(this.patch, [x1, y1]);
    const [a, b, c, d] = snappedBox(this.#edges(), [px0, py0, px1, py1], reach * this.patch.scale);
    return { kind: "box", box_xyxy: [...this.#inFrame(toImage(this.patch, [a, b])), ...this.#inFrame(toImage(this.patch, [c, d]))] };
  }

  #bitsOf(geometry: PolygonGeometry | MaskGeometry): Bits {
    const { width, height, scale } = this.patch;
    const bits = new Uint8Array(width * height);
    const rings = geometry.kind === "polygon" ? geometry.rings : null;
    const spans = rings
      ? spansOfRings(rings.map((ring) => ring.map((p) => toPatch(this.patch, p))), { width, height })
      : null;
    if (spans) {
      for (let r = 0; r + 1 < spans.rows.length; r++)
        for (let i = spans.rows[r]!; i < spans.rows[r + 1]!; i += 2) bits.fill(1, (spans.top + r) * width + spans.xs[i]!, (spans.top + r) * width + spans.xs[i + 1]!);
      return bits;
    }
    const { top, rows, xs } = spansOfMask(geometry as MaskGeometry);
    for (let y = 0; y < height; y++) {
      const r = Math.floor((y + 0.5) / scale + this.patch.y0) - top;
      if (r < 0 || r + 1 >= rows.length) continue;
      for (let i = rows[r]!; i < rows[r + 1]!; i += 2) {
        const from = clamp(Math.round((xs[i]! - this.patch.x0) * scale), 0, width);
        const to = clamp(Math.round((xs[i + 1]! - this.patch.x0) * scale), 0, width);
        bits.fill(1, y * width + from, y * width + to);
      }
    }
    return bits;
  }

  #inFrame([x, y]: Point): Point {
    return [clamp(x, 0, this.frame.width), clamp(y, 0, this.frame.height)];
  }
}

/** Numbers from 0 to 1 as bytes. */
function bytesOf(shares: Float32Array): Uint8Array {
  const bytes = new Uint8Array(shares.length);
  for (let p = 0; p < bytes.length; p++) bytes[p] = Math.round(shares[p]! * 255);
  return bytes;
}

function shareOf({ box_xyxy: [x0, y0, x1, y1] }: BoxGeometry, of: Bounds): number {
  return ((x1 - x0) * (y1 - y0)) / Math.max(1, (of.x1 - of.x0) * (of.y1 - of.y0));
}

/** The area that a request about a shape looks at: the shape and so much around it, in shares of its size. */
export function around(points: Iterable<Point>, share: number, least: number): Bounds {
  const b = boundsOf(points);
  const by = Math.max(least, share * Math.max(b.x1 - b.x0, b.y1 - b.y0));
  return { x0: b.x0 - by, y0: b.y0 - by, x1: b.x1 + by, y1: b.y1 + by };
}
