/** What a tool is about to make, on the live layer. */
import type { Point } from "../geometry";
import { linksIn } from "../ontology";
import { shapeOf } from "../shapes/registry";
import { lengthOf } from "../shapes/path";
import type { Editor } from "../editor";
import type { Note, Sketch } from "../tools/tool";
import type { Annotation, Geometry } from "../types";
import type { View } from "../viewport";
import { paintHandles } from "./handles";
import { type Surface, paintHandle, paintOutline, paintShape, paintTag } from "./paint";
import { paintStrokeSketch } from "./stroke-sketch";
import { msg } from "../text";

type ToScreen = (p: Point) => Point;

export function paintSketch(to: Surface, editor: Editor, sketch: Sketch, view: View, color: string): void {
  const screen: ToScreen = ([x, y]) => [x * view.scale + view.tx, y * view.scale + view.ty];
  switch (sketch.kind) {
    case "geometry":
      return paintGeometry(to, editor, sketch, color, view, screen);
    case "path":
      paintPath(to, sketch, color, screen);
      return paintNote(to, sketch.note, color, screen);
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
      return;
    }
    case "brush":
    case "trail":
      return paintStrokeSketch(to, sketch, view);
  }
}

function paintGeometry(to: Surface, editor: Editor, sketch: Extract<Sketch, { kind: "geometry" }>, color: string, view: View, screen: ToScreen): void {
  const { geometry, note, handles, hotId } = sketch;
  const b = shapeOf(geometry).bounds(geometry);
  const stand: Annotation = {
    annotation_id: "", class_id: editor.classId ?? "", geometry, attributes: {}, is_occluded: false, is_truncated: false, score: null, origin: null, group_id: null,
  };
  const links = linksIn(editor.ontology, stand);
  paintShape(to, stand, view, b, { color, width: 2, dash: [], fillAlpha: 0.12, alpha: 1, links });
  paintOutline(to, stand, view, color, 2, links);
  if (handles) paintHandles(to, handles, { view, color, leastSide: Infinity, hotId: hotId ?? null });
  if (note) return paintNote(to, note, color, screen);
  const [x, y] = screen([b.x0, b.y0]);
  const size = sizeText(geometry);
  if (size) paintTag(to, size, x, y - 4, color);
}

/** How large a shape is, in the numbers that its drawer watches. */
export function sizeText(geometry: Geometry): string {
  const whole = (n: number): string => String(Math.round(n));
  switch (geometry.kind) {
    case "rotated_box":
      return `${whole(geometry.size_wh[0])} × ${whole(geometry.size_wh[1])}  ${geometry.angle_deg.toFixed(1)}°`;
    case "ellipse":
      return `${whole(2 * geometry.radii_xy[0])} × ${whole(2 * geometry.radii_xy[1])}${geometry.angle_deg ? `  ${geometry.angle_deg.toFixed(1)}°` : ""}`;
    case "polyline":
      return msg`${whole(lengthOf(geometry.points))} px`;
    case "point":
      return `${whole(geometry.point_xy[0])}, ${whole(geometry.point_xy[1])}`;
    default: {
      const b = shapeOf(geometry).bounds(geometry);
      return `${whole(b.x1 - b.x0)} × ${whole(b.y1 - b.y0)}`;
    }
  }
}

function paintNote(to: Surface, note: Note | null | undefined, color: string, screen: ToScreen): void {
  if (!note) return;
  const [x, y] = screen(note.at);
  paintTag(to, note.text, x + 14, y - 10, color);
}

function paintPath(to: Surface, sketch: Extract<Sketch, { kind: "path" }>, color: string, screen: ToScreen): void {
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
  if (!sketch.isOpen) {
    to.globalAlpha = 0.14;
    to.fillStyle = color;
    to.fill();
    to.globalAlpha = 1;
  }
  to.strokeStyle = "rgba(0,0,0,.65)";
  to.lineWidth = 4;
  to.stroke();
  trace();
  to.strokeStyle = color;
  to.lineWidth = 2;
  to.stroke();
  points.forEach(([x, y], i) => paintHandle(to, x, y, { isRound: true, isHot: i === 0 && sketch.canClose, color }));
}
