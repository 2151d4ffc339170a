/** Suggestions look like no label: long dashes that alternate with white, and a tag that says whose they are. */
import type { Bounds } from "../geometry";
import type { Editor } from "../editor";
import { findClass } from "../ontology";
import { type Surface, paintTag } from "../render/paint";
import { boundsOfGeometry, shapeOf } from "../shapes/registry";
import type { View } from "../viewport";
import type { Outline } from "./outcome";
import type { Suggestion } from "./suggestions";
import { msg } from "../text";

const DASH_PX = [7, 5] as const;

export function paintSuggestions(to: Surface, editor: Editor, view: View): void {
  const { open, current } = editor.suggestions;
  for (const suggestion of open) if (suggestion !== current) paintOne(to, editor, suggestion, view, false);
  if (current) paintOne(to, editor, current, view, true);
  to.setLineDash([]);
  to.globalAlpha = 1;
}

function paintOne(to: Surface, editor: Editor, { geometry, outline, classId, score }: Suggestion, view: View, isCurrent: boolean): void {
  const item = classId === null ? editor.currentClass : findClass(editor.ontology, classId);
  const color = item?.color ?? "#ffffff";
  const bounds = boundsOfGeometry(geometry);
  const dash = [...DASH_PX];
  to.beginPath();
  if (outline) traceOutline(to, outline, view);
  else shapeOf(geometry).trace(geometry, to, view.scale, view.tx, view.ty, 0);
  to.globalAlpha = isCurrent ? 0.28 : 0.1;
  to.fillStyle = color;
  to.fill("evenodd");
  to.globalAlpha = isCurrent ? 1 : 0.75;
  to.lineWidth = isCurrent ? 2.5 : 1.75;
  to.setLineDash([]);
  to.strokeStyle = "#fff";
  to.stroke();
  to.setLineDash(dash);
  to.strokeStyle = isCurrent ? "#111" : color;
  to.stroke();
  to.setLineDash([]);
  if (isCurrent || score !== null) tag(to, `${item?.name ?? msg`Object`}?${score === null ? "" : ` ${Math.round(score * 100)} %`}`, bounds, view, color);
}

function tag(to: Surface, text: string, { x0, y0 }: Bounds, view: View, color: string): void {
  paintTag(to, text, x0 * view.scale + view.tx, y0 * view.scale + view.ty - 4, color);
}

function traceOutline(to: Surface, outline: Outline, { scale, tx, ty }: View): void {
  for (const ring of outline) {
    ring.forEach(([x, y], i) => (i === 0 ? to.moveTo(x * scale + tx, y * scale + ty) : to.lineTo(x * scale + tx, y * scale + ty)));
    to.closePath();
  }
}
