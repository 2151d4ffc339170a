/** People, with what they are told and what they appeal against. */
import type { AnnotatorQuality, Interval } from "../../api/console-types";
import type { Consequence } from "../../api/quality-types";

export const isInForce = (one: Consequence): boolean => one.state !== "lifted";

export interface PersonQuality {
  readonly quality: AnnotatorQuality;
  readonly consequences: readonly Consequence[];
  /** Gets no tasks. */
  readonly isPaused: boolean;
  readonly hasAppeal: boolean;
}

/** Those who need a look first, the rest by skill, best first. */
export function peopleOf(annotators: readonly AnnotatorQuality[], consequences: readonly Consequence[]): PersonQuality[] {
  const rank = (p: PersonQuality): number => (p.hasAppeal ? 0 : p.isPaused ? 1 : p.consequences.length ? 2 : 3);
  return annotators
    .map((quality) => {
      const own = consequences.filter((c) => c.member_id === quality.member_id && isInForce(c));
      return { quality, consequences: own, isPaused: own.some((c) => c.kind === "pause"), hasAppeal: own.some((c) => c.state === "appealed") };
    })
    .toSorted((a, b) => rank(a) - rank(b) || b.quality.skill.value - a.quality.skill.value);
}

/** Appeals first, then what is in force, newest first; what is over last. */
export function sorted(consequences: readonly Consequence[]): { readonly appeals: Consequence[]; readonly inForce: Consequence[]; readonly over: Consequence[] } {
  const byTime = consequences.toSorted((a, b) => b.created_ms - a.created_ms);
  return { appeals: byTime.filter((c) => c.state === "appealed"), inForce: byTime.filter((c) => c.state === "active" || c.state === "upheld"), over: byTime.filter((c) => c.state === "lifted") };
}

const Z_80 = 1.2816;

/** A share with its 80 % interval (Wilson 1927); null where nothing was counted. */
export function shareOfCounts(right: number, total: number): Interval | null {
  if (total <= 0) return null;
  const share = right / total;
  const z2 = (Z_80 * Z_80) / total;
  const middle = (share + z2 / 2) / (1 + z2);
  const half = (Z_80 / (1 + z2)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total));
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
