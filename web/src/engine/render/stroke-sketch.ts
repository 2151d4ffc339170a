/** The brush at the pointer, and lines drawn by hand: dark under light, so that they are seen on any picture. */
import type { Point } from "../geometry";
import { stampCentre } from "../raster/stroke";
import type { BrushSketch, TrailSketch } from "../tools/tool";
import type { View } from "../viewport";
import type { Surface } from "./paint";

const LINES = [["rgba(0,0,0,.65)", 3], ["#ffffff", 1.25]] as const;
/** A brush smaller than this on screen gets a cross, so that it can be found. */
const SMALL_PX = 6;

export function paintStrokeSketch(to: Surface, sketch: BrushSketch | TrailSketch, view: View): void {
  if (sketch.kind === "brush") paintBrush(to, sketch, view);
  else paintTrail(to, sketch, view);
}

function paintBrush(to: Surface, { at, sizePx, form, isErasing, line }: BrushSketch, { scale, tx, ty }: View): void {
  const place = ([x, y]: Point): Point => [x * scale + tx, y * scale + ty];
  const [x, y] = place(stampCentre(at, sizePx));
  const r = (sizePx / 2) * scale;
  for (const [color, width] of LINES) {
    to.strokeStyle = color;
    to.lineWidth = width;
    to.setLineDash(isErasing ? [5, 4] : []);
    to.beginPath();
    if (form === "round") to.arc(x, y, r, 0, 2 * Math.PI);
    else to.rect(x - r, y - r, 2 * r, 2 * r);
    to.stroke();
    if (line) strokeLine(to, [place(line), [x, y]]);
    if (r < SMALL_PX) paintCross(to, x, y);
  }
  to.setLineDash([]);
}

function paintCross(to: Surface, x: number, y: number): void {
  to.setLineDash([]);
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) strokeLine(to, [[x + 4 * dx, y + 4 * dy], [x + 9 * dx, y + 9 * dy]]);
}

const TRAIL_FILLS = { add: "rgba(255,255,255,.18)", cut: "rgba(0,0,0,.28)", divide: null } as const;

function paintTrail(to: Surface, { points, purpose }: TrailSketch, { scale, tx, ty }: View): void {
  const places = points.map(([x, y]): Point => [x * scale + tx, y * scale + ty]);
  const fill = TRAIL_FILLS[purpose];
  for (const [color, width] of LINES) {
    to.strokeStyle = color;
    to.lineWidth = width + (purpose === "divide" ? 0.5 : 0);
    to.setLineDash(purpose === "add" ? [] : [6, 4]);
    strokeLine(to, places);
  }
  to.setLineDash([]);
  if (!fill) return;
  to.fillStyle = fill;
  to.fill("evenodd");
}

function strokeLine(to: Surface, points: readonly Point[]): void {
  to.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? to.moveTo(x, y) : to.lineTo(x, y)));
  to.stroke();
}
