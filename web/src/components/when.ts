/** Times as people read them beside a name. */

import { msg } from "../engine/text";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const dates = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const moments = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** "just now", "5 min ago", "3 h ago"; older than a day, the date. */
export function ago(atMs: number, nowMs = Date.now()): string {
  const passed = nowMs - atMs;
  if (passed < MINUTE_MS) return msg`just now`;
  if (passed < HOUR_MS) return msg`${Math.floor(passed / MINUTE_MS)} min ago`;
  if (passed < DAY_MS) return `${Math.floor(passed / HOUR_MS)} h ago`;
  return dates.format(atMs);
}

/** To the second, for a tooltip. */
export const moment = (atMs: number): string => moments.format(atMs);
