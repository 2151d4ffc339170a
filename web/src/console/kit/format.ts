/** Numbers, times and sizes as people read them. */

import { msg } from "../../engine/text";
const whole = new Intl.NumberFormat("en");
const dates = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const moments = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** 12,345 */
export const count = (n: number): string => whole.format(n);

/** "1 item", "3 items"; `many` for irregular words. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** 0.4231 -> "42 %"; an unknown share is a dash. */
export function percent(share: number | null | undefined, digits = 0): string {
  return share === null || share === undefined || !Number.isFinite(share) ? "–" : `${(share * 100).toFixed(digits)} %`;
}

/** Three digits after the point, as detection numbers are written. */
export function figure(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(digits);
}

/** +0.012, −0.004 */
export function signed(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return "–";
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}

/** "3 h 12 min", "45 s" */
export function duration(ms: number | null): string {
  if (ms === null) return "–";
  if (ms < 1000) return ms === 0 ? "0 s" : "under 1 s";
  // rounded before it is split, or 59.7 minutes past one would read "1 h 60 min"
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 60) return msg`${minutes} min`;
  if (ms < DAY_MS * 2) return msg`${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return msg`${Math.round(ms / DAY_MS)} days`;
}

/** "5 min ago"; older than two days, the date. */
export function ago(atMs: number | null, nowMs: number): string {
  if (atMs === null) return "never";
  const passed = nowMs - atMs;
  if (passed < MINUTE_MS) return msg`just now`;
  return passed < 2 * DAY_MS ? msg`${duration(passed).replace(/ 0 min$/, "")} ago` : date(atMs);
}

export const date = (ms: number): string => dates.format(ms);
export const moment = (ms: number): string => moments.format(ms);

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const steps = ["kB", "MB", "GB", "TB"];
  const power = Math.min(steps.length, Math.floor(Math.log10(n) / 3));
  return `${(n / 1000 ** power).toFixed(1)} ${steps[power - 1]}`;
}

/** "class_removed" -> "class removed" */
export const words = (code: string): string => code.replace(/[_-]/g, " ");

/** With a capital first letter. */
export const titled = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
