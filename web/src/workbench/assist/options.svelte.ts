/** How a person likes the assistants; kept on this computer. */
import type { AssistOptions } from "../../engine/assist/port";
import { type OutcomeKind, outcomeKinds } from "../../engine/assist/outcome";

const KEY = "goldsmith.assist";

export class KeptOptions implements AssistOptions {
  tolerance = $state(32);
  isContiguous = $state(true);
  side = $state(24);
  radius = $state(8);
  kind = $state<OutcomeKind | null>(null);
  /** Suggestions of a model that it is less sure of are not shown; 0 to 1. */
  threshold = $state(0.3);

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem">) {
    try {
      const kept = JSON.parse(storage.getItem(KEY) ?? "{}") as Partial<Record<keyof AssistOptions | "threshold", unknown>>;
      this.tolerance = inRange(kept.tolerance, 0, 254, this.tolerance);
      this.side = inRange(kept.side, 6, 120, this.side);
      this.radius = inRange(kept.radius, 2, 60, this.radius);
      this.threshold = inRange(kept.threshold, 0.05, 0.95, this.threshold);
      if (typeof kept.isContiguous === "boolean") this.isContiguous = kept.isContiguous;
      this.kind = outcomeKinds.find((kind) => kind === kept.kind) ?? null;
    } catch {
      // What cannot be read is left at its default.
    }
  }

  keep(): void {
    const { tolerance, isContiguous, side, radius, kind, threshold } = this;
    this.storage.setItem(KEY, JSON.stringify({ tolerance, isContiguous, side, radius, kind, threshold }));
  }
}

function inRange(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === "number" && value >= low && value <= high ? value : otherwise;
}
