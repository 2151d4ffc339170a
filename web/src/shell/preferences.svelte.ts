/** How a person likes to work, by name; kept on this computer at once, and on the server so that it follows them. */
import { isOffline } from "../api/http";

export interface PreferencePorts {
  readonly read: () => Promise<Record<string, unknown>>;
  readonly change: (changes: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;
  readonly userId: () => string | null;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  readonly later: (ms: number, run: () => void) => () => void;
}

interface Kept {
  readonly values: Record<string, unknown>;
  /** Changed here and not yet known to the server. */
  readonly unsent: readonly string[];
}

const NOTHING: Kept = { values: {}, unsent: [] };
const TO_SERVER_MS = 600;
const AGAIN_MS = 15_000;

export class Preferences {
  #kept = $state.raw<Kept>(NOTHING);
  #userId: string | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(private readonly ports: PreferencePorts) {}

  get(name: string): unknown {
    return this.#kept.values[name];
  }

  set(name: string, value: unknown): void {
    this.#keep({ values: { ...this.#kept.values, [name]: value }, unsent: [...new Set([...this.#kept.unsent, name])] });
    this.#plan(TO_SERVER_MS);
  }

  /** Takes what this computer has, then what the server has, except for what was changed here and has not got there. */
  async load(): Promise<void> {
    const userId = this.ports.userId();
    if (userId === null) return;
    if (userId !== this.#userId) {
      this.#userId = userId;
      this.#kept = this.#readKept();
    }
    try {
      const theirs = await this.ports.read();
      if (this.ports.userId() === userId) this.#take(theirs, this.#kept.unsent);
    } catch {
      // Away or signed out: what this computer has will do.
    }
    if (this.#kept.unsent.length) this.#plan(0);
  }

  async #send(): Promise<void> {
    const { values, unsent } = this.#kept;
    const userId = this.#userId;
    if (!unsent.length || userId === null || userId !== this.ports.userId()) return;
    try {
      const theirs = await this.ports.change(Object.fromEntries(unsent.map((name) => [name, values[name] ?? null])));
      if (this.#userId !== userId) return;
      // What changed while the request was under way is still to be sent.
      const left = unsent.filter((name) => this.#kept.values[name] !== values[name]);
      const since = this.#kept.unsent.filter((name) => !unsent.includes(name));
      this.#take(theirs, [...left, ...since]);
      if (left.length || since.length) this.#plan(TO_SERVER_MS);
    } catch (error) {
      if (isOffline(error)) this.#plan(AGAIN_MS);
    }
  }

  #take(theirs: Record<string, unknown>, unsent: readonly string[]): void {
    const mine = Object.fromEntries(unsent.map((name) => [name, this.#kept.values[name]]));
    this.#keep({ values: { ...theirs, ...mine }, unsent });
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    if (this.#userId === null) return;
    try {
      this.ports.storage.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // A full storage keeps nothing here; the server still has it.
    }
  }

  #readKept(): Kept {
    try {
      const kept = JSON.parse(this.ports.storage.getItem(this.#key) ?? "null") as Partial<Kept> | null;
      return kept ? { values: kept.values ?? {}, unsent: Array.isArray(kept.unsent) ? kept.unsent : [] } : NOTHING;
    } catch {
      return NOTHING;
    }
  }

  #plan(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.ports.later(ms, () => {
      this.#cancelTimer = null;
      void this.#send();
    });
  }

  get #key(): string {
    return `goldsmith.preferences.${this.#userId}`;
  }
}
