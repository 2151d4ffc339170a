/** Where an object came from: a pre-label's id, or the assistant or model that suggested it. */
import { msg } from "../text";
import type { Annotation, GeometryKind } from "../types";

const SUGGESTED = /^(assist|model):/;

/** It came with the task; objects that an assistant suggested while somebody drew did not. */
export function isFromPrelabel({ origin }: Pick<Annotation, "origin">): boolean {
  return origin !== null && !SUGGESTED.test(origin);
}

/** Who suggested it, in words; null for what was drawn by hand or came with the task. */
export function suggestedBy({ origin }: Pick<Annotation, "origin">): string | null {
  if (origin === null || !SUGGESTED.test(origin)) return null;
  if (origin.startsWith("model:")) return msg`a model`;
  switch (origin.slice("assist:".length)) {
    case "wand":
      return msg`the magic wand`;
    case "superpixels":
      return msg`superpixels`;
    case "cutout":
      return msg`the cut-out`;
    case "scissors":
      return msg`the scissors`;
    default:
      return msg`an assistant`;
  }
}

const ADJUSTABLE: Readonly<Record<"fit" | "snap", readonly GeometryKind[]>> = { fit: ["box", "polygon", "mask"], snap: ["box", "polygon", "polyline"] };

/** Whether shapes of a kind can be fitted to what they hold, or snapped to the edges beside them. */
export function canAdjust(how: "fit" | "snap", kind: GeometryKind): boolean {
  return ADJUSTABLE[how].includes(kind);
}
