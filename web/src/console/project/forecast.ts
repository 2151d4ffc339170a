/** What the days of work tell: rows without gaps, and when the work will be done at this speed. */
import type { DayOfWork, ProjectProgress } from "../../api/console-types";
import { msg } from "../../engine/text";

const DAY_MS = 86_400_000;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The last `span` days (UTC), oldest first, days without work as zeros. */
export function lastDays(days: readonly DayOfWork[], span: number, nowMs: number): DayOfWork[] {
  const known = new Map(days.map((day) => [day.day, day]));
  return Array.from({ length: span }, (_, i) => {
    const day = dayOf(nowMs - (span - 1 - i) * DAY_MS);
    return known.get(day) ?? { day, submissions: 0, skips: 0, reviews: 0, active_ms: 0 };
  });
}

export interface Forecast {
  /** Labellings a day, over the last seven days since work began. */
  readonly perDay: number;
  /** Null while nothing can be said. */
  readonly daysLeft: number | null;
}

export function forecast(progress: Pick<ProjectProgress, "days" | "open_judgements">, nowMs: number): Forecast {
  const week = lastDays(progress.days, 7, nowMs);
  const first = week.findIndex((day) => day.submissions > 0);
  const earlier = progress.days.some((day) => day.submissions > 0 && day.day < week[0]!.day);
  const worked = earlier ? week : first < 0 ? [] : week.slice(first);
  const perDay = worked.length ? worked.reduce((sum, day) => sum + day.submissions, 0) / worked.length : 0;
  if (progress.open_judgements === 0) return { perDay, daysLeft: 0 };
  return { perDay, daysLeft: perDay > 0 ? progress.open_judgements / perDay : null };
}

/** "about 3 days, by 25 Nov 2026" */
export function forecastText({ daysLeft }: Forecast, nowMs: number, shownDate: (ms: number) => string): string {
  if (daysLeft === null) return msg`no forecast yet`;
  if (daysLeft === 0) return msg`nothing is open`;
  const days = Math.max(1, Math.ceil(daysLeft));
  return msg`about ${days} ${days === 1 ? "day" : "days"}, by ${shownDate(nowMs + days * DAY_MS)}`;
}
