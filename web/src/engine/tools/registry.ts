/** The one list of tools. */
import type { Editor } from "../editor";
import { DrawBoxTool } from "./draw-box";
import { DrawPolygonTool } from "./draw-polygon";
import { PinTool } from "./pin";
import { SelectTool } from "./select";
import type { Tool } from "./tool";

export const toolIds = ["select", "box", "polygon", "pin"] as const;
export type ToolId = (typeof toolIds)[number];

const MAKERS: Readonly<Record<ToolId, (editor: Editor) => Tool>> = {
  select: (editor) => new SelectTool(editor),
  box: (editor) => new DrawBoxTool(editor),
  polygon: (editor) => new DrawPolygonTool(editor),
  pin: (editor) => new PinTool(editor),
};

export function makeTool(id: ToolId, editor: Editor): Tool {
  return MAKERS[id](editor);
}
