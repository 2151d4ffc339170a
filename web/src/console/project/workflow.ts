/** Words and defaults of the workflow; the defaults are those of the server. */
import type { Workflow } from "../../api/types";

export const REVIEW_MODES: readonly { value: Workflow["review"]["mode"]; name: string }[] = [
  { value: "none", name: "No review" },
  { value: "flagged", name: "What the quality numbers flag" },
  { value: "share", name: "A random share" },
  { value: "all", name: "Everything" },
];

export const ORDERS: readonly { value: Workflow["order"]; name: string }[] = [
  { value: "sequence", name: "As they came" },
  { value: "random", name: "At random" },
  { value: "gain", name: "What promises most first" },
];

export function freshWorkflow(): Workflow {
  return {
    overlap: 1,
    lease_s: 1800,
    review: { mode: "none", share: 0.1, posterior_below: 0.9 },
    gold_rate: 0,
    order: "sequence",
    skip_reasons: ["image is broken", "cannot tell", "not in the instructions", "harmful content"],
    reject_reasons: ["object missed", "wrong class", "loose shape", "extra object", "wrong attribute"],
    use_prelabels: true,
  };
}

/** One reason a line. */
export const linesOf = (text: string): string[] => [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];
