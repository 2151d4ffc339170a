/** How a person likes the assistants; kept with their preferences. */
import type { AssistOptions } from "../../engine/assist/port";
import { type OutcomeKind, outcomeKinds } from "../../engine/assist/outcome";
import type { KeptValues } from "../tool-settings";

const NAME = "assistants";

export class KeptOptions implements AssistOptions {
  tolerance = $state(32);
  isContiguous = $state(true);
  side = $state(24);
  radius = $state(8);
  kind = $state<OutcomeKind | null>(null);
  /** Suggestions of a model that it is less sure of are not shown; 0 to 1. */
  threshold = $state(0.3);
  /** The models last chosen, where a project has several; null leaves it to the project. */
  segmenterId = $state<string | null>(null);
  detectorId = $state<string | null>(null);

  #known = "";

  constructor(private readonly values: KeptValues) {
    const found = values.get(NAME);
    const kept = (typeof found === "object" && found !== null ? found : {}) as Partial<Record<keyof KeptOptions, unknown>>;
    this.tolerance = inRange(kept.tolerance, 0, 254, this.tolerance);
    this.side = inRange(kept.side, 6, 120, this.side);
    this.radius = inRange(kept.radius, 2, 60, this.radius);
    this.threshold = inRange(kept.threshold, 0.05, 0.95, this.threshold);
    if (typeof kept.isContiguous === "boolean") this.isContiguous = kept.isContiguous;
    this.kind = outcomeKinds.find((kind) => kind === kept.kind) ?? null;
    this.segmenterId = typeof kept.segmenterId === "string" ? kept.segmenterId : null;
    this.detectorId = typeof kept.detectorId === "string" ? kept.detectorId : null;
    this.#known = JSON.stringify(this.#now);
  }

  get #now() {
    const { tolerance, isContiguous, side, radius, kind, threshold, segmenterId, detectorId } = this;
    return { tolerance, isContiguous, side, radius, kind, threshold, segmenterId, detectorId };
  }

  keep(): void {
    const now = this.#now;
    // Tools tell of changes often; what is as before needs no request.
    if (JSON.stringify(now) === this.#known) return;
    this.#known = JSON.stringify(now);
    this.values.set(NAME, now);
  }
}

function inRange(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === "number" && value >= low && value <= high ? value : otherwise;
}
