/** The keys of the person at work: preset and own changes, kept with their preferences; and what they used last. */
import { type KeyChoice, FIRST_CHOICE, changesOf, readChoice, withKeys, withPreset, withoutChanges } from "../engine/keys/choice";
import { type Action, type Overrides, type Preset, Keymap } from "../engine/keys/keymap";
import { goldsmithPreset, presets } from "../engine/keys/presets";
import type { Preferences } from "../shell/preferences.svelte";

const NAME = "keys";
const RECENT_NAME = "recent_actions";
const MOST_RECENT = 12;

export class PersonalKeys {
  readonly presets = presets;

  constructor(private readonly preferences: Preferences) {}

  readonly #choice: KeyChoice = $derived.by(() => readChoice(this.preferences.get(NAME), presets) ?? FIRST_CHOICE);

  readonly preset: Preset = $derived.by(() => presets.find((p) => p.id === this.#choice.preset) ?? goldsmithPreset);

  /** What the person changed in the preset. */
  get changes(): Overrides {
    return changesOf(this.#choice);
  }

  /** Brings the newest from the server. */
  load(): Promise<void> {
    return this.preferences.load();
  }

  /** The key map of a page. 0 fits the picture where the classes leave it free and nothing else has it. */
  mapFor(actions: readonly Action[], classCount: number): Keymap {
    const map = new Keymap(actions, this.preset, this.changes);
    const isFree = classCount < 10 && !("view.fit" in this.changes) && map.holders("0", "view.fit").length === 0;
    return isFree ? new Keymap(actions, this.preset, { ...this.changes, "view.fit": [...map.keysOf("view.fit"), "0"] }) : map;
  }

  choose(presetId: string): void {
    this.#keep(withPreset(this.#choice, presetId));
  }

  rebind(actionId: string, keys: readonly string[]): void {
    this.#keep(withKeys(this.#choice, this.preset, actionId, keys));
  }

  reset(actionId?: string): void {
    this.#keep(withoutChanges(this.#choice, actionId));
  }

  isChanged(actionId: string): boolean {
    return actionId in this.changes;
  }

  exported(): string {
    return JSON.stringify(this.#choice, null, 2);
  }

  /** False when the text is no key map. */
  import(text: string): boolean {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return false;
    }
    const choice = readChoice(json, presets);
    if (choice) this.#keep(choice);
    return choice !== null;
  }

  /** Ids of the actions last taken from the palette, newest first. */
  get recent(): readonly string[] {
    const found = this.preferences.get(RECENT_NAME);
    return Array.isArray(found) ? found.filter((id): id is string => typeof id === "string").slice(0, MOST_RECENT) : [];
  }

  used(actionId: string): void {
    this.preferences.set(RECENT_NAME, [actionId, ...this.recent.filter((id) => id !== actionId)].slice(0, MOST_RECENT));
  }

  #keep(choice: KeyChoice): void {
    this.preferences.set(NAME, choice);
  }
}
