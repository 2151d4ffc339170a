/** The assistants' tools are loaded at first use; until they are there, a tool that waits is in hand. */
import { type AssistToolId, assistToolIds } from "../assist/port";
import type { Editor } from "../editor";
import type { Sketch, Tool } from "./tool";

export const assistMakers = Object.fromEntries(
  assistToolIds.map((id) => [id, (editor: Editor): Tool => editor.assist?.makeTool(id, editor) ?? new WaitingTool(id)]),
) as Readonly<Record<AssistToolId, (editor: Editor) => Tool>>;

/** Does nothing; whoever loads the assistants takes the tool in hand again when they are there. */
class WaitingTool implements Tool {
  readonly draws = null;
  readonly state = "idle";
  readonly cursor = "progress";
  readonly sketch: Sketch | null = null;

  constructor(readonly id: AssistToolId) {}

  down(): void {
    // Not yet.
  }

  move(): void {
    // Not yet.
  }

  up(): void {
    // Not yet.
  }

  cancel(): boolean {
    return false;
  }

  confirm(): boolean {
    return false;
  }

  back(): boolean {
    return false;
  }
}
