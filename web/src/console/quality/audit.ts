/** An audit drawn: the share that is right, and its bounds closing in. */
import type { Audit, AuditFinding } from "../../api/quality-types";
import { msg } from "../../engine/text";
import { type BandSeries, shareRange } from "../kit/band";
import { counted, percent } from "../kit/format";

export function auditSeries(audit: Audit): BandSeries[] {
  const points = audit.curve.map((r) => ({
    x: r.reviewed, y: r.value, low: r.low, high: r.high,
    said: msg`after ${counted(r.reviewed, "task")}, ${counted(r.objects, "object")}: ${percent(r.value, 1)} right, ${percent(r.low, 1)} to ${percent(r.high, 1)}`,
  }));
  return [{ name: msg`share that is right, with its bounds`, tone: audit.state === "refuted" ? "var(--bad)" : audit.state === "proved" ? "var(--good)" : "var(--accent)", look: "band", points }];
}

/** The first bounds are as wide as they can be: the axis follows what is known by now. */
export function auditRange(audit: Audit): readonly [number, number] {
  const later = audit.curve.slice(Math.floor(audit.curve.length / 4));
  return shareRange([...later.map((r) => r.low), audit.target], 0.9);
}

/** How far the reviewing of what was drawn is. */
export const auditShare = (audit: Audit): number => audit.reviewed / Math.max(1, audit.planned);

export const faultsOf = (finding: AuditFinding): number => finding.wrong + finding.missed;

/** Tasks where something was found, most first. */
export const found = (findings: readonly AuditFinding[]): AuditFinding[] => findings.filter((f) => faultsOf(f) > 0).toSorted((a, b) => faultsOf(b) - faultsOf(a));

/** A few readings for those who read instead of look: the first, the last, and some between. */
export function readings<T>(curve: readonly T[], most = 12): T[] {
  if (curve.length <= most) return [...curve];
  return Array.from({ length: most }, (_, i) => curve[Math.round((i * (curve.length - 1)) / (most - 1))]!);
}
