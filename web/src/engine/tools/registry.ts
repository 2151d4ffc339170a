/** The one list of tools. */
import { assistToolIds } from "../assist/port";
import type { Editor } from "../editor";
import { assistMakers } from "./assisted";
import { BrushTool } from "./brush";
import { CutHoleTool } from "./cut-hole";
import { DrawBezierTool } from "./draw-bezier";
import { DrawBoxTool } from "./draw-box";
import { DrawCuboidTool } from "./draw-cuboid";
import { DrawEllipseTool } from "./draw-ellipse";
import { DrawExtremesTool } from "./draw-extremes";
import { DrawNodesTool } from "./draw-nodes";
import { DrawPointTool } from "./draw-point";
import { DrawPolygonTool } from "./draw-polygon";
import { DrawPolylineTool } from "./draw-polyline";
import { DrawRotatedBoxTool } from "./draw-rotated-box";
import { DrawSkeletonTool } from "./draw-skeleton";
import { LassoTool } from "./lasso";
import { PinTool } from "./pin";
import { RefineTool } from "./refine";
import { SelectTool } from "./select";
import { SliceTool } from "./slice";
import type { Tool } from "./tool";

export const toolIds = ["select", "box", "box4", "rotated_box", "polygon", "hole", "polyline", "bezier", "ellipse", "point", "skeleton", "skeleton_nodes", "cuboid", "brush", "eraser", "lasso", "lassoCut", "slice", "simplify", "smooth", "pin", ...assistToolIds] as const;
export type ToolId = (typeof toolIds)[number];

const MAKERS: Readonly<Record<ToolId, (editor: Editor) => Tool>> = {
  select: (editor) => new SelectTool(editor),
  box: (editor) => new DrawBoxTool(editor),
  box4: (editor) => new DrawExtremesTool(editor),
  rotated_box: (editor) => new DrawRotatedBoxTool(editor),
  polygon: (editor) => new DrawPolygonTool(editor),
  hole: (editor) => new CutHoleTool(editor),
  polyline: (editor) => new DrawPolylineTool(editor),
  bezier: (editor) => new DrawBezierTool(editor),
  ellipse: (editor) => new DrawEllipseTool(editor),
  point: (editor) => new DrawPointTool(editor),
  skeleton: (editor) => new DrawSkeletonTool(editor),
  skeleton_nodes: (editor) => new DrawNodesTool(editor),
  cuboid: (editor) => new DrawCuboidTool(editor),
  brush: (editor) => new BrushTool(editor, "brush"),
  eraser: (editor) => new BrushTool(editor, "eraser"),
  lasso: (editor) => new LassoTool(editor, "lasso"),
  lassoCut: (editor) => new LassoTool(editor, "lassoCut"),
  slice: (editor) => new SliceTool(editor),
  simplify: (editor) => new RefineTool(editor, "simplify"),
  smooth: (editor) => new RefineTool(editor, "smooth"),
  pin: (editor) => new PinTool(editor),
  ...assistMakers,
};

export function makeTool(id: ToolId, editor: Editor): Tool {
  return MAKERS[id](editor);
}
