/** Every preset gives every known action a key that the browser lets go, and no key to two actions that meet. */
import { describe, expect, it } from "vitest";
import { isChord, isKeptByBrowser } from "./chord";
import { scopeOfId } from "./derive";
import { Keymap } from "./keymap";
import { peerTables } from "./peers";
import { goldsmithPreset, presets } from "./presets";

const ids = Object.keys(goldsmithPreset.keys);

it("offers goldsmith, CVAT, Label Studio and LabelMe", () => {
  expect(presets.map((p) => p.name)).toEqual(["goldsmith", "CVAT", "Label Studio", "LabelMe"]);
});

describe.each(presets.map((p) => [p.name, p] as const))("%s", (_name, preset) => {
  it("has keys for every action", () => expect(ids.filter((id) => !preset.keys[id]?.length)).toEqual([]));

  it("uses keys as they are spelt and as browsers leave them", () => {
    const all = Object.values(preset.keys).flat();
    expect(all.filter((chord) => !isChord(chord) || isKeptByBrowser(chord))).toEqual([]);
  });

  it("gives no key to two actions that can be meant at once", () => {
    const actions = ids.map((id) => ({ id, name: id, group: "", scope: scopeOfId(id), run: () => undefined }));
    expect(new Keymap(actions, preset).conflicts()).toEqual([]);
  });
});

it("names only actions that exist in other tools' tables", () => {
  expect(peerTables.flatMap((peer) => Object.keys(peer.keys).filter((id) => !ids.includes(id)).map((id) => `${peer.id}: ${id}`))).toEqual([]);
});
