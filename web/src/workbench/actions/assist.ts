/** Assistants: tools that find outlines by themselves, and what is done with their suggestions. */
import type { AssistCommand, AssistToolId } from "../../engine/assist/port";
import type { Action } from "../../engine/keys/keymap";
import { type EditContext, type Run, maker } from "./context";
import { msg } from "../../engine/text";

const NONE = msg`The assistants are there while a task is open for labelling.`;

export function assistActions(context: EditContext): Action[] {
  const action = maker(context, msg`Assistants`);
  const hand = (id: AssistToolId): Run => (editor) => editor.setTool(editor.toolId === id ? "select" : id);
  const command = (what: AssistCommand): Run => (editor) => (editor.assist ? editor.assist.run(what, editor) : editor.say(NONE));
  const hasOpen = (): boolean => (context.editor()?.suggestions.open.length ?? 0) > 0;
  return [
    action("tool.wand", msg`Magic wand: click what has one colour`, hand("wand")),
    action("tool.cutout", msg`Cut out: a box around it finds the object`, hand("cutout")),
    action("tool.scissors", msg`Intelligent scissors: the line keeps to the edges`, hand("scissors")),
    action("tool.superpixels", msg`Superpixels: pick patches of one colour`, hand("superpixels")),
    action("tool.segment", msg`Click segmentation by a model`, hand("segment")),
    action("tool.suggest", msg`Suggest objects here, by the project's own model`, command("suggest")),
    action("assist.fit", msg`Fit to the object`, command("fit")),
    action("assist.snap", msg`Snap to edges`, command("snap")),
    action("assist.accept", msg`Accept the suggestion`, command("accept"), { isEnabled: hasOpen }),
    action("assist.fix", msg`Accept the suggestion and change it`, command("fix"), { isEnabled: hasOpen }),
    action("assist.refuse", msg`Refuse the suggestion`, command("refuse"), { isEnabled: hasOpen }),
    action("assist.acceptAll", msg`Accept all suggestions`, command("acceptAll"), { isEnabled: hasOpen }),
    action("assist.refuseAll", msg`Refuse all suggestions`, command("refuseAll"), { isEnabled: hasOpen }),
    action("assist.next", msg`Next suggestion`, command("next"), { isEnabled: hasOpen, repeats: true }),
    action("assist.previous", msg`Previous suggestion`, command("previous"), { isEnabled: hasOpen, repeats: true }),
    action("assist.more", msg`More tolerance, larger patches`, command("more"), { repeats: true }),
    action("assist.less", msg`Less tolerance, smaller patches`, command("less"), { repeats: true }),
    action("assist.contiguous", msg`Wand: only what hangs together, or all of that colour`, command("contiguous")),
    action("assist.kind", msg`Assistants: mask, polygon or box`, command("kind")),
  ];
}
