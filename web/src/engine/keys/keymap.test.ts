import { describe, expect, it, vi } from "vitest";
import { type KeyPress, chordOf, shownChord } from "./chord";
import { type Action, Keymap } from "./keymap";

const press = (key: string, code: string, mods: Partial<KeyPress> = {}): KeyPress => ({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...mods });

describe("chords", () => {
  it.each([
    [press("Z", "KeyZ", { ctrlKey: true, shiftKey: true }), "ctrl+shift+z"],
    [press("z", "KeyZ", { metaKey: true }), "ctrl+z"],
    [press("!", "Digit1", { shiftKey: true }), "shift+1"],
    [press("&", "Digit1"), "1"],
    [press("+", "Equal", { shiftKey: true }), "+"],
    [press("?", "Slash", { shiftKey: true }), "?"],
    [press(" ", "Space", { ctrlKey: true }), "ctrl+space"],
    [press("ф", "KeyA"), "a"],
    [press("y", "KeyZ", { ctrlKey: true }), "ctrl+y"],
    [press("Escape", "Escape"), "esc"],
    [press("Tab", "Tab", { shiftKey: true }), "shift+tab"],
    [press("Shift", "ShiftLeft", { shiftKey: true }), null],
  ])("reads %o", (event, chord) => expect(chordOf(event)).toBe(chord));

  it("shows chords to people", () => {
    expect(shownChord("ctrl+shift+z")).toBe("Ctrl+Shift+Z");
    expect(shownChord("+")).toBe("+");
    expect(shownChord("ctrl++")).toBe("Ctrl++");
  });
});

describe("keymap", () => {
  const action = (id: string, scope: Action["scope"]): Action => ({ id, name: id, group: "g", scope, run: vi.fn() });
  const preset = { id: "p", name: "p", keys: { a: ["x"], b: ["x"], c: ["x"], d: ["y"] } };

  it("gives the innermost scope the key", () => {
    const map = new Keymap([action("a", "label"), action("c", "reasons")], preset);
    expect(map.resolve("x", ["reasons", "label", "any"])?.id).toBe("c");
    expect(map.resolve("x", ["label", "any"])?.id).toBe("a");
    expect(map.resolve("y", ["label"])).toBeNull();
  });

  it("finds conflicts in overlapping scopes only", () => {
    expect(new Keymap([action("a", "label"), action("b", "review")], preset).conflicts()).toEqual([]);
    expect(new Keymap([action("a", "label"), action("c", "reasons")], preset).conflicts()).toEqual([]);
    expect(new Keymap([action("a", "label"), action("b", "any")], preset).conflicts()).toEqual([{ chord: "x", actions: ["a", "b"] }]);
  });

  it("takes overrides in place of the preset's keys", () => {
    const map = new Keymap([action("a", "label"), action("b", "label")], preset, { b: ["q"] });
    expect(map.conflicts()).toEqual([]);
    expect(map.resolve("q", ["label"])?.id).toBe("b");
  });
});
