import { describe, expect, it, vi } from "vitest";
import { type KeyPress, chordOf, isChord, isKeptByBrowser, shownChord, shownKeys } from "./chord";
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
    expect(shownChord("t shift+l")).toBe("T Shift+L");
    expect(shownKeys("t l")).toEqual(["T", "L"]);
  });

  it.each(["a", "+", "ctrl++", "ctrl+shift+z", "f12", "t l", "ctrl+k ctrl+s"])("takes %s for a chord", (chord) => expect(isChord(chord)).toBe(true));
  it.each(["", "A", "ctrl", "a b c", "shift+ctrl+a", "hello", "ctrl+", "a  b"])("does not take %s", (chord) => expect(isChord(chord)).toBe(false));
  it("leaves the browser its own", () => {
    expect(["ctrl+w", "ctrl+t", "ctrl+n", "ctrl+r", "ctrl+shift+t", "g ctrl+w"].every(isKeptByBrowser)).toBe(true);
    expect(["ctrl+s", "w", "alt+w"].some(isKeptByBrowser)).toBe(false);
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

  it("takes two presses, and finds what hides behind the first", () => {
    const keys = { a: ["t l"], b: ["t h"], c: ["t l"], d: ["y"] };
    const map = new Keymap([action("a", "label"), action("b", "label"), action("c", "quick")], { ...preset, keys });
    expect(map.begins("t", ["label"])).toBe(true);
    expect(map.begins("y", ["label"])).toBe(false);
    expect(map.resolve("t h", ["label"])?.id).toBe("b");
    expect(map.conflicts()).toEqual([]);
    const hidden = new Keymap([action("a", "label"), action("b", "label"), action("d", "any")], { ...preset, keys: { ...keys, d: ["t"] } });
    expect(hidden.conflicts()).toEqual([{ chord: "t", actions: ["d", "a", "b"] }]);
  });

  it("tells who holds a key", () => {
    const map = new Keymap([action("a", "label"), action("b", "label"), action("c", "quick"), action("d", "any")], { ...preset, keys: { a: ["x"], b: ["t l"], c: ["x"], d: ["q"] } });
    const holders = (chord: string, id: string) => map.holders(chord, id).map((h) => h.id);
    expect([holders("x", "b"), holders("x", "a"), holders("t", "a"), holders("x y", "b"), holders("q", "a"), holders("q", "c")]).toEqual([["a"], [], ["b"], ["a"], ["d"], []]);
  });

  it("takes overrides in place of the preset's keys", () => {
    const map = new Keymap([action("a", "label"), action("b", "label")], preset, { b: ["q"] });
    expect(map.conflicts()).toEqual([]);
    expect(map.resolve("q", ["label"])?.id).toBe("b");
  });
});
