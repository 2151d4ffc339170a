/** Something a person asks the server to do: one at a time, with its fault kept beside the button. */
import { ApiError, sentenceFor } from "../../api/http";
import type { Toasts } from "../../shell/toasts.svelte";

export class Deed {
  isBusy = $state(false);
  fault = $state<string | null>(null);
  /** What is wrong with single fields, by their path. */
  faults = $state.raw<Readonly<Record<string, string>>>({});

  constructor(private readonly toasts: Toasts | null = null) {}

  /** Runs it and returns what it gave; null when it failed, or when another is on its way. */
  async run<T>(work: () => Promise<T>, done?: string): Promise<{ value: T } | null> {
    if (this.isBusy) return null;
    this.isBusy = true;
    this.fault = null;
    this.faults = {};
    try {
      const value = await work();
      if (done) this.toasts?.say(done, "good");
      return { value };
    } catch (error) {
      this.fault = sentenceFor(error);
      if (error instanceof ApiError) this.faults = Object.fromEntries(error.errors.map((e) => [e.where, e.what]));
      return null;
    } finally {
      this.isBusy = false;
    }
  }

  /** For buttons without a place for a fault: says it at the foot of the window. */
  async say<T>(work: () => Promise<T>, done?: string): Promise<{ value: T } | null> {
    const result = await this.run(work, done);
    if (this.fault) this.toasts?.say(this.fault, "bad");
    return result;
  }
}
