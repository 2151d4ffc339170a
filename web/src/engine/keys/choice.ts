/** Which preset a person works with, and what they changed in it: plain data that travels with them. */
import { isChord, isKeptByBrowser } from "./chord";
import type { Overrides, Preset } from "./keymap";

export const CHOICE_FORMAT = 1;
const MOST_CHANGES = 400;
const MOST_KEYS = 6;

export interface KeyChoice {
  readonly format: number;
  readonly preset: string;
  /** Changes by preset, so that trying another one loses nothing. */
  readonly changes: Readonly<Record<string, Overrides>>;
}

export const FIRST_CHOICE: KeyChoice = { format: CHOICE_FORMAT, preset: "goldsmith", changes: {} };

/** Reads what was kept or imported; null when it is no key map of a format known here. What does not make sense is left out. */
export function readChoice(json: unknown, presets: readonly Preset[]): KeyChoice | null {
  const found = json as Partial<KeyChoice> | null;
  if (typeof found !== "object" || found?.format !== CHOICE_FORMAT || typeof found.changes !== "object" || found.changes === null) return null;
  const known = presets.filter((p) => p.id in found.changes!);
  return {
    format: CHOICE_FORMAT,
    preset: presets.some((p) => p.id === found.preset) ? found.preset! : FIRST_CHOICE.preset,
    changes: Object.fromEntries(known.map((p) => [p.id, sensible(found.changes![p.id])])),
  };
}

function sensible(changes: unknown): Overrides {
  if (typeof changes !== "object" || changes === null) return {};
  const rows = Object.entries(changes).slice(0, MOST_CHANGES).flatMap(([id, keys]): [string, string[]][] => {
    if (!/^[\w.-]{1,80}$/.test(id) || !Array.isArray(keys)) return [];
    const chords = keys.filter((k): k is string => typeof k === "string" && isChord(k) && !isKeptByBrowser(k));
    return [[id, chords.slice(0, MOST_KEYS)]];
  });
  return Object.fromEntries(rows);
}

export function changesOf(choice: KeyChoice): Overrides {
  return choice.changes[choice.preset] ?? {};
}

export function withPreset(choice: KeyChoice, preset: string): KeyChoice {
  return { ...choice, preset };
}

/** Gives an action these keys in place of its others. */
export function withKeys(choice: KeyChoice, preset: Preset, actionId: string, keys: readonly string[]): KeyChoice {
  const { [actionId]: _old, ...rest } = changesOf(choice);
  const own = preset.keys[actionId] ?? [];
  const isBack = own.length === keys.length && own.every((key, i) => key === keys[i]);
  return { ...choice, changes: { ...choice.changes, [choice.preset]: isBack ? rest : { ...rest, [actionId]: [...new Set(keys)] } } };
}

/** An action's keys as the preset has them; all actions' without an id. */
export function withoutChanges(choice: KeyChoice, actionId?: string): KeyChoice {
  if (actionId === undefined) {
    const { [choice.preset]: _all, ...rest } = choice.changes;
    return { ...choice, changes: rest };
  }
  const { [actionId]: _old, ...rest } = changesOf(choice);
  return { ...choice, changes: { ...choice.changes, [choice.preset]: rest } };
}
