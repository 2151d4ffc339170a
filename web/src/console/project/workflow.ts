/** Words and defaults of the workflow; the defaults are those of the server. */
import type { Workflow } from "../../api/types";
import { msg } from "../../engine/text";

export const REVIEW_MODES: readonly { value: Workflow["review"]["mode"]; name: string }[] = [
  { value: "none", name: msg`No review` },
  { value: "flagged", name: msg`What the quality numbers flag` },
  { value: "share", name: msg`A random share` },
  { value: "all", name: msg`Everything` },
];

export const ORDERS: readonly { value: Workflow["order"]; name: string }[] = [
  { value: "sequence", name: msg`As they came` },
  { value: "random", name: msg`At random` },
  { value: "gain", name: msg`What promises most first` },
];

export function freshWorkflow(): Workflow {
  return {
    overlap: 1,
    lease_s: 1800,
    review: { mode: "none", share: 0.1, posterior_below: 0.9 },
    gold_rate: 0,
    order: "sequence",
    skip_reasons: [msg`image is broken`, msg`cannot tell`, msg`not in the instructions`, msg`harmful content`],
    reject_reasons: [msg`object missed`, msg`wrong class`, msg`loose shape`, msg`extra object`, msg`wrong attribute`],
    use_prelabels: true,
  };
}

/** One reason a line. */
export const linesOf = (text: string): string[] => [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];
