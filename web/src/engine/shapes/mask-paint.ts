/**
 * Masks are painted as screen pixels, made once for a place of the view and then only copied. Where the browser
 * gives no canvas off the screen the caller falls back to tracing the outline.
 */
import type { Stroke, Surface } from "../render/paint";
import { type Ink, type Window, patchOf } from "../raster/screen";
import type { Spans } from "../raster/spans";
import type { View } from "../viewport";

interface Plate {
  readonly spans: Spans;
  readonly key: string;
  /** Null where nothing of the mask is in the window. */
  readonly canvas: OffscreenCanvas | null;
  readonly x: number;
  readonly y: number;
}

/** Plates kept: the masks in hand are painted again at every move of the pointer. */
const MOST_PLATES = 8;
const RIM = 0xa6000000;

const plates: Plate[] = [];

/** Whether this machine can paint masks so. */
export function canPaintMasks(): boolean {
  return typeof OffscreenCanvas !== "undefined";
}

/** Paints on a surface whose transform turns and shifts, but scales by the device's pixel ratio alone. */
export function paintMask(to: Surface, spans: Spans, view: View, stroke: Stroke): void {
  const { a, b, c, d, e, f } = to.getTransform();
  const ratio = Math.hypot(a, b);
  const window = windowOf(to, { a, b, c, d, e, f }, ratio);
  const k = view.scale * ratio;
  const ink = inkOf(stroke, ratio);
  const key = [k, view.tx, view.ty, window.x0, window.y0, window.x1, window.y1, ...Object.values(ink)].join();
  const plate = plateOf(spans, key, k, view.tx * ratio, view.ty * ratio, window, ink);
  if (!plate.canvas) return;
  to.globalAlpha = 1;
  to.imageSmoothingEnabled = false;
  to.drawImage(plate.canvas, plate.x / ratio, plate.y / ratio, plate.canvas.width / ratio, plate.canvas.height / ratio);
}

function plateOf(spans: Spans, key: string, k: number, tx: number, ty: number, window: Window, ink: Ink): Plate {
  const at = plates.findIndex((p) => p.spans === spans && p.key === key);
  const plate = at >= 0 ? plates.splice(at, 1)[0]! : madePlate(spans, key, k, tx, ty, window, ink);
  plates.push(plate);
  if (plates.length > MOST_PLATES) plates.shift();
  return plate;
}

function madePlate(spans: Spans, key: string, k: number, tx: number, ty: number, window: Window, ink: Ink): Plate {
  const patch = patchOf(spans, k, tx, ty, window, ink);
  if (!patch) return { spans, key, canvas: null, x: 0, y: 0 };
  const { x0, y0, width, height, colors } = patch;
  const canvas = new OffscreenCanvas(width, height);
  const pixels = new ImageData(new Uint8ClampedArray(colors.buffer as ArrayBuffer), width, height);
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  return { spans, key, canvas, x: x0, y: y0 };
}

/** What of the sheet, in device pixels, the surface can show. */
function windowOf(to: Surface, m: Pick<DOMMatrix, "a" | "b" | "c" | "d" | "e" | "f">, ratio: number): Window {
  const { width, height } = to.canvas;
  const det = m.a * m.d - m.b * m.c;
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [px, py] of [[0, 0], [width, 0], [width, height], [0, height]] as const) {
    const x = ((px - m.e) * m.d - (py - m.f) * m.c) / det;
    const y = ((py - m.f) * m.a - (px - m.e) * m.b) / det;
    x0 = Math.min(x0, x);
    y0 = Math.min(y0, y);
    x1 = Math.max(x1, x);
    y1 = Math.max(y1, y);
  }
  return { x0: Math.floor(x0 * ratio), y0: Math.floor(y0 * ratio), x1: Math.ceil(x1 * ratio), y1: Math.ceil(y1 * ratio) };
}

function inkOf(stroke: Stroke, ratio: number): Ink {
  const color = packed(stroke.color);
  return {
    fill: withAlpha(color, stroke.fillAlpha * stroke.alpha),
    border: withAlpha(color, stroke.alpha),
    rim: stroke.hasRim ? RIM : 0,
    borderPx: Math.max(1, Math.round(stroke.width * ratio)),
    isDashed: stroke.dash.length > 0,
  };
}

/** "#rrggbb" with red in the lowest byte. */
function packed(color: string): number {
  const rgb = parseInt(color.slice(1, 7), 16);
  return ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16);
}

function withAlpha(color: number, alpha: number): number {
  return ((Math.round(255 * Math.min(1, alpha)) << 24) | color) >>> 0;
}
