/** What is in hand: selection, hover, the shape being drawn, crosshair. Redrawn on every pointer move, so it stays small. */
import { paintSuggestions } from "../assist/paint-suggestions";
import { findClass, linksIn } from "../ontology";
import { boundsOfGeometry, shapeOf } from "../shapes/registry";
import type { Editor } from "../editor";
import type { Annotation } from "../types";
import type { View } from "../viewport";
import { paintHandles } from "./handles";
import { type Surface, paintHandle, paintOutline, paintShape, paintTag } from "./paint";
import type { RenderOptions } from "./objects";
import { paintSnap } from "./snap-mark";
import { paintSketch, sizeText } from "./sketch";

/** More selected objects than this are outlined without a halo. */
const MOST_HALOS = 200;

/** Paints on the sheet: the surface is turned as the view is. */
export function paintLive(to: Surface, editor: Editor, options: RenderOptions): void {
  const { view } = editor.viewport;
  for (const id of editor.previewed.keys()) if (!editor.selection.has(id)) paintSelected(to, editor, id, options, view);
  paintHover(to, editor, options, view);
  for (const id of editor.selection) paintSelected(to, editor, id, options, view);
  const { active } = editor;
  if (active && !editor.isHidden(active.annotation_id)) paintActive(to, editor, active, options, view);
  paintSuggestions(to, editor, view);
  if (editor.snapper.mark) paintSnap(to, editor.snapper.mark, view);
  if (editor.tool.sketch) paintSketch(to, editor, editor.tool.sketch, view, options.sketchColor());
}

function paintSelected(to: Surface, editor: Editor, id: string, options: RenderOptions, view: View): void {
  const annotation = editor.shown(id)?.annotation;
  if (!annotation || editor.isHidden(id)) return;
  const color = options.colorOf(annotation);
  const bounds = boundsOfGeometry(annotation.geometry);
  const { lineWidth, fillAlpha } = options.look;
  const links = linksIn(editor.ontology, annotation);
  const hasRim = editor.selection.size <= MOST_HALOS;
  paintShape(to, annotation, view, bounds, { color, width: lineWidth + 0.25, dash: [], fillAlpha: fillAlpha * 1.25, alpha: 1, links, hasRim });
  if (hasRim && !shapeOf(annotation.geometry).paint) paintOutline(to, annotation, view, color, lineWidth + 0.25, links);
}

function paintHover(to: Surface, editor: Editor, options: RenderOptions, view: View): void {
  const { hover } = editor;
  if (!hover || editor.selection.has(hover.id) || editor.previewed.has(hover.id)) return;
  const annotation = editor.document.findAnnotation(hover.id);
  if (!annotation) return;
  const color = options.colorOf(annotation);
  const bounds = boundsOfGeometry(annotation.geometry);
  const { lineWidth, fillAlpha, tags } = options.look;
  paintShape(to, annotation, view, bounds, { color, width: lineWidth + 0.75, dash: [], fillAlpha: fillAlpha * 1.5, alpha: 1, links: linksIn(editor.ontology, annotation) });
  if (tags === "hover" || tags === "always") paintTag(to, options.tagOf(annotation), bounds.x0 * view.scale + view.tx, bounds.y0 * view.scale + view.ty, color);
}

/** The node under the pointer, by the name that its template gives it, and whether it is seen. */
function paintNodeName(to: Surface, editor: Editor, { class_id, geometry }: Annotation, nodeId: string, view: View, color: string): void {
  const node = geometry.kind === "skeleton" ? geometry.nodes.find((n) => n.node_id === nodeId) : null;
  if (!node) return;
  const name = findClass(editor.ontology, class_id)?.skeleton?.nodes.find((n) => n.node_id === nodeId)?.name ?? nodeId;
  paintTag(to, node.state === "visible" ? name : `${name}, ${node.state}`, node.at[0] * view.scale + view.tx + 10, node.at[1] * view.scale + view.ty - 6, color);
}

function paintActive(to: Surface, editor: Editor, active: Annotation, options: RenderOptions, view: View): void {
  const color = options.colorOf(active);
  const { hover } = editor;
  const isBusy = editor.previewed.size > 0;
  if (!editor.isReadonly && !editor.isLocked(active.annotation_id)) {
    const shape = shapeOf(active.geometry);
    const b = shape.bounds(active.geometry);
    const hot = hover?.on === "handle" && hover.id === active.annotation_id ? hover.handle : null;
    const leastSide = Math.min(b.x1 - b.x0, b.y1 - b.y0) * view.scale;
    paintHandles(to, shape.handles(active.geometry, 1 / view.scale), { view, color, leastSide, hotId: hot?.id ?? null });
    if (hot?.role === "node") paintNodeName(to, editor, active, hot.id, view, color);
    if (hover?.on === "edge" && hover.id === active.annotation_id && !isBusy) {
      const [x, y] = hover.spot.at;
      to.globalAlpha = 0.75;
      paintHandle(to, x * view.scale + view.tx, y * view.scale + view.ty, { isRound: true, isHot: true, color });
      to.globalAlpha = 1;
    }
  }
  const b = boundsOfGeometry(active.geometry);
  const size = isBusy ? `  ${sizeText(active.geometry)}` : "";
  const tag = options.look.tags === "never" ? "" : options.tagOf(active);
  paintTag(to, (tag + size).trim(), b.x0 * view.scale + view.tx, b.y0 * view.scale + view.ty - 7, color);
}
