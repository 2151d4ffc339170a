/**
 * Masks are painted as screen pixels, made once for a place of the view and then only copied. Where the browser
 * gives no canvas off the screen the caller falls back to tracing the outline.
 */
import type { Stroke, Surface } from "../render/paint";
import { xored } from "../raster/combine";
import { type Ink, type Lay, type Window, colorsOf, markedWindow } from "../raster/screen";
import type { Spans } from "../raster/spans";
import type { View } from "../viewport";

interface Plate {
  spans: Spans;
  readonly key: string;
  /** Null where nothing of the mask is in the window. */
  readonly canvas: OffscreenCanvas | null;
  /** The part of the sheet that it shows, in device pixels. */
  readonly window: Window;
}

/** Plates kept: the masks in hand are painted again at every move of the pointer. */
const MOST_PLATES = 8;
/** Room around a mask for the strokes to come, in device pixels. */
const ROOM_PX = 200;
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
  const lay: Lay = { k: view.scale * ratio, tx: view.tx * ratio, ty: view.ty * ratio };
  const ink = inkOf(stroke, ratio);
  const key = [...Object.values(lay), ...Object.values(window), ...Object.values(ink)].join();
  const { canvas, window: { x0, y0 } } = plateOf(spans, key, lay, window, ink);
  if (!canvas) return;
  to.globalAlpha = 1;
  to.imageSmoothingEnabled = false;
  to.drawImage(canvas, x0 / ratio, y0 / ratio, canvas.width / ratio, canvas.height / ratio);
}

/** The plate of these pixels: kept, brought up to date where only a little has changed, or made anew. */
function plateOf(spans: Spans, key: string, lay: Lay, window: Window, ink: Ink): Plate {
  let at = plates.findIndex((p) => p.spans === spans && p.key === key);
  if (at < 0) at = plates.findIndex((p) => p.key === key && isRefreshed(p, spans, lay, window, ink));
  const plate = at >= 0 ? plates.splice(at, 1)[0]! : madePlate(spans, key, lay, window, ink);
  plates.push(plate);
  if (plates.length > MOST_PLATES) plates.shift();
  return plate;
}

function madePlate(spans: Spans, key: string, lay: Lay, window: Window, ink: Ink): Plate {
  const marked = markedWindow(spans, lay, window, ink);
  if (!marked) return { spans, key, canvas: null, window };
  const roomy: Window = {
    x0: Math.max(window.x0, marked.x0 - ROOM_PX), y0: Math.max(window.y0, marked.y0 - ROOM_PX),
    x1: Math.min(window.x1, marked.x1 + ROOM_PX), y1: Math.min(window.y1, marked.y1 + ROOM_PX),
  };
  const plate: Plate = { spans, key, canvas: new OffscreenCanvas(roomy.x1 - roomy.x0, roomy.y1 - roomy.y0), window: roomy };
  put(plate, marked, colorsOf(spans, lay, marked, ink));
  return plate;
}

/** Paints only what differs from what the plate shows; false where that is not worth it or leaves the plate. */
function isRefreshed(plate: Plate, spans: Spans, lay: Lay, window: Window, ink: Ink): boolean {
  const { canvas, window: own } = plate;
  if (!canvas) return false;
  const changed = markedWindow(xored(plate.spans, spans), lay, window, ink);
  if (changed) {
    const isInside = changed.x0 >= own.x0 && changed.y0 >= own.y0 && changed.x1 <= own.x1 && changed.y1 <= own.y1;
    const share = ((changed.x1 - changed.x0) * (changed.y1 - changed.y0)) / (canvas.width * canvas.height);
    if (!isInside || share > 0.5) return false;
    put(plate, changed, colorsOf(spans, lay, changed, ink));
  }
  plate.spans = spans;
  return true;
}

function put({ canvas, window }: Plate, area: Window, colors: Uint32Array): void {
  const pixels = new ImageData(new Uint8ClampedArray(colors.buffer as ArrayBuffer), area.x1 - area.x0, area.y1 - area.y0);
  canvas!.getContext("2d")!.putImageData(pixels, area.x0 - window.x0, area.y0 - window.y0);
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
