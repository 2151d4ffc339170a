/** One click names a place, such as for a comment. */
import { clampPoint } from "../geometry";
import type { Editor } from "../editor";
import type { PointerInput, Sketch, Tool } from "./tool";

export class PinTool implements Tool {
  readonly id = "pin";
  readonly draws = null;
  readonly state = "idle";
  readonly cursor = "crosshair";
  readonly sketch: Sketch | null = null;

  constructor(private readonly editor: Editor) {}

  down(input: PointerInput): void {
    if (input.button !== 0) return;
    this.editor.setTool("select");
    this.editor.pinned(clampPoint(input.at, this.editor.frame));
  }

  move(): void {
    this.editor.setHover(null);
  }

  up(): void {
    // The place is named on press.
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
