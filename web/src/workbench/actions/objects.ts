/** Going through the objects, and what is said of them. */
import { chooseClass, cycle, toggleFlag, toggleMark } from "../../engine/commands";
import type { Editor } from "../../engine/editor";
import type { Action } from "../../engine/keys/keymap";
import { classTree } from "../../engine/ontology";
import { type EditContext, maker } from "./context";
import { msg } from "../../engine/text";

export function objectActions(context: EditContext): Action[] {
  const action = maker(context, msg`Objects`);
  // Without objects Tab moves the focus, as everywhere.
  const hasObjects = (): boolean => (context.editor()?.document.size ?? 0) > 0;
  return [
    action("object.next", msg`Next object`, (editor) => cycle(editor, 1), { repeats: true, isEnabled: hasObjects }),
    action("object.previous", msg`Previous object`, (editor) => cycle(editor, -1), { repeats: true, isEnabled: hasObjects }),
    action("object.attributes", msg`Edit attributes`, () => context.focusForm()),
    action("object.occluded", msg`Mark as occluded`, (editor) => toggleMark(editor, "is_occluded")),
    action("object.truncated", msg`Mark as truncated`, (editor) => toggleMark(editor, "is_truncated")),
    action("object.hide", msg`Hide or show (all, when nothing is selected)`, (editor) => toggleFlag(editor, "hidden")),
    action("object.lock", msg`Lock or unlock (all, when nothing is selected)`, (editor) => toggleFlag(editor, "locked")),
  ];
}

/** Digits for the first twenty classes, in the order of the class list. */
export function classActions(editor: Editor): Action[] {
  return classTree(editor.ontology).slice(0, 20).map(({ item }, i): Action => ({
    id: `class.${i + 1}`, name: `Class: ${item.name}`, group: msg`Classes`, scope: "label",
    run: () => chooseClass(editor, item.class_id),
  }));
}
