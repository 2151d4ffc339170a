/** Which tool draws what: a class that cannot be drawn with the tool in hand gets one that can. */
import type { Editor } from "../editor";
import { isGeometryKind } from "../shapes/registry";
import type { GeometryKind, OntologyClass } from "../types";
import { type ToolId, makeTool } from "./registry";

/** The first choice for each kind. */
const FIRST: Readonly<Record<GeometryKind, ToolId>> = {
  box: "box", polygon: "polygon", rotated_box: "rotated_box", polyline: "polyline", bezier: "bezier",
  ellipse: "ellipse", point: "point", skeleton: "skeleton", cuboid: "cuboid", mask: "brush",
  // Spans are drawn by selecting text, with no tool in hand.
  span: "select",
};

/** The tool for the first kind of a class; null when it is drawn as nothing that is known. */
export function firstTool(item: OntologyClass): ToolId | null {
  const kind = item.geometry_kinds.find(isGeometryKind);
  return kind ? FIRST[kind] : null;
}

/** The tool itself where the class at hand is drawn with it, else the first for that class. */
export function toolFor(editor: Editor, id: ToolId): ToolId | null {
  const { currentClass } = editor;
  const { draws } = makeTool(id, editor);
  if (!currentClass || draws === null || currentClass.geometry_kinds.includes(draws)) return id;
  return firstTool(currentClass);
}

/** After a class was chosen: a drawing tool that does not fit it is put down for one that does. */
export function fitTool(editor: Editor): void {
  const { tool, currentClass } = editor;
  if (tool.draws === null || !currentClass || currentClass.geometry_kinds.includes(tool.draws)) return;
  const fitting = firstTool(currentClass);
  if (fitting) editor.setTool(fitting);
}
