/** What the page of an evaluation draws, out of its metrics. */
import type { ClassResult, Comparison, Estimate, Metrics } from "../../api/console-types";
import type { Series } from "../kit/chart";
import { figure, percent, signed } from "../kit/format";
import { seriesTone } from "../kit/tones";
import { msg } from "../../engine/text";

const HEADS = ["ap", "ap50"] as const;
const NAMES: Readonly<Record<string, string>> = {
  ap: "AP", ap50: "AP50", ap75: "AP75", ap_small: "AP small", ap_medium: "AP medium", ap_large: "AP large",
  ar1: "AR 1", ar10: "AR 10", ar100: "AR 100", ar_1: "AR 1", ar_10: "AR 10", ar_100: "AR 100", ar_small: "AR small", ar_medium: "AR medium", ar_large: "AR large",
};

export const numberName = (key: string): string => NAMES[key] ?? key.toUpperCase();

export function headlines(metrics: Metrics): { name: string; estimate: Estimate }[] {
  return HEADS.flatMap((key) => (metrics.numbers[key] ? [{ name: numberName(key), estimate: metrics.numbers[key] }] : []));
}

export function smallNumbers(metrics: Metrics): { name: string; value: number | null }[] {
  return Object.entries(metrics.numbers).filter(([key]) => !(HEADS as readonly string[]).includes(key)).map(([key, e]) => ({ name: numberName(key), value: e.value }));
}

/** Curves are given at the recalls 0, 0.01, ... 1; the zeros after the last reached recall are cut. */
export function curveSeries(classes: readonly ClassResult[]): Series[] {
  return classes.filter((c) => c.precision_curve.length > 1).map((c, i) => {
    const last = c.precision_curve.findLastIndex((p) => p > 0);
    return { name: c.name, tone: seriesTone(i), points: c.precision_curve.slice(0, last + 1).map((y, n) => ({ x: n / (c.precision_curve.length - 1), y })) };
  }).filter((s) => s.points.length > 0);
}

/** Sizes first, then attributes, then metadata; parts without objects say nothing. */
export function sliceGroups(slices: Metrics["slices"]): { kind: string; slices: Metrics["slices"] }[] {
  return (["size", "attribute", "metadata"] as const).flatMap((kind) => {
    const found = slices.filter((s) => s.kind === kind && s.objects > 0);
    return found.length ? [{ kind, slices: found }] : [];
  });
}

/** The verdict as a sentence a lead can repeat. */
export function verdictText(c: Comparison, thisName: string, otherName: string): string {
  const by = `${signed(c.difference.value)} ${numberName(c.metric)}${c.difference.low === null ? "" : msg` (95 % interval ${signed(c.difference.low)} to ${signed(c.difference.high)})`}`;
  if (c.verdict === "better") return msg`${thisName} is better than ${otherName}: ${by}.`;
  if (c.verdict === "worse") return msg`${thisName} is worse than ${otherName}: ${by}.`;
  return msg`These images do not tell ${thisName} and ${otherName} apart: ${by}; ${thisName} is ahead in ${percent(c.probability_better)} of the resamples.`;
}

/** Share of a row of the confusion matrix. */
export function rowShare(counts: readonly (readonly number[])[], row: number, column: number): number | null {
  const sum = counts[row]!.reduce((a, b) => a + b, 0);
  return sum === 0 ? null : counts[row]![column]! / sum;
}

/** Both ends of an axis that holds all differences, even around zero. */
export function differenceSpan(estimates: readonly Estimate[]): number {
  return Math.max(0.05, ...estimates.flatMap((e) => [e.value, e.low, e.high]).map((v) => Math.abs(v ?? 0)));
}

export const scoreText = (value: number): string => figure(value, 3);
