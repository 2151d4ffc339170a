/** One's own numbers in words and as lines. */
import type { DayOfQuality, OwnQuality } from "../api/own-quality";
import type { Consequence } from "../api/quality-types";
import type { Series } from "../console/kit/chart";
import { count, duration, percent } from "../console/kit/format";
import { msg } from "../engine/text";

const DAY_MS = 86_400_000;
const FRESH_MS = 7 * DAY_MS;
const SHOWN_DAYS = 42;
/** Days with fewer decisions say little and would make the line jump. */
const LEAST_A_DAY = 5;

export interface DailyLines {
  readonly series: readonly Series[];
  /** The last day, from which the others are counted backwards. */
  readonly lastMs: number;
}

/** Agreement, and right answers to known ones, by days before the last day with work; null with less than two days. */
export function dailyLines(days: readonly DayOfQuality[]): DailyLines | null {
  const timed = days.map((day) => ({ ...day, atMs: Date.parse(`${day.day}T00:00:00Z`) }));
  const lastMs = Math.max(...timed.map((day) => day.atMs));
  const x = (atMs: number): number => (atMs - lastMs) / DAY_MS;
  const recent = timed.filter((day) => x(day.atMs) > -SHOWN_DAYS);
  const agreement = recent.filter((day) => day.decisions >= LEAST_A_DAY).map((day) => ({ x: x(day.atMs), y: day.agreement }));
  const gold = recent.filter((day) => day.gold_total > 0).map((day) => ({ x: x(day.atMs), y: day.gold_right / day.gold_total }));
  if (Math.max(agreement.length, gold.length) < 2) return null;
  const series: Series[] = [{ name: msg`agrees in the end`, tone: "var(--accent)", points: agreement }];
  if (gold.length > 1) series.push({ name: msg`known answers right`, tone: "var(--good)", points: gold });
  return { series, lastMs };
}

/** What the skill rests on, said plainly. */
export function restsOn({ skill }: OwnQuality): string {
  if (skill === null) return msg`Nothing is known yet: your work is compared once others have looked at the same items, or once you met known answers.`;
  const gold = skill.gold.total;
  const parts = [msg`${skill.objects} objects of yours, compared with what was decided in the end`];
  if (gold) parts.push(msg`${gold} hidden known answers, of which ${skill.gold.right} were right`);
  const sum = parts.join(msg`, and `);
  return skill.is_enough ? msg`Rests on ${sum}.` : msg`Rests on ${sum}. That is little: take the number as a first impression.`;
}

/** One's own time a task beside everybody's. */
export function paceOf({ median_ms, project_median_ms }: OwnQuality): { value: string; note: string } {
  if (median_ms === null) return { value: "–", note: "" };
  return { value: duration(median_ms), note: project_median_ms === null ? "" : msg`everybody's: ${duration(project_median_ms)}` };
}

/** Tasks, time and pace; known answers where any were met. */
export function figuresOf(own: OwnQuality): { name: string; value: string; note: string }[] {
  const { submissions, skips, active_ms, skill } = own;
  const entries = [
    { name: msg`Tasks`, value: count(submissions), note: skips ? msg`${skips} skipped` : "" },
    { name: msg`Time`, value: duration(active_ms), note: msg`breaks left out` },
    { name: msg`A task`, ...paceOf(own) },
  ];
  if (skill?.gold.total) entries.push({ name: msg`Known answers`, value: percent(skill.gold.right / skill.gold.total), note: msg`${skill.gold.right} of ${skill.gold.total} right` });
  return entries;
}

/** What a pause means; why it is stands in the card below it, where there is one. */
export function pauseText({ standing, consequences }: OwnQuality): string {
  return consequences.some((one) => one.kind === "pause" && one.state !== "lifted") ? msg`You get no more tasks here until it is lifted. What you labelled stays.` : standing.reason;
}

/** When something last happened to it. */
export const changedMs = (one: Consequence): number => Math.max(one.created_ms, ...one.history.map((event) => event.at_ms));

/** Something ended so lately that it is news. */
export const isFresh = (over: readonly Consequence[], nowMs: number): boolean => over.some((one) => changedMs(one) > nowMs - FRESH_MS);

/** What a manager said who ended it otherwise than by granting the appeal; null while it is in force. */
export const liftedWith = (one: Consequence): Consequence["history"][number] | null => one.history.find((event) => event.kind === "lifted") ?? null;
