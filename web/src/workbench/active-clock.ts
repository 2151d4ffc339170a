/** Time a person really worked: hidden tabs and pauses longer than a minute do not count. */

const IDLE_MS = 60_000;

export class ActiveClock {
  #total: number;
  #last: number | null = null;

  constructor(total = 0) {
    this.#total = total;
  }

  /** Something happened: a move, a key, a click. */
  touch(now: number): void {
    if (this.#last !== null) {
      const gap = now - this.#last;
      if (gap > 0 && gap <= IDLE_MS) this.#total += gap;
    }
    this.#last = now;
  }

  /** The tab was hidden or the task left. */
  pause(now: number): void {
    if (this.#last !== null) this.touch(now);
    this.#last = null;
  }

  get totalMs(): number {
    return Math.round(this.#total);
  }
}
