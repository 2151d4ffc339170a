/** What actions work on, and how one is made. */
import type { Editor } from "../../engine/editor";
import type { Action } from "../../engine/keys/keymap";
import type { WorkbenchSettings } from "../settings.svelte";

export interface EditContext {
  /** The open editor; null between tasks. */
  readonly editor: () => Editor | null;
  readonly settings: WorkbenchSettings;
  readonly focusForm: () => void;
  readonly toggleShapes: () => void;
}

export type Run = (editor: Editor) => void;

/** Makes the actions of one group; they do nothing between tasks. */
export function maker(context: EditContext, group: string) {
  return (id: string, name: string, run: Run, more: Partial<Action> = {}): Action => ({
    id, name, group, scope: "label",
    run: () => {
      const editor = context.editor();
      if (editor) run(editor);
    },
    ...more,
  });
}
