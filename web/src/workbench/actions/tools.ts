/** Taking a tool in hand. */
import type { Action } from "../../engine/keys/keymap";
import { toolFor } from "../../engine/tools/choice";
import type { ToolId } from "../../engine/tools/registry";
import { shapeNamed } from "../../engine/shapes/registry";
import type { GeometryKind } from "../../engine/types";
import { draws } from "../toolbox";
import { type EditContext, type Run, maker } from "./context";

export function toolActions(context: EditContext): Action[] {
  const action = maker(context, "Tools");
  const pick = (id: ToolId): Run => (editor) => editor.setTool(id);
  /** A tool for one kind of shape; where no class is drawn so, that is said. */
  const tool = (id: ToolId, name: string, kind: GeometryKind): Action =>
    action(`tool.${id}`, name, (editor) => {
      if (draws(editor.ontology, kind)) editor.setTool(id);
      else editor.say(`No class of this project is drawn as a ${shapeNamed(kind).name.toLowerCase()}.`);
    });
  return [
    action("tool.select", "Select and change", pick("select")),
    tool("box", "Draw a box", "box"),
    tool("box4", "Draw a box by its extreme points", "box"),
    tool("rotated_box", "Draw a rotated box by three points", "rotated_box"),
    tool("polygon", "Draw a polygon", "polygon"),
    tool("hole", "Cut a hole into a polygon", "polygon"),
    tool("polyline", "Draw a line", "polyline"),
    tool("bezier", "Draw a curve", "bezier"),
    tool("ellipse", "Draw an ellipse", "ellipse"),
    tool("point", "Set points", "point"),
    tool("skeleton", "Place a skeleton", "skeleton"),
    tool("skeleton_nodes", "Draw a skeleton node by node", "skeleton"),
    tool("cuboid", "Draw a cuboid", "cuboid"),
    action("tool.repeat", "Draw with the last tool, finish, or leave it", (editor) => {
      if (editor.tool.draws !== null && editor.tool.state !== "idle" && editor.tool.confirm()) return;
      editor.setTool(editor.toolId === editor.lastDrawing ? "select" : (toolFor(editor, editor.lastDrawing) ?? "select"));
    }),
    action("tool.keep", "Keep drawing after each object", (editor) => {
      context.settings.toggle("keepsDrawing");
      editor.keepsDrawing = context.settings.keepsDrawing;
      editor.changed("tool");
      editor.say(editor.keepsDrawing ? "Drawing goes on after each object." : "Each object is selected once it is drawn.");
    }),
  ];
}
