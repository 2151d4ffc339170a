/**
 * The keys of other tools, by our names of what they do. CVAT 2.15 (shortcuts-reducer.ts), Label Studio 1.23
 * (keymap.json, hotkeys.md), LabelMe and X-AnyLabeling (their yaml). Keys that browsers keep for themselves, such as
 * CVAT's ctrl+R, are left out. Actions not listed are placed by `derivedPreset`.
 */
import type { PeerTable } from "./derive";

const classes = (keysOf: (index: number) => readonly string[]): Record<string, readonly string[]> =>
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`class.${i + 1}`, keysOf(i)]));
const digit = (index: number): string => String((index + 1) % 10);

/** N is the whole job: start, finish, repeat. T leads the keys that act on all. */
const cvat: PeerTable = {
  id: "cvat",
  name: "CVAT",
  leader: "t",
  keys: {
    ...classes((i) => (i < 10 ? [`ctrl+${digit(i)}`, digit(i)] : [`shift+${digit(i)}`])),
    "help.keys": ["f1"],
    "task.submit": ["f", "ctrl+enter"],
    "task.takeBack": ["d"],
    "task.save": ["ctrl+s"],
    "tool.repeat": ["n"],
    "tool.keep": ["t n"],
    "edit.cancel": ["esc"],
    "edit.undo": ["ctrl+z"],
    "edit.redo": ["ctrl+shift+z", "ctrl+y"],
    "edit.delete": ["del"],
    "edit.copy": ["ctrl+c"],
    "edit.paste": ["ctrl+v"],
    "object.next": ["tab"],
    "object.previous": ["shift+tab"],
    "object.lock": ["l"],
    "object.hide": ["h"],
    "object.occluded": ["q", "/"],
    "list.lock": ["t l"],
    "list.hide": ["t h"],
    "view.fit": ["t f"],
    "view.in": ["ctrl+=", "ctrl++"],
    "view.out": ["ctrl+-"],
    "view.tags": ["t t"],
    "mode.tags": ["t q"],
  },
};

/** Digits and then letters are the labels; ctrl is the flow of tasks, alt is about the region. */
const labelStudio: PeerTable = {
  id: "label-studio",
  name: "Label Studio",
  leader: ",",
  keys: {
    ...classes((i) => (i < 10 ? [digit(i)] : [`shift+${digit(i)}`])),
    "task.submit": ["ctrl+enter", "alt+enter"],
    "task.skip": ["ctrl+space"],
    "task.takeBack": ["ctrl+left"],
    "edit.undo": ["ctrl+z"],
    "edit.redo": ["ctrl+shift+z"],
    "edit.duplicate": ["ctrl+d"],
    "edit.back": ["backspace"],
    "edit.cancel": ["esc", "u"],
    "object.next": ["alt+.", "tab"],
    "object.hide": ["alt+h"],
    "object.lock": ["alt+l"],
    "object.attributes": ["alt+m"],
    "list.hide": ["shift+h"],
    "list.lock": ["shift+l"],
    "tool.select": ["v"],
    "tool.box": ["r"],
    "tool.polygon": ["p"],
    "view.in": ["ctrl+=", "ctrl++"],
    "view.out": ["ctrl+-"],
    "view.shapes": [", h"],
  },
};

/** One hand on the keys at A, D, W, Q, E and F; the other on the mouse. */
const labelMe: PeerTable = {
  id: "labelme",
  name: "LabelMe",
  leader: ",",
  keys: {
    ...classes((i) => [i < 10 ? digit(i) : `shift+${digit(i)}`]),
    "task.submit": ["d", "ctrl+enter"],
    "task.takeBack": ["a"],
    "task.skip": ["ctrl+space"],
    "task.save": ["ctrl+s"],
    "tool.box": ["r"],
    "tool.polygon": ["p"],
    "edit.confirm": ["f", "enter"],
    "edit.undo": ["ctrl+z"],
    "object.rename": ["ctrl+e"],
    "list.hide": ["s", "w"],
    "object.attributes": ["shift+a"],
    "mode.tags": ["shift+d"],
    "view.fit": ["ctrl+shift+f"],
    "panel.instructions": ["shift+i"],
  },
};

export const peerTables: readonly PeerTable[] = [cvat, labelStudio, labelMe];
