/** Key presses as text: "ctrl+shift+z". One spelling for key maps, tooltips and tests. */

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
  ctrl: "Ctrl",
  alt: "Alt",
  shift: "Shift",
  space: "Space",
  esc: "Esc",
  del: "Del",
  enter: "Enter",
  tab: "Tab",
  backspace: "⌫",
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

/** A chord's keys for people: ["Ctrl", "Shift", "Z"]. */
export function shownKeys(chord: string): string[] {
  const parts = chord === "+" ? ["+"] : chord.endsWith("++") ? [...chord.slice(0, -2).split("+"), "+"] : chord.split("+");
  return parts.map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part[0]!.toUpperCase() + part.slice(1)));
}

export function shownChord(chord: string): string {
  return shownKeys(chord).join("+");
}
