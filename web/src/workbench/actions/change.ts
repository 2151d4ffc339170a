/** Changing what is drawn. */
import { copySelected, deleteSelected, nudge, paste } from "../../engine/commands";
import type { Editor } from "../../engine/editor";
import { turnSelected } from "../../engine/shaping";
import type { Action } from "../../engine/keys/keymap";
import type { Annotation } from "../../engine/types";
import { clipboard } from "../settings.svelte";
import { type EditContext, maker } from "./context";
import { msg } from "../../engine/text";

export function changeActions(context: EditContext): Action[] {
  const action = maker(context, msg`Change`);
  const steps = [
    ["left", "left", -1, 0], ["right", "right", 1, 0], ["up", "up", 0, -1], ["down", "down", 0, 1],
  ] as const;
  const turns = [
    ["turnLeft", msg`Turn by 1° to the left`, -1], ["turnRight", msg`Turn by 1° to the right`, 1],
    ["turnLeft15", msg`Turn by 15° to the left`, -15], ["turnRight15", msg`Turn by 15° to the right`, 15],
  ] as const;
  return [
    action("edit.undo", msg`Undo`, (editor) => editor.undo(), { repeats: true }),
    action("edit.redo", msg`Redo`, (editor) => editor.redo(), { repeats: true }),
    action("edit.delete", msg`Delete selected`, deleteSelected),
    action("edit.back", msg`Take back the last point, or delete selected`, (editor) => void (editor.tool.back() || deleteSelected(editor)), { repeats: true }),
    action("edit.cancel", msg`Cancel, deselect, or leave the tool`, cancel),
    action("edit.confirm", msg`Finish the shape`, (editor) => void editor.tool.confirm()),
    action("edit.copy", msg`Copy`, (editor) => clipboard.write(copySelected(editor)), { isEnabled: () => (context.editor()?.selection.size ?? 0) > 0 }),
    action("edit.paste", msg`Paste`, (editor) => paste(editor, clipboard.read<Annotation>())),
    action("edit.duplicate", msg`Duplicate`, (editor) => paste(editor, copySelected(editor), msg`Duplicate`)),
    action("edit.all", msg`Select all`, (editor) => editor.select(editor.document.ids())),
    ...steps.map(([id, name, dx, dy]) => action(`edit.${id}`, msg`Nudge ${name} by 1 px`, (editor) => nudge(editor, ...editor.viewport.alongPicture(dx, dy)), { repeats: true, isQuiet: true })),
    ...steps.map(([id, name, dx, dy]) => action(`edit.${id}10`, msg`Nudge ${name} by 10 px`, (editor) => nudge(editor, ...editor.viewport.alongPicture(10 * dx, 10 * dy)), { repeats: true, isQuiet: true })),
    ...turns.map(([id, name, degrees]) => action(`edit.${id}`, name, (editor) => turnSelected(editor, degrees), { repeats: true })),
    action("edit.flip", msg`Change the point under the pointer: smooth or corner, visible or hidden`, (editor) => {
      if (!editor.tool.flip?.()) editor.say(msg`Point at a node of a selected curve or skeleton.`);
    }),
  ];
}

/** One step out: first what is being drawn, then the tool, then the selection. */
function cancel(editor: Editor): void {
  if (editor.tool.cancel()) return;
  if (editor.toolId !== "select") editor.setTool("select");
  else editor.select([]);
}
