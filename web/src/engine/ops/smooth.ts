/** Rounder outlines: corners cut at a quarter of each edge (G. Chaikin 1974); masks by a vote of the pixels around. */
import type { Frame, Point } from "../geometry";
import { bitmapOfSpans, spansOfBitmap } from "../raster/bitmap";
import { clippedSpans } from "../raster/combine";
import type { Spans } from "../raster/spans";
import type { Rings } from "./clip";
import { netOf, ringsOfNet } from "./arcs";
import { isSimple } from "./crossings";
import { regrouped, simplifiedLine, simplifiedPolygons } from "./simplify";

/** Points that a rounded corner does not need are dropped again at this tolerance. */
const TIDY_PX = 0.15;

/** The polygons with corners cut `times` times; shared borders stay shared, `fixed` neighbours stay as they are. */
export function smoothedPolygons(polygons: readonly Rings[], times: number, fixed: Rings = []): Rings[] {
  const net = netOf(polygons.flat(), fixed);
  const rings = ringsOfNet(net, net.arcs.map(({ points, isClosed }) => chaikin(points, times, isClosed)));
  const tidy = simplifiedPolygons(regrouped(polygons, rings), TIDY_PX, fixed);
  // Cutting corners keeps what is simple simple, but for neighbours that all but touch.
  return tidy.map((p, i) => (isSimple(p) || !isSimple(polygons[i]!) ? p : polygons[i]!));
}

export function smoothedLine(points: readonly Point[], times: number): Point[] {
  return simplifiedLine(chaikin(points, times, false), TIDY_PX);
}

function chaikin(points: readonly Point[], times: number, isClosed: boolean): readonly Point[] {
  let line = points;
  for (let n = 0; n < times; n++) {
    const next: Point[] = isClosed ? [] : [line[0]!];
    for (let i = 0; i + 1 < line.length; i++) {
      const [p, q] = [line[i]!, line[i + 1]!];
      if (isClosed || i > 0) next.push(mixed(p, q, 0.25));
      if (isClosed || i + 2 < line.length) next.push(mixed(p, q, 0.75));
    }
    next.push(isClosed ? next[0]! : line.at(-1)!);
    line = next;
  }
  return line;
}

function mixed(p: Point, q: Point, t: number): Point {
  // Computed from both ends alike, so that a shared border comes out the same in both directions.
  return [p[0] * (1 - t) + q[0] * t, p[1] * (1 - t) + q[1] * t];
}

/** A mask where each pixel says what most of the (2 r + 1)² pixels around it say. */
export function smoothedSpans(spans: Spans, radius: number, frame: Frame): Spans {
  const bitmap = bitmapOfSpans(spans, radius + 1);
  const { width, height, data } = bitmap;
  const across = new Uint16Array(width * height);
  for (let y = 0; y < height; y++) slide(data, across, y * width, 1, width, radius);
  const all = new Uint32Array(width * height);
  for (let x = 0; x < width; x++) slide(across, all, x, width, height, radius);
  const side = 2 * radius + 1;
  for (let i = 0; i < data.length; i++) data[i] = 2 * all[i]! > side * side ? 1 : 0;
  return clippedSpans(spansOfBitmap(bitmap), frame);
}

/** Sums over a window that slides along one line. */
function slide(from: Uint8Array | Uint16Array, to: Uint16Array | Uint32Array, start: number, step: number, count: number, radius: number): void {
  let sum = 0;
  for (let i = -radius; i < count; i++) {
    const enters = i + radius;
    if (enters < count) sum += from[start + enters * step]!;
    if (i < 0) continue;
    to[start + i * step] = sum;
    const leaves = i - radius;
    if (leaves >= 0) sum -= from[start + leaves * step]!;
  }
}
