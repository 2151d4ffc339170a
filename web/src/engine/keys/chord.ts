/** Key presses as text: "ctrl+shift+z"; two presses one after the other: "t l". One spelling for key maps, tooltips and tests. */

import { msg } from "../text";
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  " ": "space",
  escape: "esc",
  delete: "del",
  arrowleft: "left",
  arrowright: "right",
  arrowup: "up",
  arrowdown: "down",
};
const SHOWN: Readonly<Record<string, string>> = {
  ctrl: msg`Ctrl`,
  alt: msg`Alt`,
  shift: msg`Shift`,
  space: msg`Space`,
  esc: msg`Esc`,
  del: msg`Del`,
  enter: msg`Enter`,
  tab: msg`Tab`,
  backspace: "⌫",
  pageup: "PgUp",
  pagedown: "PgDn",
  left: "←",
  right: "→",
  up: "↑",
  down: "↓",
  "-": "−",
};

/** The chord of a press; null while only modifiers are down. Letters and digits are found on every keyboard layout. */
export function chordOf(press: KeyPress): string | null {
  if (["Control", "Shift", "Alt", "Meta", "AltGraph", "Dead"].includes(press.key)) return null;
  const raw = press.key.toLowerCase();
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(press.code)?.[1];
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1]?.toLowerCase();
  const isPlainLetter = /^[a-z]$/.test(raw);
  const key = digit ?? NAMES[raw] ?? (letter !== undefined && !isPlainLetter ? letter : raw);
  // Signs such as + and ? already contain their shift.
  const isSign = key.length === 1 && !/[a-z0-9]/.test(key);
  const modifiers = [
    press.ctrlKey || press.metaKey ? "ctrl+" : "",
    press.altKey ? "alt+" : "",
    press.shiftKey && !isSign ? "shift+" : "",
  ];
  return modifiers.join("") + key;
}

/** The presses of a chord: ["t", "l"]. */
export function pressesOf(chord: string): string[] {
  return chord.split(" ");
}

/** A chord's keys for people: ["Ctrl", "Shift", "Z"]. */
export function shownKeys(chord: string): string[] {
  return pressesOf(chord).flatMap(keysOfPress);
}

export function shownChord(chord: string): string {
  return pressesOf(chord).map((press) => keysOfPress(press).join("+")).join(" ");
}

function keysOfPress(press: string): string[] {
  const parts = press === "+" ? ["+"] : press.endsWith("++") ? [...press.slice(0, -2).split("+"), "+"] : press.split("+");
  return parts.map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part[0]!.toUpperCase() + part.slice(1)));
}

const PRESS = /^(ctrl\+)?(alt\+)?(shift\+)?(\S|f\d{1,2}|space|esc|del|enter|tab|backspace|insert|home|end|pageup|pagedown|left|right|up|down)$/;

/** Whether a text is a chord of one or two presses as `chordOf` would spell them. */
export function isChord(text: string): boolean {
  const presses = pressesOf(text);
  return presses.length <= 2 && presses.every((press) => PRESS.test(press) && press === press.toLowerCase());
}

/** What browsers do themselves whatever a page wants, or what would take the person away from the work. */
const KEPT_BY_BROWSERS: ReadonlySet<string> = new Set([
  ...["w", "t", "n", "r", "q"].flatMap((key) => [`ctrl+${key}`, `ctrl+shift+${key}`]),
  ...["ctrl+tab", "ctrl+shift+tab", "ctrl+pageup", "ctrl+pagedown", "alt+f4", "alt+tab", "alt+home", "alt+left", "alt+right"],
  ...["alt+d", "alt+e", "alt+f", "ctrl+l", "ctrl+shift+i", "ctrl+shift+j", "ctrl+shift+c", "f5", "ctrl+f5", "f11", "f12"],
]);

/** Whether a page cannot, or should not, take these keys. */
export function isKeptByBrowser(chord: string): boolean {
  return pressesOf(chord).some((press) => KEPT_BY_BROWSERS.has(press));
}
