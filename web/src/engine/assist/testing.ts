/** Pictures with a known truth, for the assistants' own tests. */
import type { Bounds, Frame, Point } from "../geometry";
import { spansOfMask } from "../raster/runs";
import { spansOfRings } from "../raster/scan";
import { seeded } from "../testing";
import type { Geometry } from "../types";
import type { Patch, Raster } from "./raster";
import { type RequestKind, type Answers, type Requests, Workshop } from "./workshop";

export type Colour = readonly [number, number, number];
export type Inside = (x: number, y: number) => boolean;

export interface Scene {
  readonly raster: Raster;
  readonly truth: Uint8Array;
  readonly frame: Frame;
  readonly patch: Patch;
}

export const disc = (cx: number, cy: number, r: number): Inside => (x, y) => (x - cx) ** 2 + (y - cy) ** 2 < r * r;
export const rect = (b: Bounds): Inside => (x, y) => x >= b.x0 && x < b.x1 && y >= b.y0 && y < b.y1;

interface Paint {
  readonly width?: number;
  readonly height?: number;
  readonly object?: Colour;
  readonly ground?: Colour;
  /** Largest step of noise to each side. */
  readonly noise?: number;
  readonly seed?: number;
  /** Brightness that is added from left to right over the whole width. */
  readonly slope?: number;
}

export function paint(inside: Inside, { width = 200, height = 150, object = [200, 60, 50], ground = [70, 110, 80], noise = 18, seed = 1, slope = 0 }: Paint = {}): Scene {
  const random = seeded(seed);
  const rgba = new Uint8ClampedArray(width * height * 4);
  const truth = new Uint8Array(width * height);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      truth[p] = inside(x + 0.5, y + 0.5) ? 1 : 0;
      const colour = truth[p] ? object : ground;
      for (let c = 0; c < 3; c++) rgba[p * 4 + c] = colour[c]! + (slope * x) / width + (random() * 2 - 1) * noise;
      rgba[p * 4 + 3] = 255;
    }
  }
  return { raster: { width, height, rgba }, truth, frame: { width, height }, patch: { x0: 0, y0: 0, scale: 1, width, height } };
}

export function iou(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let both = 0;
  let any = 0;
  for (let p = 0; p < a.length; p++) {
    if (a[p] && b[p]) both += 1;
    if (a[p] || b[p]) any += 1;
  }
  return any ? both / any : 1;
}

/** The pixels of a shape, as a picture of its frame. */
export function pixelsOf(geometry: Geometry | null, frame: Frame): Uint8Array {
  const bits = new Uint8Array(frame.width * frame.height);
  if (!geometry) return bits;
  const box = geometry.kind === "box" ? geometry.box_xyxy : null;
  const rings = geometry.kind === "polygon" ? geometry.rings : box ? [[[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]] as Point[]] : null;
  const { top, rows, xs } = geometry.kind === "mask" ? spansOfMask(geometry) : spansOfRings(rings ?? [], frame);
  for (let r = 0; r + 1 < rows.length; r++) for (let i = rows[r]!; i < rows[r + 1]!; i += 2) bits.fill(1, (top + r) * frame.width + xs[i]!, (top + r) * frame.width + xs[i + 1]!);
  return bits;
}

export function run<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** One request on a scene, as a worker would run it. */
export function ask<K extends RequestKind>(scene: Scene, kind: K, request: Requests[K]): Answers[K] {
  const workshop = new Workshop();
  workshop.keep(scene.patch, scene.raster);
  return run(workshop.answer(kind, scene.patch, scene.frame, request)) as Answers[K];
}

export function boxIou(a: readonly number[], b: readonly number[]): number {
  const w = Math.max(0, Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!));
  const h = Math.max(0, Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!));
  const area = (b: readonly number[]): number => (b[2]! - b[0]!) * (b[3]! - b[1]!);
  return (w * h) / (area(a) + area(b) - w * h);
}

/** The pixels of a patch out of a whole picture, each the nearest. */
export function cutPixels(from: Raster, patch: Patch): Raster {
  const rgba = new Uint8ClampedArray(patch.width * patch.height * 4);
  for (let y = 0; y < patch.height; y++) {
    for (let x = 0; x < patch.width; x++) {
      const p = Math.floor(patch.y0 + (y + 0.5) / patch.scale) * from.width + Math.floor(patch.x0 + (x + 0.5) / patch.scale);
      rgba.set(from.rgba.subarray(p * 4, p * 4 + 4), (y * patch.width + x) * 4);
    }
  }
  return { width: patch.width, height: patch.height, rgba };
}
