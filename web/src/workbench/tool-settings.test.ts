import { expect, it } from "vitest";
import { makeEditor } from "../engine/testing";
import { KeptOptions } from "./assist/options.svelte";
import { type KeptValues, ToolSettings } from "./tool-settings";

function keptValues(values: Record<string, unknown> = {}): KeptValues & { values: Record<string, unknown> } {
  return { values, get: (name) => values[name], set: (name, value) => void (values[name] = JSON.parse(JSON.stringify(value))) };
}

it("keeps how the tools are set, for the next task and the next sitting", () => {
  const kept = keptValues();
  const tools = new ToolSettings(kept);
  const first = makeEditor();
  tools.follow(first);
  first.setTool("brush");
  first.tool.adjust?.(5);
  first.brush.form = "square";
  first.brush.overlap = "take";
  first.snapper.isOn = true;
  first.refining.adjustTolerance(3);
  first.refining.adjustStrength(1);
  first.changed("tool");
  const next = makeEditor();
  tools.follow(next);
  const later = makeEditor();
  new ToolSettings(kept).follow(later);
  for (const editor of [next, later]) {
    expect([editor.brush.sizePx, editor.brush.form, editor.brush.overlap, editor.snapper.isOn]).toEqual([first.brush.sizePx, "square", "take", true]);
    expect([editor.refining.tolerancePx, editor.refining.strength]).toEqual([first.refining.tolerancePx, 2]);
  }
});

it("keeps nothing that nobody changed, and takes what comes from another computer", () => {
  const kept = keptValues();
  const tools = new ToolSettings(kept);
  const editor = makeEditor();
  tools.follow(editor);
  editor.setTool("box");
  expect(kept.values).toEqual({});
  kept.values["tools"] = { size_px: 90, form: "square" };
  tools.renew();
  expect([editor.brush.sizePx, editor.brush.form]).toEqual([90, "square"]);
});

it.each([null, 7, [], { size_px: "big", form: "heart", overlap: 3, snaps: "yes", tolerance_px: null }])("leaves the tools as they are when %o was kept", (found) => {
  const editor = makeEditor();
  const before = [editor.brush.sizePx, editor.brush.form, editor.brush.overlap, editor.snapper.isOn, editor.refining.tolerancePx];
  new ToolSettings(keptValues({ tools: found })).follow(editor);
  expect([editor.brush.sizePx, editor.brush.form, editor.brush.overlap, editor.snapper.isOn, editor.refining.tolerancePx]).toEqual(before);
});

it("keeps how the assistants are set, and the model in hand", () => {
  const kept = keptValues();
  const options = new KeptOptions(kept);
  options.keep();
  expect(kept.values).toEqual({});
  options.tolerance = 80;
  options.segmenterId = "mdv_1";
  options.keep();
  const again = new KeptOptions(kept);
  expect([again.tolerance, again.segmenterId, again.side]).toEqual([80, "mdv_1", options.side]);
  expect(new KeptOptions(keptValues({ assistants: { tolerance: 9000, kind: "star" } })).tolerance).toBe(new KeptOptions(keptValues()).tolerance);
});
