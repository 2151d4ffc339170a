/** Key maps that come with goldsmith. More presets are more entries here. */
import type { Preset } from "./keymap";

/** Digits: the first ten classes, and ten more with shift. */
export function classKey(index: number): string | null {
  if (index > 19) return null;
  const digit = String((index + 1) % 10);
  return index < 10 ? digit : `shift+${digit}`;
}

const classKeys: Record<string, readonly string[]> = Object.fromEntries(
  Array.from({ length: 20 }, (_, i) => [`class.${i + 1}`, [classKey(i)!]]),
);

export const goldsmithPreset: Preset = {
  id: "goldsmith",
  name: "goldsmith",
  keys: {
    ...classKeys,
    "tool.select": ["v"],
    "tool.box": ["b", "r"],
    "tool.polygon": ["p"],
    "tool.repeat": ["n"],
    "tool.keep": ["shift+n"],
    "edit.cancel": ["esc"],
    "edit.confirm": ["enter"],
    "edit.back": ["backspace"],
    "edit.undo": ["ctrl+z"],
    "edit.redo": ["ctrl+shift+z", "ctrl+y"],
    "edit.delete": ["del"],
    "edit.copy": ["ctrl+c"],
    "edit.paste": ["ctrl+v"],
    "edit.duplicate": ["ctrl+d"],
    "edit.all": ["ctrl+a"],
    "edit.left": ["left"],
    "edit.right": ["right"],
    "edit.up": ["up"],
    "edit.down": ["down"],
    "edit.left10": ["shift+left"],
    "edit.right10": ["shift+right"],
    "edit.up10": ["shift+up"],
    "edit.down10": ["shift+down"],
    "object.next": ["tab"],
    "object.previous": ["shift+tab"],
    "object.hide": ["h"],
    "object.lock": ["l"],
    "object.occluded": ["o"],
    "object.truncated": ["u"],
    "object.attributes": ["e"],
    "view.fit": ["f"],
    "view.actual": ["alt+1"],
    "view.in": ["+", "="],
    "view.out": ["-"],
    "view.selection": ["z"],
    "view.tags": ["t"],
    "view.crosshair": ["x"],
    "view.shapes": ["shift+h"],
    "panel.instructions": ["i"],
    "panel.next": ["f6"],
    "task.submit": ["ctrl+enter"],
    "task.skip": ["ctrl+space", "s"],
    "review.accept": ["a"],
    "review.fix": ["f2"],
    "review.reject": ["r"],
    "review.comment": ["c"],
    "review.next": ["j", "down"],
    "review.previous": ["k", "up"],
    "help.keys": ["f1", "?"],
    "help.palette": ["ctrl+k"],
    "app.theme": ["alt+t"],
  },
};

export const presets: readonly Preset[] = [goldsmithPreset];
