/** Who did something to an object, as people read it. */
import type { BlameMark } from "../api/talk";

export function nameOfMark(mark: BlameMark): string {
  if (mark.is_mine) return "you";
  if (mark.source === "prediction") return "a model";
  if (mark.source === "imported" || mark.source === "gold") return "an import";
  return mark.source === "consensus" ? "the consensus" : mark.who;
}
