/** The key map of the page, for whatever shows a key: panels say the keys that are in force. */
import { getContext, setContext } from "svelte";
import { shownChord } from "../engine/keys/chord";
import type { Keymap } from "../engine/keys/keymap";

const KEY = Symbol("keymap");

export function provideKeymap(keymap: () => Keymap): void {
  setContext(KEY, keymap);
}

export interface ShownKeys {
  /** The first key of an action, as `aria-keyshortcuts` has it. */
  readonly chordOf: (actionId: string) => string | undefined;
  /** The same for people: "Ctrl+E"; empty where there is none. */
  readonly shownOf: (actionId: string) => string;
  /** A name with its key: "Hide (H)". */
  readonly titled: (name: string, actionId: string) => string;
}

/** The first key of an action as people read it; empty where it has none. */
export function shownKey(keymap: Keymap, actionId: string): string {
  const chord = keymap.keysOf(actionId)[0];
  return chord === undefined ? "" : shownChord(chord);
}

/** Call while a component is being set up; without a key map nothing has a key. */
export function useKeys(): ShownKeys {
  const keymap = getContext<(() => Keymap) | undefined>(KEY);
  const chordOf = (id: string): string | undefined => keymap?.().keysOf(id)[0];
  const shownOf = (id: string): string => (keymap ? shownKey(keymap(), id) : "");
  return { chordOf, shownOf, titled: (name, id) => (shownOf(id) ? `${name} (${shownOf(id)})` : name) };
}
