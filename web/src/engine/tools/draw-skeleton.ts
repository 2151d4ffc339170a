/** Draw a skeleton by spanning the box that its class' template is placed into; then each node is dragged to its place. */
import type { Bounds } from "../geometry";
import { clampedInto, placed as placedTemplate } from "../shapes/skeleton";
import type { SkeletonGeometry } from "../types";
import { SpanTool } from "./span";

export class DrawSkeletonTool extends SpanTool {
  readonly id = "skeleton";
  readonly draws = "skeleton";
  protected readonly what = "a skeleton";

  protected shaped(area: Bounds): SkeletonGeometry | null {
    const template = this.editor.currentClass?.skeleton;
    return template ? clampedInto(placedTemplate(template, area), this.editor.frame) : null;
  }
}
