/** How one object looks: stroke, fill, dashes, handles. Works on the few canvas calls named in `Surface`. */
import type { Links, Mark, PathSink, Shape } from "../shapes/shape";
import { shapeOf } from "../shapes/registry";
import type { Annotation } from "../types";
import type { Bounds } from "../geometry";
import type { View } from "../viewport";

/** The part of CanvasRenderingContext2D that painting uses. Painters never set the transform: the view may be turned. */
export type Surface = PathSink &
  Pick<
    CanvasRenderingContext2D,
    | "beginPath" | "stroke" | "fill" | "fillRect" | "strokeRect" | "clearRect" | "setLineDash" | "save" | "restore" | "rect"
    | "clip" | "setTransform" | "getTransform" | "translate" | "fillText" | "measureText" | "drawImage" | "arc" | "ellipse" | "roundRect"
    | "fillStyle" | "strokeStyle" | "lineWidth" | "globalAlpha" | "font" | "textBaseline" | "imageSmoothingEnabled"
    | "imageSmoothingQuality" | "lineJoin" | "lineCap" | "canvas"
  >;

export interface Stroke {
  readonly color: string;
  readonly width: number;
  readonly dash: readonly number[];
  readonly fillAlpha: number;
  readonly alpha: number;
  /** What joins the nodes of a skeleton. */
  readonly links?: Links | undefined;
  /** A dark rim around shapes that paint themselves. */
  readonly hasRim?: boolean;
}

/** Dashes need room to be seen as such; on smaller objects a thin line stands for them, which is also much faster. */
const DASH_PX = 36;
/** Objects smaller than this on screen are drawn as a plain mark. */
const SPECK_PX = 3;
/** Points nearer than this on screen add nothing to an outline. */
const SKIP_PX = 0.7;

export function paintShape(to: Surface, annotation: Annotation, view: View, bounds: Bounds, stroke: Stroke): void {
  const { scale, tx, ty } = view;
  const w = (bounds.x1 - bounds.x0) * scale;
  const h = (bounds.y1 - bounds.y0) * scale;
  const shape = shapeOf(annotation.geometry);
  const marks = shape.marks?.(annotation.geometry);
  if (w < SPECK_PX && h < SPECK_PX && !marks) {
    to.fillStyle = stroke.color;
    to.fillRect(bounds.x0 * scale + tx, bounds.y0 * scale + ty, Math.max(1.5, w), Math.max(1.5, h));
    return;
  }
  if (shape.paint?.(annotation.geometry, to, view, stroke)) return;
  if (shape.traceBody && stroke.fillAlpha > 0) fillBody(to, shape, annotation, view, stroke);
  to.beginPath();
  shape.trace(annotation.geometry, to, scale, tx, ty, SKIP_PX, stroke.links);
  if (!shape.traceBody && stroke.fillAlpha > 0) fill(to, stroke);
  to.globalAlpha = stroke.alpha;
  to.strokeStyle = stroke.color;
  const isThin = stroke.dash.length > 0 && Math.max(w, h) < DASH_PX;
  to.lineWidth = isThin ? stroke.width * 0.55 : stroke.width;
  to.setLineDash(isThin ? [] : (stroke.dash as number[]));
  to.stroke();
  if (marks) paintMarks(to, marks, view, stroke.color, stroke.width);
  to.globalAlpha = 1;
}

function fill(to: Surface, stroke: Stroke): void {
  to.globalAlpha = stroke.fillAlpha;
  to.fillStyle = stroke.color;
  to.fill("evenodd");
}

function fillBody(to: Surface, shape: Shape, { geometry }: Annotation, { scale, tx, ty }: View, stroke: Stroke): void {
  to.beginPath();
  shape.traceBody!(geometry, to, scale, tx, ty, SKIP_PX);
  fill(to, stroke);
}

const MARK_RADIUS_PX = 3.5;

/** Spots of fixed size with a dark rim: filled, hollow, or crossed. */
export function paintMarks(to: Surface, marks: readonly Mark[], view: View, color: string, width: number): void {
  const r = MARK_RADIUS_PX + Math.max(0, width - 1.75);
  to.setLineDash([]);
  for (const { at, look } of marks) {
    const x = at[0] * view.scale + view.tx;
    const y = at[1] * view.scale + view.ty;
    for (const [ink, line] of [["rgba(0,0,0,.65)", 3.5], [color, 1.75]] as const) {
      to.beginPath();
      if (look === "cross") {
        to.moveTo(x - r, y - r);
        to.lineTo(x + r, y + r);
        to.moveTo(x + r, y - r);
        to.lineTo(x - r, y + r);
      } else to.arc(x, y, r, 0, Math.PI * 2);
      to.strokeStyle = ink;
      to.lineWidth = line;
      to.stroke();
    }
    if (look !== "dot") continue;
    to.fillStyle = color;
    to.fill();
  }
}

/** A dark line under a light one: visible on any picture. */
export function paintOutline(to: Surface, annotation: Annotation, view: View, color: string, width: number, links?: Links): void {
  const shape = shapeOf(annotation.geometry);
  if (shape.paint?.(annotation.geometry, to, view, { color, width, dash: [], fillAlpha: 0, alpha: 1, hasRim: true })) return;
  const marks = shape.marks?.(annotation.geometry);
  const trace = (): void => {
    to.beginPath();
    shape.trace(annotation.geometry, to, view.scale, view.tx, view.ty, 0, links);
  };
  to.setLineDash([]);
  trace();
  to.strokeStyle = "rgba(0,0,0,.65)";
  to.lineWidth = width + 2;
  to.stroke();
  trace();
  to.strokeStyle = color;
  to.lineWidth = width;
  to.stroke();
  if (marks) paintMarks(to, marks, view, color, width);
}

export const HANDLE_PX = 8;
export const SMALL_HANDLE_PX = 5;

export interface HandleLook {
  readonly isRound: boolean;
  readonly isHot: boolean;
  readonly color: string;
  readonly sizePx?: number;
}

export function paintHandle(to: Surface, x: number, y: number, { isRound, isHot, color, sizePx = HANDLE_PX }: HandleLook): void {
  const r = (isHot ? sizePx + 3 : sizePx) / 2;
  to.setLineDash([]);
  to.beginPath();
  if (isRound) to.arc(x, y, r, 0, Math.PI * 2);
  else to.rect(x - r, y - r, 2 * r, 2 * r);
  to.fillStyle = isHot ? color : "#fff";
  to.strokeStyle = isHot ? "#fff" : "rgba(0,0,0,.75)";
  to.lineWidth = 1.25;
  to.fill();
  to.stroke();
}

const TAG_FONT = "600 11px system-ui, sans-serif";
export const TAG_HEIGHT = 16;
const TAG_PADDING = 10;

/** Width of a plate with this text. */
export function tagWidth(to: Surface, text: string): number {
  to.font = TAG_FONT;
  return to.measureText(text).width + TAG_PADDING;
}

/** A small plate with text, its lower left corner at (x, y), upright however the view is turned; `stays` keeps it on the canvas. */
export function paintTag(to: Surface, text: string, x: number, y: number, color: string, stays = true): void {
  if (text === "") return;
  const { a, b, c, d, e, f } = to.getTransform();
  const isTurned = b !== 0 || c !== 0 || a < 0;
  if (!isTurned) return paintPlate(to, text, x, y, color, stays);
  const ratio = Math.hypot(a, b);
  to.save();
  to.setTransform(ratio, 0, 0, ratio, 0, 0);
  paintPlate(to, text, (a * x + c * y + e) / ratio, (b * x + d * y + f) / ratio, color, stays);
  to.restore();
}

function paintPlate(to: Surface, text: string, x: number, y: number, color: string, stays: boolean): void {
  const width = tagWidth(to, text);
  to.textBaseline = "middle";
  const top = stays ? Math.max(0, y - TAG_HEIGHT) : y - TAG_HEIGHT;
  to.globalAlpha = 0.94;
  to.fillStyle = color;
  to.fillRect(x, top, width, TAG_HEIGHT);
  to.globalAlpha = 1;
  to.fillStyle = inkOn(color);
  to.fillText(text, x + 5, top + TAG_HEIGHT / 2 + 0.5);
}

/** Black or white, whichever reads better on the colour (WCAG relative luminance). */
export function inkOn(color: string): string {
  const channel = (at: number): number => {
    const c = parseInt(color.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.18 ? "#111" : "#fff";
}
