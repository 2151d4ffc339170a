/** Draw a box by dragging, or by two clicks. */
import type { Bounds } from "../geometry";
import type { BoxGeometry } from "../types";
import { SpanTool } from "./span";

export class DrawBoxTool extends SpanTool {
  readonly id = "box";
  readonly draws = "box";
  protected readonly what = "a box";

  protected shaped({ x0, y0, x1, y1 }: Bounds): BoxGeometry {
    return { kind: "box", box_xyxy: [x0, y0, x1, y1] };
  }
}
