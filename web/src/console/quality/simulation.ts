/** Simulated ways of asking as choices on a chart and as rows of a table. */
import type { CrowdGroup, SimulatedPoint } from "../../api/quality-types";
import { msg } from "../../engine/text";
import { type BandSeries, shareRange } from "../kit/band";
import { percent } from "../kit/format";
import { money } from "./words";

export type Against = "judgements" | "cost";

export const xOf = (point: SimulatedPoint, against: Against): number | null => (against === "cost" ? point.cost : point.judgements_per_task);

export function saidPoint(point: SimulatedPoint, currency: string): string {
  const { value, low, high } = point.accuracy;
  const cost = point.cost === null ? "" : `, ${money(point.cost, currency)}`;
  return msg`${point.name}: ${percent(value, 1)} right (${percent(low, 1)} to ${percent(high, 1)}), ${point.judgements_per_task.toFixed(2)} judgements a task${cost}`;
}

/** Fixed numbers of opinions, and stopping where it is not worth it; the chosen one is marked. */
export function simulatedSeries(points: readonly SimulatedPoint[], against: Against, currency: string): BandSeries[] {
  const seriesOf = (name: string, tone: string, isAdaptive: boolean): BandSeries => ({
    name, tone, look: "dots",
    points: points
      .filter((p) => p.is_adaptive === isAdaptive && xOf(p, against) !== null)
      .map((p) => ({ x: xOf(p, against)!, y: p.accuracy.value, low: p.accuracy.low, high: p.accuracy.high, said: saidPoint(p, currency), ...tagOf(p) }))
      .toSorted((a, b) => a.x - b.x),
  });
  return [seriesOf(msg`the same number for all`, "#4a86c8", false), seriesOf(msg`asking where it is worth it`, "var(--accent)", true)];
}

/** Only the ends of a line and the chosen one have room for a word. */
const tagOf = (point: SimulatedPoint): { tag?: string; isMarked?: boolean } => (point.is_chosen ? { tag: point.name, isMarked: true } : !point.is_adaptive ? { tag: String(Math.round(point.judgements_per_task)) } : {});

export const simulatedRange = (points: readonly SimulatedPoint[], target: number | null): readonly [number, number] => shareRange([...points.map((p) => p.accuracy.low), ...(target === null ? [] : [target])]);

/** What the chosen way spends less than the cheapest fixed number that is as good; null where none is. */
export function saving(points: readonly SimulatedPoint[]): { readonly than: SimulatedPoint; readonly share: number } | null {
  const chosen = points.find((p) => p.is_chosen && p.is_adaptive);
  if (!chosen) return null;
  const asGood = points.filter((p) => !p.is_adaptive && p.accuracy.value >= chosen.accuracy.value - 0.002).toSorted((a, b) => a.judgements_per_task - b.judgements_per_task)[0];
  return asGood ? { than: asGood, share: 1 - chosen.judgements_per_task / asGood.judgements_per_task } : null;
}

/** What a form of people holds wrong; null when it is right. */
export function crowdFault(crowd: readonly CrowdGroup[]): string | null {
  const people = crowd.reduce((sum, g) => sum + g.count, 0);
  if (people < 1 || crowd.some((g) => g.count < 1)) return msg`There is nobody in the crowd.`;
  if (people > 200) return msg`A simulated crowd has at most 200 people.`;
  if (crowd.some((g) => g.skill < 0.3 || g.skill > 0.995)) return msg`Everybody is right in 30 to 99.5 % of all cases.`;
  return crowd.some((g) => g.seconds < 0) ? msg`Nobody needs less than no time.` : null;
}
