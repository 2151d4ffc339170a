/** What is in hand: selection, hover, the shape being drawn, crosshair. Redrawn on every pointer move, so it stays small. */
import type { Point } from "../geometry";
import { boundsOfGeometry, shapeOf } from "../shapes/registry";
import type { Editor } from "../editor";
import type { Sketch } from "../tools/tool";
import type { Annotation } from "../types";
import type { View } from "../viewport";
import { HANDLE_PX, SMALL_HANDLE_PX, type Surface, paintHandle, paintOutline, paintShape, paintTag } from "./paint";
import type { RenderOptions } from "./renderer";

/** More selected objects than this are outlined without a halo. */
const MOST_HALOS = 200;
/** On smaller objects the handles of the sides would hide the corners. */
const ROOM_FOR_SIDES_PX = 36;
const SMALL_PX = 26;

export function paintLive(to: Surface, editor: Editor, options: RenderOptions, pointer: Point | null): void {
  const { view } = editor.viewport;
  const isDrawing = editor.tool.draws !== null;
  if (isDrawing && options.showsCrosshair && pointer) paintCrosshair(to, pointer, editor.viewport.width, editor.viewport.height);
  for (const id of editor.previewed.keys()) if (!editor.selection.has(id)) paintSelected(to, editor, id, options, view);
  paintHover(to, editor, options, view);
  for (const id of editor.selection) paintSelected(to, editor, id, options, view);
  const { active } = editor;
  if (active && !editor.isHidden(active.annotation_id)) paintActive(to, editor, active, options, view);
  if (editor.tool.sketch) paintSketch(to, editor, editor.tool.sketch, view);
}

function paintSelected(to: Surface, editor: Editor, id: string, options: RenderOptions, view: View): void {
  const annotation = editor.shown(id)?.annotation;
  if (!annotation || editor.isHidden(id)) return;
  const color = options.colorOf(annotation);
  const bounds = boundsOfGeometry(annotation.geometry);
  paintShape(to, annotation, view, bounds, { color, width: 2, dash: [], fillAlpha: 0.16, alpha: 1 });
  if (editor.selection.size <= MOST_HALOS) paintOutline(to, annotation, view, color, 2);
}

function paintHover(to: Surface, editor: Editor, options: RenderOptions, view: View): void {
  const { hover } = editor;
  if (!hover || editor.selection.has(hover.id) || editor.previewed.has(hover.id)) return;
  const annotation = editor.document.findAnnotation(hover.id);
  if (!annotation) return;
  const color = options.colorOf(annotation);
  const bounds = boundsOfGeometry(annotation.geometry);
  paintShape(to, annotation, view, bounds, { color, width: 2.5, dash: [], fillAlpha: 0.2, alpha: 1 });
  paintTag(to, options.tagOf(annotation), bounds.x0 * view.scale + view.tx, bounds.y0 * view.scale + view.ty, color);
}

function paintActive(to: Surface, editor: Editor, active: Annotation, options: RenderOptions, view: View): void {
  const color = options.colorOf(active);
  const { hover } = editor;
  const isBusy = editor.previewed.size > 0;
  if (!editor.isReadonly && !editor.isLocked(active.annotation_id)) {
    const shape = shapeOf(active.geometry);
    const b = shape.bounds(active.geometry);
    const leastSide = Math.min(b.x1 - b.x0, b.y1 - b.y0) * view.scale;
    for (const handle of shape.handles(active.geometry)) {
      if (handle.role === "side" && leastSide < ROOM_FOR_SIDES_PX) continue;
      const isHot = hover?.on === "handle" && hover.id === active.annotation_id && hover.handle.id === handle.id;
      const x = handle.at[0] * view.scale + view.tx;
      const y = handle.at[1] * view.scale + view.ty;
      paintHandle(to, x, y, { isRound: handle.role === "vertex", isHot, color, sizePx: leastSide < SMALL_PX ? SMALL_HANDLE_PX : HANDLE_PX });
    }
    if (hover?.on === "edge" && hover.id === active.annotation_id && !isBusy) {
      const [x, y] = hover.spot.at;
      to.globalAlpha = 0.75;
      paintHandle(to, x * view.scale + view.tx, y * view.scale + view.ty, { isRound: true, isHot: true, color });
      to.globalAlpha = 1;
    }
  }
  const b = boundsOfGeometry(active.geometry);
  const size = isBusy ? `  ${Math.round(b.x1 - b.x0)} × ${Math.round(b.y1 - b.y0)}` : "";
  paintTag(to, options.tagOf(active) + size, b.x0 * view.scale + view.tx, b.y0 * view.scale + view.ty - 7, color);
}

function paintSketch(to: Surface, editor: Editor, sketch: Sketch, view: View): void {
  const color = editor.currentClass?.color ?? "#ffffff";
  const screen = ([x, y]: Point): Point => [x * view.scale + view.tx, y * view.scale + view.ty];
  switch (sketch.kind) {
    case "geometry": {
      const shape = shapeOf(sketch.geometry);
      const b = shape.bounds(sketch.geometry);
      const stand: Annotation = { annotation_id: "", class_id: "", geometry: sketch.geometry, attributes: {}, is_occluded: false, is_truncated: false, score: null, origin: null };
      paintShape(to, stand, view, b, { color, width: 2, dash: [], fillAlpha: 0.12, alpha: 1 });
      paintOutline(to, stand, view, color, 2);
      const [x, y] = screen([b.x0, b.y0]);
      paintTag(to, `${Math.round(b.x1 - b.x0)} × ${Math.round(b.y1 - b.y0)}`, x, y - 4, color);
      return;
    }
    case "path":
      return paintPath(to, sketch, color, screen);
    case "marquee": {
      const [x0, y0] = screen(sketch.from);
      const [x1, y1] = screen(sketch.to);
      to.fillStyle = "rgba(255,255,255,.12)";
      to.strokeStyle = "rgba(255,255,255,.9)";
      to.lineWidth = 1;
      to.setLineDash([4, 3]);
      to.fillRect(x0, y0, x1 - x0, y1 - y0);
      to.strokeRect(x0, y0, x1 - x0, y1 - y0);
      to.setLineDash([]);
    }
  }
}

function paintPath(to: Surface, sketch: Extract<Sketch, { kind: "path" }>, color: string, screen: (p: Point) => Point): void {
  const points = sketch.points.map(screen);
  const cursor = sketch.cursor && screen(sketch.cursor);
  const trace = (): void => {
    to.beginPath();
    points.forEach(([x, y], i) => (i === 0 ? to.moveTo(x, y) : to.lineTo(x, y)));
    if (cursor && !sketch.canClose) to.lineTo(cursor[0], cursor[1]);
    if (sketch.canClose) to.closePath();
  };
  to.setLineDash([]);
  trace();
  to.globalAlpha = 0.14;
  to.fillStyle = color;
  to.fill();
  to.globalAlpha = 1;
  to.strokeStyle = "rgba(0,0,0,.65)";
  to.lineWidth = 4;
  to.stroke();
  trace();
  to.strokeStyle = color;
  to.lineWidth = 2;
  to.stroke();
  points.forEach(([x, y], i) => paintHandle(to, x, y, { isRound: true, isHot: i === 0 && sketch.canClose, color }));
}

function paintCrosshair(to: Surface, [x, y]: Point, width: number, height: number): void {
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
