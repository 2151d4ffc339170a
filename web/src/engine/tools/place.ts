/** Where a press puts a point: the one door through which drawing tools take places from the pointer. */
import { type Point, clampPoint } from "../geometry";
import type { Editor } from "../editor";
import type { PointerInput } from "./tool";

/** Inside the picture. */
export function placed(editor: Editor, input: PointerInput): Point {
  return clampPoint(input.at, editor.frame);
}

/** For kinds that may hang over the border. */
export function placedFreely(_editor: Editor, input: PointerInput): Point {
  return input.at;
}
