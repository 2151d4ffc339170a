/** Which key does what, here and now. Actions are named once and serve keys, buttons, tooltips, palette and key map alike. */

/** Laid over the rest on purpose while they are open: they take the keys they need and leave the others. */
export const layers = ["reasons", "attributes", "tags", "quick", "merge", "document", "text"] as const;
export type Layer = (typeof layers)[number];

/** Where an action can be used; "any" is everywhere. */
export type Scope = "any" | "label" | "review" | Layer;

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
  /** Chords of two presses by their first. */
  readonly #byFirst = new Map<string, Action[]>();

  constructor(
    actions: readonly Action[],
    readonly preset: Preset,
    readonly overrides: Overrides = {},
  ) {
    this.#actions = new Map(actions.map((a) => [a.id, a]));
    for (const action of actions) {
      for (const chord of this.keysOf(action.id)) {
        add(this.#byChord, chord, action);
        const first = firstPress(chord);
        if (first !== chord) add(this.#byFirst, first, action);
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

  /** Whether a press is the first of a chord of two that could follow. */
  begins(press: string, scopes: readonly Scope[]): boolean {
    return (this.#byFirst.get(press) ?? []).some((a) => scopes.includes(a.scope) && (a.isEnabled?.() ?? true));
  }

  /** Who else claims a chord, or a press that it begins with, where the given action is used. */
  holders(chord: string, actionId: string): Action[] {
    const scope = this.#actions.get(actionId)?.scope ?? "any";
    const first = firstPress(chord);
    const claims = [
      ...(this.#byChord.get(chord) ?? []),
      ...(first === chord ? (this.#byFirst.get(chord) ?? []) : (this.#byChord.get(first) ?? [])),
    ];
    return [...new Set(claims)].filter((a) => a.id !== actionId && overlap(a.scope, scope));
  }

  /** Chords that two actions of the same or an overlapping scope claim, or that hide behind a shorter one. */
  conflicts(): Conflict[] {
    return [...this.#byChord].flatMap(([chord, list]) => {
      const longer = firstPress(chord) === chord ? (this.#byFirst.get(chord) ?? []) : [];
      const all = [...new Set([...list, ...longer])];
      const clashing = all.filter((a) => (list.includes(a) ? all : list).some((b) => a !== b && overlap(a.scope, b.scope)));
      return clashing.length ? [{ chord, actions: clashing.map((a) => a.id) }] : [];
    });
  }
}

export function overlap(a: Scope, b: Scope): boolean {
  if (isLayer(a) || isLayer(b)) return a === b;
  return a === b || a === "any" || b === "any";
}

function isLayer(scope: Scope): boolean {
  return (layers as readonly string[]).includes(scope);
}

function firstPress(chord: string): string {
  return chord.split(" ", 1)[0]!;
}

function add(map: Map<string, Action[]>, key: string, action: Action): void {
  const list = map.get(key);
  if (list) list.push(action);
  else map.set(key, [action]);
}
