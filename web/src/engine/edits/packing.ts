/**
 * What a stroke changed in a mask: on a large one that is a few runs, and not the whole mask anew. What the mask was
 * before is what the document holds when the log is run.
 */
import { xored } from "../raster/combine";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import type { MaskGeometry } from "../types";

/** The pixels that became others. */
export type MaskChange = Omit<MaskGeometry, "kind">;

/** Null when no pixel changed. */
export function maskChange(before: MaskGeometry, after: MaskGeometry): MaskChange | null {
  const change = maskOfSpans(xored(spansOfMask(before), spansOfMask(after)));
  return change && { origin_xy: change.origin_xy, size_wh: change.size_wh, runs: change.runs };
}

export function maskAfter(before: MaskGeometry, change: MaskChange): MaskGeometry {
  const mask = maskOfSpans(xored(spansOfMask(before), spansOfMask({ ...change, kind: "mask" })));
  if (!mask) throw new RangeError("The log leaves a mask without a pixel.");
  return mask;
}
