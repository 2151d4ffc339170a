/** Renews leases while their tasks are open, and tells when one was lost. */
import { ApiError } from "../api/http";
import type { Lease } from "../api/types";

export interface LeaseWatchPorts {
  readonly renew: (lease: Lease) => Promise<{ expires_ms: number } | null>;
  readonly now: () => number;
  readonly later: (ms: number, run: () => void) => () => void;
}

const LEAST_WAIT_MS = 5_000;
const MOST_WAIT_MS = 300_000;
const AGAIN_MS = 5_000;

export class LeaseWatch {
  readonly #stops = new Map<string, () => void>();

  constructor(private readonly ports: LeaseWatchPorts) {}

  watch(lease: Lease, onLost: () => void): void {
    this.#plan(lease, this.#half(lease.expires_ms), onLost);
  }

  stop(lease: Lease): void {
    this.#stops.get(lease.judgement_id)?.();
    this.#stops.delete(lease.judgement_id);
  }

  stopAll(): void {
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }

  /** Half of what is left, within sensible bounds. */
  #half(expiresMs: number): number {
    return Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, (expiresMs - this.ports.now()) / 2));
  }

  #plan(lease: Lease, waitMs: number, onLost: () => void): void {
    const stop = this.ports.later(waitMs, () => void this.#renew(lease, onLost));
    this.#stops.set(lease.judgement_id, stop);
  }

  async #renew(lease: Lease, onLost: () => void): Promise<void> {
    let waitMs = AGAIN_MS;
    try {
      const answer = await this.ports.renew(lease);
      waitMs = this.#half(answer?.expires_ms ?? lease.expires_ms);
    } catch (error) {
      if (error instanceof ApiError && [403, 404, 409, 410].includes(error.status)) {
        if (this.#stops.delete(lease.judgement_id)) onLost();
        return;
      }
    }
    if (this.#stops.has(lease.judgement_id)) this.#plan(lease, waitMs, onLost);
  }
}
