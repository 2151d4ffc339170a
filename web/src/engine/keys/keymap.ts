/** Which key does what, here and now. Actions are named once and serve keys, buttons, tooltips, palette and key map alike. */

/** Where an action can be used; "any" is everywhere. */
export type Scope = "any" | "label" | "review" | "reasons";

export interface Action {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly scope: Scope;
  readonly run: () => void;
  readonly isEnabled?: () => boolean;
  /** Whether holding the key repeats it. */
  readonly repeats?: boolean;
  /** Kept out of the palette, such as the ten digits. */
  readonly isQuiet?: boolean;
}

export interface Preset {
  readonly id: string;
  readonly name: string;
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

export interface Conflict {
  readonly chord: string;
  readonly actions: readonly string[];
}

export type Overrides = Readonly<Record<string, readonly string[]>>;

export class Keymap {
  readonly #actions: ReadonlyMap<string, Action>;
  readonly #byChord = new Map<string, Action[]>();

  constructor(
    actions: readonly Action[],
    readonly preset: Preset,
    readonly overrides: Overrides = {},
  ) {
    this.#actions = new Map(actions.map((a) => [a.id, a]));
    for (const action of actions) {
      for (const chord of this.keysOf(action.id)) {
        const list = this.#byChord.get(chord);
        if (list) list.push(action);
        else this.#byChord.set(chord, [action]);
      }
    }
  }

  get actions(): Action[] {
    return [...this.#actions.values()];
  }

  keysOf(actionId: string): readonly string[] {
    return this.overrides[actionId] ?? this.preset.keys[actionId] ?? [];
  }

  find(actionId: string): Action | null {
    return this.#actions.get(actionId) ?? null;
  }

  /** The action for a chord; scopes are given innermost first, so a reason picker takes the digits while it is open. */
  resolve(chord: string, scopes: readonly Scope[]): Action | null {
    const candidates = this.#byChord.get(chord) ?? [];
    for (const scope of scopes) {
      const found = candidates.find((a) => a.scope === scope && (a.isEnabled?.() ?? true));
      if (found) return found;
    }
    return null;
  }

  /** Chords that two actions of the same or an overlapping scope claim. */
  conflicts(): Conflict[] {
    return [...this.#byChord].flatMap(([chord, list]) => {
      const clashing = list.filter((a) => list.some((b) => a !== b && overlap(a.scope, b.scope)));
      return clashing.length ? [{ chord, actions: clashing.map((a) => a.id) }] : [];
    });
  }
}

function overlap(a: Scope, b: Scope): boolean {
  // A reason picker is laid over the rest on purpose.
  if (a === "reasons" || b === "reasons") return a === b;
  return a === b || a === "any" || b === "any";
}
