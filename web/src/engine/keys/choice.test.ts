import { describe, expect, it } from "vitest";
import { FIRST_CHOICE, changesOf, readChoice, withKeys, withPreset, withoutChanges } from "./choice";
import { goldsmithPreset, presets } from "./presets";

describe("a person's keys", () => {
  it("keeps changes by preset, and forgets those that say what the preset says", () => {
    let choice = withKeys(FIRST_CHOICE, goldsmithPreset, "tool.box", ["w"]);
    expect(changesOf(choice)).toEqual({ "tool.box": ["w"] });
    choice = withPreset(choice, "cvat");
    expect(changesOf(choice)).toEqual({});
    choice = withKeys(withPreset(choice, "goldsmith"), goldsmithPreset, "tool.box", goldsmithPreset.keys["tool.box"]!);
    expect(changesOf(choice)).toEqual({});
  });

  it("goes back one by one or all at once", () => {
    const choice = withKeys(withKeys(FIRST_CHOICE, goldsmithPreset, "tool.box", ["w"]), goldsmithPreset, "edit.undo", []);
    expect(changesOf(withoutChanges(choice, "tool.box"))).toEqual({ "edit.undo": [] });
    expect(changesOf(withoutChanges(choice))).toEqual({});
  });

  it("survives being written and read", () => {
    const choice = withPreset(withKeys(FIRST_CHOICE, goldsmithPreset, "view.fit", ["g f", "ctrl+shift+f"]), "labelme");
    expect(readChoice(JSON.parse(JSON.stringify(choice)), presets)).toEqual(choice);
  });

  it.each([null, 7, "x", [], {}, { format: 2, changes: {} }, { format: 1, changes: null }])("refuses %o", (json) => expect(readChoice(json, presets)).toBeNull());

  it("leaves out what makes no sense or is not ours to take", () => {
    const json = { format: 1, preset: "gone", changes: { goldsmith: { "tool.box": ["ctrl+w", "Shift+B", "w", 4, "a b c"], "<script>": ["q"], "edit.undo": "z" }, gone: { x: ["y"] } } };
    expect(readChoice(json, presets)).toEqual({ format: 1, preset: "goldsmith", changes: { goldsmith: { "tool.box": ["w"] } } });
  });
});
