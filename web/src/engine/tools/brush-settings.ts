/** How the brush is set. It outlives the tool, so that the next stroke is as the last one. */
import { clamp } from "../geometry";
import type { BrushForm } from "../raster/stroke";

/**
 * What happens where a stroke meets other masks: "allow" lets masks overlap, "spare" does not paint over them,
 * "take" removes the painted pixels from them.
 */
export const overlapRules = ["allow", "spare", "take"] as const;
export type OverlapRule = (typeof overlapRules)[number];

export const LEAST_BRUSH_PX = 1;
export const MOST_BRUSH_PX = 1000;
/** Share of the size that the lightest touch paints. */
const LIGHTEST = 0.1;

export class BrushSettings {
  form: BrushForm = "round";
  overlap: OverlapRule = "allow";
  /** A pen that presses lightly paints a thinner line. */
  followsPressure = false;
  #sizePx = 20;

  /** Diameter in image pixels, whole. */
  get sizePx(): number {
    return this.#sizePx;
  }

  set sizePx(value: number) {
    if (Number.isFinite(value)) this.#sizePx = clamp(Math.round(value), LEAST_BRUSH_PX, MOST_BRUSH_PX);
  }

  /** The size of a stamp under this pressure, of which a mouse has none. */
  sizeAt(pressure: number | undefined): number {
    if (!this.followsPressure || pressure === undefined) return this.#sizePx;
    return Math.max(LEAST_BRUSH_PX, Math.round(this.#sizePx * (LIGHTEST + (1 - LIGHTEST) * clamp(pressure, 0, 1))));
  }

  /** Steps grow with the size: single pixels for a small brush, a tenth for a large one. */
  adjust(steps: number): void {
    for (let i = 0; i < Math.abs(steps); i++) {
      const step = Math.max(1, Math.round(this.#sizePx / 10));
      this.sizePx = this.#sizePx + Math.sign(steps) * step;
    }
  }
}
