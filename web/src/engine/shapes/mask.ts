/** Masks: sets of pixels, kept as runs. They are changed by brushes and pixel-wise commands, not by handles. */
import type { Point } from "../geometry";
import { distanceToBorder } from "../raster/near";
import { adopted, areaOfRuns, maskOfSpans, spansOfMask } from "../raster/runs";
import { hasPixel, movedSpans } from "../raster/spans";
import { outlinesOf } from "../raster/trace";
import type { MaskGeometry } from "../types";
import { canPaintMasks, paintMask } from "./mask-paint";
import { type PathSink, type Shape, ShapeError } from "./shape";
import { msg } from "../text";

/** A mask of more pixels belongs to no picture that can be opened. */
const MOST_PIXELS = 2 ** 31;

export const maskShape: Shape<MaskGeometry> = {
  kind: "mask",
  name: msg`Mask`,

  bounds({ origin_xy: [x, y], size_wh: [w, h] }) {
    return { x0: x, y0: y, x1: x + w, y1: y + h };
  },
  area({ runs }) {
    return areaOfRuns(runs);
  },
  contains(mask, [x, y]) {
    return hasPixel(spansOfMask(mask), Math.floor(x), Math.floor(y));
  },
  distanceToOutline(mask, p) {
    return distanceToBorder(spansOfMask(mask), p);
  },
  handles() {
    return [];
  },
  moveHandle() {
    throw new RangeError("A mask has no handles.");
  },
  edgeSpot() {
    return null;
  },
  insertVertex() {
    throw new RangeError("A mask has no free vertices.");
  },
  deleteVertex() {
    return null;
  },
  /** By whole pixels. */
  translate(mask, dx, dy) {
    const [sx, sy] = [Math.round(dx), Math.round(dy)];
    if (sx === 0 && sy === 0) return mask;
    const { origin_xy: [x, y], size_wh, runs } = mask;
    return adopted({ kind: "mask", origin_xy: [x + sx, y + sy], size_wh, runs }, movedSpans(spansOfMask(mask), sx, sy));
  },
  trace(mask, path, k, tx, ty, skip) {
    for (const rings of outlinesOf(spansOfMask(mask))) for (const ring of rings) traceRing(ring, path, k, tx, ty, skip);
  },
  paint(mask, to, view, stroke) {
    const isPossible = canPaintMasks();
    if (isPossible) paintMask(to, spansOfMask(mask), view, stroke);
    return isPossible;
  },
  fault({ origin_xy: [x, y], size_wh: [w, h], runs }, frame) {
    if (runs.length < 2) return msg`This mask has no pixel: paint it or delete it.`;
    const isOutside = x < 0 || y < 0 || x + w > frame.width || y + h > frame.height;
    return isOutside ? msg`This mask leaves the image: move it inside.` : null;
  },
  toWire(mask) {
    return mask;
  },
  fromWire(json) {
    const { origin_xy, size_wh, runs } = (json ?? {}) as Readonly<Record<string, unknown>>;
    if (!isWhole(origin_xy, 2) || !isWhole(size_wh, 2) || !isWhole(runs)) throw new ShapeError("A mask needs origin_xy, size_wh and runs with whole numbers.");
    const [x, y] = origin_xy as [number, number];
    const [w, h] = size_wh as [number, number];
    if (w < 1 || h < 1 || w * h > MOST_PIXELS) throw new ShapeError("The box of a mask is at least one pixel wide and high, and not larger than a picture.");
    if (runs.some((n) => n < 0) || runs.reduce((sum, n) => sum + n, 0) !== w * h) throw new ShapeError("The runs of a mask add up to its width times its height.");
    const given: MaskGeometry = { kind: "mask", origin_xy: [x, y], size_wh: [w, h], runs };
    const mask = maskOfSpans(spansOfMask(given));
    if (!mask) throw new ShapeError("A mask needs at least one pixel.");
    return mask;
  },
};

function isWhole(json: unknown, count?: number): json is readonly number[] {
  return Array.isArray(json) && (count === undefined || json.length === count) && json.every((n) => Number.isSafeInteger(n));
}

function traceRing(ring: readonly Point[], path: PathSink, k: number, tx: number, ty: number, skip: number): void {
  let lastX = 0;
  let lastY = 0;
  for (let i = 0; i < ring.length; i++) {
    const x = ring[i]![0] * k + tx;
    const y = ring[i]![1] * k + ty;
    if (i === 0) path.moveTo(x, y);
    else if (Math.abs(x - lastX) < skip && Math.abs(y - lastY) < skip) continue;
    else path.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
  path.closePath();
}
