/** Draw a line point by point; Enter or a double click ends it. */
import type { Point } from "../geometry";
import { lengthOf } from "../shapes/path";
import { LEAST_LENGTH_PX, LEAST_LINE_POINTS } from "../shapes/polyline";
import { DrawPointsTool } from "./draw-points";
import { msg } from "../text";

export class DrawPolylineTool extends DrawPointsTool {
  readonly id = "polyline";
  readonly draws = "polyline";
  protected readonly least = LEAST_LINE_POINTS;
  protected readonly isClosed = false;

  protected make(points: readonly Point[]): string | null {
    if (points.length < LEAST_LINE_POINTS || lengthOf(points) < LEAST_LENGTH_PX) return msg`A line needs two points.`;
    this.editor.addDrawn({ kind: "polyline", points });
    return null;
  }
}
