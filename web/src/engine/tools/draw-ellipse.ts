/** Draw an ellipse by spanning the box around it; shift makes a circle. */
import type { Bounds } from "../geometry";
import type { EllipseGeometry } from "../types";
import { SpanTool } from "./span";
import { msg } from "../text";

export class DrawEllipseTool extends SpanTool {
  readonly id = "ellipse";
  readonly draws = "ellipse";
  protected readonly what = msg`an ellipse`;
  protected override readonly isFree = true;

  protected shaped({ x0, y0, x1, y1 }: Bounds): EllipseGeometry {
    // While it is being spanned it may be flat for a moment.
    const radii = [Math.max((x1 - x0) / 2, 0.01), Math.max((y1 - y0) / 2, 0.01)] as const;
    return { kind: "ellipse", center_xy: [(x0 + x1) / 2, (y0 + y1) / 2], radii_xy: radii, angle_deg: 0 };
  }
}
