/** One click, one point; the tool stays in hand for the next. */
import type { Editor } from "../editor";
import { placed } from "./place";
import type { PointerInput, Sketch, Tool } from "./tool";

export class DrawPointTool implements Tool {
  readonly id = "point";
  readonly draws = "point";
  readonly isSerial = true;
  readonly state = "idle";
  readonly cursor = "crosshair";
  readonly sketch: Sketch | null = null;

  constructor(private readonly editor: Editor) {}

  down(input: PointerInput): void {
    if (input.button === 0) this.editor.addDrawn({ kind: "point", point_xy: placed(this.editor, input) });
  }

  move(): void {
    this.editor.changed("live");
  }

  up(): void {
    // The point is set on press.
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
