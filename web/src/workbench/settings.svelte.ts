/** How a person likes the workbench; kept on this computer, so that it outlives the task and the page. */
import { Carry } from "./view/carry";
import { definitions } from "./view/definitions";
import { type Definition, type ValueOf, fitting, stepped } from "./view/setting-kinds";

export type SettingName = keyof typeof definitions;
export type SettingValues = { -readonly [K in SettingName]: ValueOf<(typeof definitions)[K]> };
type SwitchName = { [K in SettingName]: SettingValues[K] extends boolean ? K : never }[SettingName];

const KEY = "goldsmith.workbench";
const CLIPBOARD_KEY = "goldsmith.clipboard";
const names = Object.keys(definitions) as SettingName[];

/** What a setting starts with; a wide screen has room for the instructions. */
function initial(name: SettingName): boolean | number | string {
  return name === "showsInstructions" ? innerWidth >= 1600 : definitions[name].initial;
}

export class WorkbenchSettings {
  /** Read freely; change by `set`, `step` and `toggle`, which also keep. */
  readonly values = $state(read());
  /** The panel of all that is about looking. */
  isViewOpen = $state(false);
  /** What goes along to the next picture. */
  readonly carry = new Carry();

  get showsTags(): boolean {
    return this.values.tags === "always";
  }

  get showsCrosshair(): boolean {
    return this.values.showsCrosshair;
  }

  get showsInstructions(): boolean {
    return this.values.showsInstructions;
  }

  get keepsDrawing(): boolean {
    return this.values.keepsDrawing;
  }

  set<K extends SettingName>(name: K, value: SettingValues[K]): void {
    this.#put(name, value);
  }

  toggle(name: SwitchName): void {
    this.#put(name, !this.values[name]);
  }

  /** The next or previous value. */
  step(name: SettingName, by: 1 | -1): void {
    this.#put(name, stepped(definitions[name], this.values[name], by));
  }

  /** Puts the settings of a group back to what they began with. */
  reset(group: string): void {
    for (const name of names) if (definitions[name].group === group) this.#put(name, initial(name));
  }

  isChanged(group: string): boolean {
    return names.some((name) => definitions[name].group === group && this.values[name] !== initial(name));
  }

  #put(name: SettingName, value: unknown): void {
    (this.values as Record<SettingName, unknown>)[name] = fitting(definitions[name] as Definition, value);
    // Only what differs is kept, so that a better default reaches those who never chose.
    const kept = Object.fromEntries(names.flatMap((n) => (this.values[n] === initial(n) ? [] : [[n, this.values[n]]])));
    localStorage.setItem(KEY, JSON.stringify(kept));
  }
}

function read(): SettingValues {
  const kept = parsed<Record<string, unknown>>(localStorage.getItem(KEY)) ?? {};
  return Object.fromEntries(names.map((name) => [name, name in kept ? fitting(definitions[name] as Definition, kept[name]) : initial(name)])) as SettingValues;
}

/** Copied objects outlive the task, so that they can be pasted into the next one. */
export const clipboard = {
  read<T>(): T[] {
    return parsed<T[]>(sessionStorage.getItem(CLIPBOARD_KEY)) ?? [];
  },
  write(copied: readonly unknown[]): void {
    sessionStorage.setItem(CLIPBOARD_KEY, JSON.stringify(copied));
  },
};

function parsed<T>(text: string | null): T | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}
