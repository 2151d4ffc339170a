/** Taking a tool in hand. */
import type { Action } from "../../engine/keys/keymap";
import type { ToolId } from "../../engine/tools/registry";
import { type EditContext, type Run, maker } from "./context";

export function toolActions(context: EditContext): Action[] {
  const action = maker(context, "Tools");
  const pick = (id: ToolId): Run => (editor) => editor.setTool(id);
  return [
    action("tool.select", "Select and change", pick("select")),
    action("tool.box", "Draw a box", pick("box")),
    action("tool.polygon", "Draw a polygon", pick("polygon")),
    action("tool.repeat", "Draw with the last tool", (editor) => editor.setTool(editor.toolId === editor.lastDrawing ? "select" : editor.lastDrawing)),
    action("tool.keep", "Keep drawing after each object", (editor) => {
      context.settings.toggle("keepsDrawing");
      editor.keepsDrawing = context.settings.keepsDrawing;
      editor.changed("tool");
      editor.say(editor.keepsDrawing ? "Drawing goes on after each object." : "Each object is selected once it is drawn.");
    }),
  ];
}
