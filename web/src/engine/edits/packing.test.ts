import { expect, it } from "vitest";
import { Hand, makeEditor, ontology as plain } from "../testing";
import type { Ontology } from "../types";
import { LogWriter, readLog } from "./kept-log";

const ontology: Ontology = { classes: [{ ...plain.classes[1]!, geometry_kinds: ["mask"] }], questions: [] };

it("keeps a stroke on a large mask short, and runs it back to the same document", () => {
  const editor = makeEditor({ ontology, frame: { width: 4000, height: 3000 } });
  editor.setTool("brush");
  editor.brush.sizePx = 900;
  const hand = new Hand(editor);
  hand.drag([600, 600], [3000, 2000]);
  editor.brush.sizePx = 4;
  for (let i = 0; i < 20; i++) hand.drag([200 + 40 * i, 1900], [210 + 40 * i, 1900]);
  editor.undo();
  const writer = new LogWriter({ labelling: editor.base, z: null });
  writer.write(editor.history.log);
  const [first, ...strokes] = writer.lines.slice(1).map((line) => line.length);
  expect(first).toBeGreaterThan(8_000);
  expect(Math.max(...strokes)).toBeLessThan(700);
  expect(readLog(writer.lines)!.log).toEqual(editor.history.log);
});
