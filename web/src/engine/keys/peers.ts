/**
 * The keys of other tools, by our names of what they do. CVAT 2.15 (shortcuts-reducer.ts), Label Studio 1.23
 * (keymap.json, hotkeys.md), LabelMe and X-AnyLabeling (their yaml). Keys that browsers keep for themselves, such as
 * CVAT's ctrl+R, are left out. Actions not listed are placed by `derivedPreset`.
 */
import type { PeerTable } from "./derive";
import { msg } from "../text";

const classes = (keysOf: (index: number) => readonly string[]): Record<string, readonly string[]> =>
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`class.${i + 1}`, keysOf(i)]));
const digit = (index: number): string => String((index + 1) % 10);

/** N is the whole job: start, finish, repeat. T leads the keys that act on all. */
const cvat: PeerTable = {
  id: "cvat",
  name: "CVAT",
  leader: "t",
  keys: {
    ...classes((i) => (i < 10 ? [digit(i), `ctrl+${digit(i)}`] : [`shift+${digit(i)}`])),
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
    "shape.group": ["g"],
    "shape.ungroup": ["shift+g"],
    "shape.join": ["j"],
    "shape.raise": ["+", "="],
    "shape.lower": ["-"],
    "tool.slice": ["alt+j"],
    "view.panel": ["f2"],
    "view.fit": ["t f"],
    "view.in": ["ctrl+=", "ctrl++"],
    "view.out": ["ctrl+-"],
    "view.tags": ["t t"],
    "view.brightness.up": ["shift+b"],
    "view.brightness.down": ["alt+b"],
    "view.contrast.up": ["shift+c"],
    "view.contrast.down": ["alt+c"],
    "view.saturation.up": ["shift+s"],
    "view.saturation.down": ["alt+s"],
    "mode.tags": ["t q"],
    "mode.attributes": ["t e"],
    "mode.quick": ["t shift+q"],
    "attributes.next": ["tab", "enter"],
    "attributes.previous": ["shift+tab"],
    "attributes.down": ["down"],
    "attributes.up": ["up"],
  },
};

/** Digits and then letters are the labels; ctrl is the flow of tasks, alt is about the region. */
const labelStudio: PeerTable = {
  id: "label-studio",
  name: msg`Label Studio`,
  leader: ",",
  // K sets a point there; L is free, for locking is on alt.
  moves: { k: "l" },
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
    "tool.rotated_box": ["shift+r"],
    "tool.ellipse": ["o"],
    "tool.polygon": ["p"],
    "tool.point": ["k"],
    "tool.brush": ["b"],
    "tool.eraser": ["e"],
    "tool.less": ["["],
    "tool.more": ["]"],
    "view.in": ["ctrl+=", "ctrl++"],
    "view.out": ["ctrl+-"],
    "view.shapes": [", shift+h"],
    "object.occluded": [", o"],
    "object.truncated": [", u"],
    // Ctrl and an arrow go to another task there.
    "text.signLeft": [", left"],
    "text.signRight": [", right"],
  },
};

/** One hand on the keys at A, D, W, Q, E and F; the other on the mouse. */
const labelMe: PeerTable = {
  id: "labelme",
  name: "LabelMe",
  leader: ",",
  // W shows and hides there; C is free, for the clicks of the assistant are on Q.
  moves: { w: "c" },
  keys: {
    ...classes((i) => [i < 10 ? digit(i) : `shift+${digit(i)}`]),
    "task.submit": ["d", "ctrl+enter"],
    "task.takeBack": ["a"],
    "task.skip": ["ctrl+space"],
    "task.save": ["ctrl+s"],
    "tool.box": ["r"],
    "tool.rotated_box": ["o"],
    "tool.polygon": ["p"],
    "tool.wand": ["shift+w"],
    "tool.segment": ["q"],
    "tool.suggest": ["i"],
    "assist.accept": [", a"],
    "assist.refuse": [", d"],
    "edit.cancel": ["esc", "b"],
    "edit.confirm": ["f", "enter"],
    "edit.undo": ["ctrl+z"],
    "object.rename": ["ctrl+e"],
    "object.occluded": [", o"],
    "shape.group": ["g"],
    "list.hide": ["s", "w"],
    "mode.tags": [", q"],
    "view.fit": ["ctrl+shift+f", "alt+0"],
    "panel.instructions": [", i"],
  },
};

export const peerTables: readonly PeerTable[] = [cvat, labelStudio, labelMe];
