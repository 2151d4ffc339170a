/** What is in hand when one task follows another: the class, the tool, and the one that is taken up again. */
import type { Editor } from "../engine/editor";
import { findClass } from "../engine/ontology";
import { toolFor } from "../engine/tools/choice";
import type { ToolId } from "../engine/tools/registry";

/** Belong to one moment, not to the next task. */
const PASSING: ReadonlySet<ToolId> = new Set<ToolId>(["pin", "hole"]);

export class Hand {
  #classId: string | null = null;
  #isDrawing = false;
  #lastDrawing: ToolId | null = null;

  /** Gives an editor what was in hand, and follows it from then on. */
  follow(editor: Editor): void {
    this.#give(editor);
    editor.subscribe((aspect) => {
      if (aspect === "class") this.#classId = editor.classId;
      if (aspect !== "tool" || PASSING.has(editor.toolId)) return;
      this.#isDrawing = editor.tool.draws !== null;
      if (this.#isDrawing) this.#lastDrawing = editor.toolId;
    });
  }

  #give(editor: Editor): void {
    if (this.#classId !== null && findClass(editor.ontology, this.#classId)) editor.setClass(this.#classId);
    const last = this.#lastDrawing && toolFor(editor, this.#lastDrawing);
    if (!last) return;
    editor.setTool(last);
    if (!this.#isDrawing) editor.setTool("select");
  }
}
