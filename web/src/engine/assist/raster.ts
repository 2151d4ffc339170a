/** The part of a picture that an assistant works on: pixels at a resolution that follows the view, and where they lie. */
import type { Bounds, Frame, Point } from "../geometry";

/** Red, green, blue, opacity, a byte each, row by row: what a canvas hands out. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

/** Where a raster lies in the image: its pixel (i, j) covers the image from (x0 + i / scale, y0 + j / scale) on. */
export interface Patch {
  readonly x0: number;
  readonly y0: number;
  /** Raster pixels to one image pixel; at most 1. */
  readonly scale: number;
  readonly width: number;
  readonly height: number;
}

/** One byte a pixel; what counts as set is anything but 0. */
export type Bits = Uint8Array;

/** The patch over an area, rounded outwards to whole image pixels, its longer side at most `most` raster pixels. */
export function patchOver(area: Bounds, frame: Frame, most: number, wanted = 1): Patch {
  const x0 = Math.max(0, Math.floor(area.x0));
  const y0 = Math.max(0, Math.floor(area.y0));
  const x1 = Math.min(frame.width, Math.max(x0 + 1, Math.ceil(area.x1)));
  const y1 = Math.min(frame.height, Math.max(y0 + 1, Math.ceil(area.y1)));
  const scale = Math.min(1, wanted, most / Math.max(x1 - x0, y1 - y0));
  return { x0, y0, scale, width: Math.max(1, Math.round((x1 - x0) * scale)), height: Math.max(1, Math.round((y1 - y0) * scale)) };
}

export function patchBounds(patch: Patch): Bounds {
  return { x0: patch.x0, y0: patch.y0, x1: patch.x0 + patch.width / patch.scale, y1: patch.y0 + patch.height / patch.scale };
}

export function patchKey(patch: Patch): string {
  return [patch.x0, patch.y0, patch.scale.toFixed(6), patch.width, patch.height].join();
}

export function toPatch(patch: Patch, [x, y]: Point): Point {
  return [(x - patch.x0) * patch.scale, (y - patch.y0) * patch.scale];
}

export function toImage(patch: Patch, [x, y]: Point): Point {
  return [x / patch.scale + patch.x0, y / patch.scale + patch.y0];
}

/** The index of the raster pixel under an image point, or -1 outside. */
export function pixelAt(patch: Patch, at: Point): number {
  const [x, y] = toPatch(patch, at);
  const i = Math.floor(x);
  const j = Math.floor(y);
  return i < 0 || j < 0 || i >= patch.width || j >= patch.height ? -1 : j * patch.width + i;
}

/** As `pixelAt`, the nearest pixel where the point lies outside. */
export function nearestPixel(patch: Patch, at: Point): number {
  const [x, y] = toPatch(patch, at);
  const i = Math.min(patch.width - 1, Math.max(0, Math.floor(x)));
  const j = Math.min(patch.height - 1, Math.max(0, Math.floor(y)));
  return j * patch.width + i;
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) if (bits[i]) count += 1;
  return count;
}
