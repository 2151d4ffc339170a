/** Draw a polygon point by point. */
import { type Point, signedArea } from "../geometry";
import { LEAST_POINTS } from "../shapes/polygon";
import { DrawPointsTool } from "./draw-points";
import { msg } from "../text";

export class DrawPolygonTool extends DrawPointsTool {
  readonly id = "polygon";
  readonly draws = "polygon";
  protected readonly least = LEAST_POINTS;
  protected readonly isClosed = true;

  protected make(points: readonly Point[]): string | null {
    if (points.length < LEAST_POINTS || Math.abs(signedArea(points)) < 1) return msg`A polygon needs three points that span an area.`;
    this.editor.addDrawn({ kind: "polygon", rings: [points] });
    return null;
  }
}
