/** Geometry of values with intervals: areas between low and high, whiskers, and what the pointer means. */
import { msg } from "../../engine/text";
import { place, type Scale } from "./chart";

export interface BandPoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** Said on pointing, whole. */
  readonly said: string;
  /** A word beside the point. */
  readonly tag?: string;
  readonly isMarked?: boolean;
}

export interface BandSeries {
  readonly name: string;
  readonly tone: string;
  /** A band follows something over time; dots are choices beside each other. */
  readonly look: "band" | "dots";
  readonly points: readonly BandPoint[];
}

export interface Plot {
  readonly x: Scale;
  readonly y: Scale;
  readonly width: number;
  readonly height: number;
}

export const across = (plot: Plot, value: number): number => place(plot.x, value, plot.width);

/** From the top; what lies outside the axis is drawn at its end. */
export const down = (plot: Plot, value: number): number => plot.height - place(plot.y, Math.min(plot.y.to, Math.max(plot.y.from, value)), plot.height);

const step = (plot: Plot, x: number, y: number, isFirst: boolean): string => `${isFirst ? "M" : "L"}${across(plot, x).toFixed(1)} ${down(plot, y).toFixed(1)}`;

export const linePath = (points: readonly BandPoint[], plot: Plot): string => points.map((p, i) => step(plot, p.x, p.y, i === 0)).join("");

/** There along the high ends, back along the low ones; nothing for fewer than two points. */
export function areaPath(points: readonly BandPoint[], plot: Plot): string {
  if (points.length < 2) return "";
  const there = points.map((p, i) => step(plot, p.x, p.high, i === 0));
  const back = points.toReversed().map((p) => step(plot, p.x, p.low, false));
  return `${[...there, ...back].join("")}Z`;
}

/** An axis for shares that are mostly near one: from a round number below all of them up to 1. */
export function shareRange(values: readonly number[], most = 0.95): readonly [number, number] {
  const lowest = Math.min(most, ...values.filter(Number.isFinite));
  return [Math.max(0, Math.floor(lowest * 20 + 1e-9) / 20), 1];
}

/** The point nearest to a place in pixels; across counts more, as people point at an x. */
export function pointAt(series: readonly BandSeries[], plot: Plot, left: number, top: number): { readonly series: BandSeries; readonly point: BandPoint } | null {
  let best: { series: BandSeries; point: BandPoint } | null = null;
  let least = Infinity;
  for (const one of series)
    for (const point of one.points) {
      const far = Math.hypot(across(plot, point.x) - left, (down(plot, point.y) - top) / 3);
      if (far < least) [best, least] = [{ series: one, point }, far];
    }
  return best;
}

/** What a screen reader says of the whole chart. */
export const saidOf = (label: string, series: readonly BandSeries[]): string =>
  [label, ...series.map((s) => (s.points.length ? msg`${s.name}: ${s.points.length} points, last ${s.points.at(-1)!.said}` : msg`${s.name}: nothing yet`))].join(". ");
