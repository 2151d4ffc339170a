/** What lies over or under the objects and belongs to the view: crosshair and grid. */
import { type Bounds, type Frame, type Point, clamp } from "../geometry";
import type { View } from "../viewport";
import type { Surface } from "./paint";

/** Lines of the grid nearer than this on screen would only grey the picture. */
const LEAST_GAP_PX = 7;

/** Through the pointer, along the screen: takes coordinates of the screen. */
export function paintCrosshair(to: Surface, [x, y]: Point, width: number, height: number): void {
  const px = Math.round(x) + 0.5;
  const py = Math.round(y) + 0.5;
  to.setLineDash([]);
  for (const [color, w] of [["rgba(0,0,0,.45)", 3], ["rgba(255,255,255,.8)", 1]] as const) {
    to.strokeStyle = color;
    to.lineWidth = w;
    to.beginPath();
    to.moveTo(px, 0);
    to.lineTo(px, height);
    to.moveTo(0, py);
    to.lineTo(width, py);
    to.stroke();
  }
}

/** The step of the grid that can be told apart at this scale: the one asked for, doubled as often as it must be. */
export function gridStep(askedPx: number, scale: number): number {
  let step = Math.max(1, askedPx);
  while (step * scale < LEAST_GAP_PX) step *= 2;
  return step;
}

/** Lines along the picture's own axes over the area in view: takes coordinates of the sheet. */
export function paintGrid(to: Surface, view: View, area: Bounds, frame: Frame, askedPx: number): void {
  const step = gridStep(askedPx, view.scale);
  const x0 = clamp(area.x0, 0, frame.width);
  const x1 = clamp(area.x1, 0, frame.width);
  const y0 = clamp(area.y0, 0, frame.height);
  const y1 = clamp(area.y1, 0, frame.height);
  const sheetX = (x: number): number => Math.round(x * view.scale + view.tx) + 0.5;
  const sheetY = (y: number): number => Math.round(y * view.scale + view.ty) + 0.5;
  to.setLineDash([]);
  to.beginPath();
  for (let x = Math.ceil(x0 / step) * step; x <= x1; x += step) {
    to.moveTo(sheetX(x), sheetY(y0));
    to.lineTo(sheetX(x), sheetY(y1));
  }
  for (let y = Math.ceil(y0 / step) * step; y <= y1; y += step) {
    to.moveTo(sheetX(x0), sheetY(y));
    to.lineTo(sheetX(x1), sheetY(y));
  }
  for (const [color, width] of [["rgba(0,0,0,.28)", 3], ["rgba(255,255,255,.6)", 1]] as const) {
    to.strokeStyle = color;
    to.lineWidth = width;
    to.stroke();
  }
}
