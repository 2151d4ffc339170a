/** Quality in words: signals, what follows from them, states. */
import type { Audit, Consequence, ConsequenceEvent, ConsequenceKind, Signal, TargetReport } from "../../api/quality-types";
import { msg } from "../../engine/text";

export const SIGNALS: readonly { id: Signal; name: string; tells: string }[] = [
  { id: "spam", name: msg`Labels that say nothing`, tells: msg`What somebody marks has nothing to do with what is there.` },
  { id: "copying", name: msg`Copying`, tells: msg`Two people make the same errors, more often than their skill explains.` },
  { id: "straight_lining", name: msg`Always the same`, tells: msg`The same answer again and again, whatever is shown.` },
  { id: "too_fast", name: msg`Too fast`, tells: msg`Far less time than others need for the same tasks.` },
  { id: "drift", name: msg`Getting worse`, tells: msg`Clearly less often right than before.` },
  { id: "gold", name: msg`Fails known answers`, tells: msg`Too many hidden known answers were wrong.` },
];

export const signalName = (signal: Consequence["signal"]): string => (signal === "manual" ? msg`Decided by a person` : (SIGNALS.find((s) => s.id === signal)?.name ?? signal));

const KINDS: Readonly<Record<ConsequenceKind, { name: string; deed: string; means: string }>> = {
  tell: { name: msg`Told`, deed: msg`Tell the lead`, means: msg`Nothing changes for the person.` },
  more_gold: { name: msg`More known answers`, deed: msg`Mix in more gold`, means: msg`More hidden known answers come their way, until the numbers speak.` },
  requalify: { name: msg`Course again`, deed: msg`Ask for the course again`, means: msg`They pass the course before they go on.` },
  pause: { name: msg`Paused`, deed: msg`Pause the person`, means: msg`They get no more tasks in this project. What they labelled stays.` },
};

export const kindName = (kind: ConsequenceKind): string => KINDS[kind].name;
export const kindMeans = (kind: ConsequenceKind): string => KINDS[kind].means;

/** What a person can be given by hand, gravest first. */
export const DEEDS: readonly { value: ConsequenceKind; name: string }[] = (["pause", "requalify", "more_gold", "tell"] as const).map((value) => ({ value, name: KINDS[value].deed }));

/** What can follow from a signal, mildest first. */
export const ANSWERS: readonly { value: "off" | ConsequenceKind; name: string }[] = [{ value: "off", name: msg`Do not look for it` }, ...DEEDS.toReversed()];

export const CONSEQUENCE_STATES: Readonly<Record<Consequence["state"], string>> = { active: msg`in force`, appealed: msg`in force, appealed`, upheld: msg`in force, appeal refused`, lifted: msg`lifted` };

export const EVENTS: Readonly<Record<ConsequenceEvent["kind"], string>> = { raised: msg`Decided`, appealed: msg`Appealed`, granted: msg`Appeal granted`, upheld: msg`Appeal refused`, lifted: msg`Lifted` };

export const AUDIT_STATES: Readonly<Record<Audit["state"], string>> = { running: msg`Running`, proved: msg`Proved`, refuted: msg`Refuted`, stopped: msg`Stopped` };

/** An amount of money; without a currency, the number. */
export function money(value: number | null | undefined, currency: string | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const digits = Math.abs(value) < 1 && value !== 0 ? 4 : 2;
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency: currency || "EUR", maximumFractionDigits: digits }).format(value);
  } catch {
    return `${value.toFixed(digits)} ${currency}`;
  }
}

/** A number of evidence: shares stay plain, nothing is written longer than it is known. */
export function evidenceText(value: number | string | null): string {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  return Number.isInteger(value) ? String(value) : Number(value.toPrecision(3)).toString();
}

/** Between which prices a label would cost, were the same work done once more; undefined where that says nothing. */
export function priceRange(cost: NonNullable<TargetReport["cost"]>): string | undefined {
  const { per_label_low: low, per_label_high: high, currency } = cost;
  if (low === null || high === null || low === high) return undefined;
  return msg`${money(low, currency)} to ${money(high, currency)}`;
}
