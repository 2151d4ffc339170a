/** How objects are shown: a matter of taste and of the picture, never of the labels. */
export type TagRule = "always" | "hover" | "selected" | "never";

export interface Look {
  /** When an object's plate with name, attributes or score is shown. */
  readonly tags: TagRule;
  /** Of outlines, in CSS pixels. */
  readonly lineWidth: number;
  /** Of the inside of objects, from 0 to 1. */
  readonly fillAlpha: number;
  /** While something is selected, nothing else is shown. */
  readonly isOnlySelected: boolean;
  readonly hasCrosshair: boolean;
  /** Distance of the lines of the grid, in image pixels; null for none. */
  readonly gridPx: number | null;
  /** How much the circle at the pointer magnifies what is seen; null for none. */
  readonly loupe: number | null;
}

export const PLAIN_LOOK: Look = { tags: "hover", lineWidth: 1.75, fillAlpha: 0.13, isOnlySelected: false, hasCrosshair: true, gridPx: null, loupe: null };
