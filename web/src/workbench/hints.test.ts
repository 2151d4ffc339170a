import { expect, it } from "vitest";
import { Keymap } from "../engine/keys/keymap";
import { presets } from "../engine/keys/presets";
import { makeEditor } from "../engine/testing";
import { makeTool, toolIds } from "../engine/tools/registry";
import { type ShownKey, hintFor } from "./hints";
import { shownKey } from "./keymap-context";

const keysOf = (presetId: string, changes: Record<string, string[]> = {}): ShownKey => {
  const map = new Keymap([], presets.find((p) => p.id === presetId)!, changes);
  return (id) => shownKey(map, id);
};

it("names the keys of the preset in force", () => {
  expect(hintFor("select", null, keysOf("goldsmith"))).toContain("N draws again");
  expect(hintFor("polygon", null, keysOf("goldsmith"))).toContain("Enter closes");
  expect(hintFor("polygon", null, keysOf("labelme"))).toContain("F closes");
});

it("follows what a person changed, and names no key where there is none", () => {
  const keys = keysOf("goldsmith", { "tool.more": ["ctrl+up"], "edit.confirm": [], "tool.repeat": [] });
  expect(hintFor("brush", null, keys)).toContain("[ Ctrl+↑: size");
  expect(hintFor("brush", null, keys)).not.toContain("another object");
  expect(hintFor("select", null, keys)).toBe("Click to select, drag to move");
});

it("has no key written down in its words", () => {
  const unlike: ShownKey = (id) => `<${id}>`;
  const said = toolIds.filter((id) => makeTool(id, makeEditor())).map((id) => hintFor(id, null, unlike));
  const words = said.join(" ").replaceAll(/<[^>]+>/g, "").split(/[\s;:,]+/);
  expect(words.filter((word) => /^(Enter|Esc|Escape|Backspace|Tab|Del|Delete|Space)$/.test(word))).toEqual([]);
  expect(words.filter((word) => /^[A-Z[\]]$/.test(word))).toEqual([]);
});
