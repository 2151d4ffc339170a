/** Where a press puts a point: the one door through which drawing tools take places from the pointer. */
import type { Point } from "../geometry";
import type { Editor } from "../editor";
import type { PointerInput } from "./tool";

/** Inside the picture; on what is near, where snapping is asked for. */
export function placed(editor: Editor, input: PointerInput): Point {
  return editor.snapper.place(input.at, input.ctrl);
}

/** For kinds that may hang over the border. */
export function placedFreely(editor: Editor, input: PointerInput): Point {
  return editor.snapper.place(input.at, input.ctrl, true);
}
