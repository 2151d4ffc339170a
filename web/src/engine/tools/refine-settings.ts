/** How far simplifying and smoothing go; the next time begins where the last one ended. */
import { clamp } from "../geometry";

const TOLERANCE_STEP = 1.25;
const LEAST_TOLERANCE_PX = 0.1;
const MOST_TOLERANCE_PX = 200;
const MOST_STRENGTH = 6;

export class RefineSettings {
  #tolerancePx = 1.5;
  #strength = 1;

  /** Farthest that a simplified outline lies from the one before, in image pixels. */
  get tolerancePx(): number {
    return this.#tolerancePx;
  }

  set tolerancePx(value: number) {
    if (Number.isFinite(value)) this.#tolerancePx = clamp(value, LEAST_TOLERANCE_PX, MOST_TOLERANCE_PX);
  }

  /** How often an outline is smoothed, whole. */
  get strength(): number {
    return this.#strength;
  }

  set strength(value: number) {
    if (Number.isFinite(value)) this.#strength = clamp(Math.round(value), 1, MOST_STRENGTH);
  }

  adjustTolerance(steps: number): void {
    this.tolerancePx *= TOLERANCE_STEP ** steps;
  }

  adjustStrength(steps: number): void {
    this.strength += Math.sign(steps);
  }
}
