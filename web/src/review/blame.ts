/** Who did something to an object, as people read it. */
import type { BlameMark } from "../api/talk";
import { msg } from "../engine/text";

export function nameOfMark(mark: BlameMark): string {
  if (mark.is_mine) return "you";
  if (mark.source === "prediction") return "a model";
  if (mark.source === "imported" || mark.source === "gold") return msg`an import`;
  return mark.source === "consensus" ? msg`the consensus` : mark.who;
}
