/** Presses one after the other: a key that begins a chord of two waits a moment for the second. */
import type { Action, Keymap, Scope } from "./keymap";

/** How long the first press of two is remembered. */
export const SECOND_PRESS_MS = 1500;

export type Heard =
  | { readonly kind: "action"; readonly action: Action }
  /** The first of two; `first` is shown until the second comes. */
  | { readonly kind: "waiting"; readonly first: string }
  | { readonly kind: "nothing" };

const NOTHING: Heard = { kind: "nothing" };

export class Presses {
  #first: string | null = null;
  #atMs = 0;

  /** The first press of two that is waited on. */
  waiting(nowMs: number): string | null {
    return this.#first !== null && nowMs - this.#atMs <= SECOND_PRESS_MS ? this.#first : null;
  }

  forget(): void {
    this.#first = null;
  }

  hear(press: string, nowMs: number, keymap: Keymap, scopes: readonly Scope[]): Heard {
    const first = this.waiting(nowMs);
    this.#first = null;
    if (first !== null) {
      const second = keymap.resolve(`${first} ${press}`, scopes);
      if (second) return { kind: "action", action: second };
      // Esc only gives up the wait.
      if (press === "esc") return NOTHING;
    }
    const action = keymap.resolve(press, scopes);
    if (action) return { kind: "action", action };
    if (!keymap.begins(press, scopes)) return NOTHING;
    this.#first = press;
    this.#atMs = nowMs;
    return { kind: "waiting", first: press };
  }
}
