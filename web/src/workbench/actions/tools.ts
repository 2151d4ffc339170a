/** Taking a tool in hand. */
import type { Action } from "../../engine/keys/keymap";
import { toolFor } from "../../engine/tools/choice";
import type { ToolId } from "../../engine/tools/registry";
import { shapeNamed } from "../../engine/shapes/registry";
import type { GeometryKind } from "../../engine/types";
import { draws } from "../toolbox";
import { type EditContext, type Run, maker } from "./context";
import { msg } from "../../engine/text";

export function toolActions(context: EditContext): Action[] {
  const action = maker(context, msg`Tools`);
  const pick = (id: ToolId): Run => (editor) => editor.setTool(id);
  /** A tool for one kind of shape; where no class is drawn so, that is said. */
  const tool = (id: ToolId, name: string, kind: GeometryKind): Action =>
    action(`tool.${id}`, name, (editor) => {
      if (draws(editor.ontology, kind)) editor.setTool(id);
      else editor.say(msg`No class of this project is drawn as a ${shapeNamed(kind).name.toLowerCase()}.`);
    });
  return [
    action("tool.select", msg`Select and change`, pick("select")),
    tool("box", msg`Draw a box`, "box"),
    tool("box4", msg`Draw a box by its extreme points`, "box"),
    tool("rotated_box", msg`Draw a rotated box by three points`, "rotated_box"),
    tool("polygon", msg`Draw a polygon`, "polygon"),
    tool("hole", msg`Cut a hole into a polygon`, "polygon"),
    tool("polyline", msg`Draw a line`, "polyline"),
    tool("bezier", msg`Draw a curve`, "bezier"),
    tool("ellipse", msg`Draw an ellipse`, "ellipse"),
    tool("point", msg`Set points`, "point"),
    tool("skeleton", msg`Place a skeleton`, "skeleton"),
    tool("skeleton_nodes", msg`Draw a skeleton node by node`, "skeleton"),
    tool("cuboid", msg`Draw a cuboid`, "cuboid"),
    action("tool.repeat", msg`Draw with the last tool, finish, or leave it`, (editor) => {
      if (editor.tool.draws !== null && editor.tool.state !== "idle" && editor.tool.confirm()) return;
      editor.setTool(editor.toolId === editor.lastDrawing ? "select" : (toolFor(editor, editor.lastDrawing) ?? "select"));
    }),
    action("tool.keep", msg`Keep drawing after each object`, (editor) => {
      context.settings.toggle("keepsDrawing");
      editor.keepsDrawing = context.settings.keepsDrawing;
      editor.changed("tool");
      editor.say(editor.keepsDrawing ? msg`Drawing goes on after each object.` : msg`Each object is selected once it is drawn.`);
    }),
  ];
}
