import { describe, expect, it } from "vitest";
import type { Editor } from "../editor";
import { annotation, box, makeEditor, seeded } from "../testing";
import { History } from "./history";
import { LogWriter, decisionsIn, readLog } from "./kept-log";
import { diff, patched, sameJson } from "./patch";
import { storyOf } from "./story";
import { anyAnnotation, pick, randomLabelling, randomStep } from "./testing";

const FRAME = { width: 1000, height: 600 };

function reopened(lines: readonly string[], seed: number, read = readLog(lines)!): Editor {
  expect(read.lineCount).toBe(lines.length);
  let count = 0;
  return makeEditor({ base: read.beginning.labelling, baseZ: read.beginning.z, log: read.log, decided: read.beginning.decided ?? [], newId: () => `s${seed}_${String(++count).padStart(6, "0")}` });
}

const state = (editor: Editor): unknown => [editor.document.inOrder(), editor.document.answers, editor.document.relations, editor.suggestions.decisions];

/** What is decided about suggestions stands between the steps. */
function decideSometimes(editor: Editor, random: () => number): void {
  if (random() > 0.2) return;
  editor.suggestions.takeOver([{ source: "assist:wand", annotation_id: random() < 0.5 ? null : "a", made: String(random()), before: null, took_ms: 1 }]);
}

describe("patches", () => {
  it("make one value out of another, whatever they are", () => {
    const random = seeded(3);
    const value = (depth: number): unknown => {
      const roll = random();
      if (depth === 0 || roll < 0.3) return pick(random, [1, 2, "a", "b", null, true]);
      if (roll < 0.65) return Array.from({ length: Math.floor(random() * 6) }, () => value(depth - 1));
      return Object.fromEntries(["x", "y", "z"].filter(() => random() < 0.6).map((key) => [key, value(depth - 1)]));
    };
    for (let i = 0; i < 3000; i++) {
      const [a, b] = [value(4), value(4)];
      const patch = diff(a, b);
      expect(patch === null).toBe(sameJson(a, b));
      if (patch) expect(patched(a, JSON.parse(JSON.stringify(patch)))).toEqual(b);
    }
  });

  it("are small where little changed, and share what did not", () => {
    const ring = Array.from({ length: 500 }, (_, i) => [i, i * 2]);
    const before = { z: 1, annotation: { geometry: { kind: "polygon", rings: [ring] }, attributes: { a: "x" } } };
    const after = { z: 1, annotation: { ...before.annotation, geometry: { kind: "polygon", rings: [ring.map((p, i) => (i === 7 ? [1, 1] : p))] } } };
    const patch = diff(before, after)!;
    expect(JSON.stringify(patch).length).toBeLessThan(120);
    const made = patched(before, patch) as typeof before;
    expect(made).toEqual(after);
    expect(made.annotation.attributes).toBe(before.annotation.attributes);
    expect(made.annotation.geometry.rings[0]![3]).toBe(ring[3]);
  });

  it("refuse a value they were not made for", () => {
    expect(() => patched(1, { o: {} })).toThrow(TypeError);
    expect(() => patched({}, { a: [0, null] })).toThrow(TypeError);
    expect(() => patched([1], { a: [0, null, null] })).toThrow(TypeError);
  });
});

describe("the kept log", () => {
  it("brings back a document, its undo and its redo after thousands of random steps with reloads in between", () => {
    for (const seed of [1, 2, 3, 4]) {
      const random = seeded(seed);
      let editor = makeEditor({ base: randomLabelling(random, 12) });
      let writer = new LogWriter({ labelling: editor.base, z: null });
      const stored: string[] = [];
      const store = (): void => {
        const { from } = writer.write(editor.history.log);
        stored.splice(from, stored.length, ...writer.lines.slice(from));
      };
      for (let i = 0; i < 1500; i++) {
        randomStep(editor, random);
        decideSometimes(editor, random);
        for (const r of editor.document.relations) expect([editor.document.find(r.from_id), editor.document.find(r.to_id)]).not.toContain(null);
        if (random() < 0.7) store();
        if (random() > 0.01) continue;
        store();
        expect(stored).toEqual(writer.lines);
        const before = [state(editor), editor.history.undoName, editor.history.redoName];
        editor = reopened(stored, seed * 10000 + i);
        writer = LogWriter.resume(stored, readLog(stored)!);
        expect([state(editor), editor.history.undoName, editor.history.redoName]).toEqual(before);
      }
      store();
      const replayed = History.replay(editor.base, editor.history.log);
      expect([replayed.document.inOrder(), replayed.document.answers, replayed.document.relations, decisionsIn(replayed.history.log)]).toEqual(state(editor));
      const again = reopened(stored, 0);
      while (editor.history.canUndo) {
        editor.undo();
        again.undo();
      }
      expect(state(again)).toEqual(state(editor));
      expect(again.document.toLabelling()).toEqual(again.base);
      while (editor.history.canRedo) {
        editor.redo();
        again.redo();
      }
      expect(state(again)).toEqual(state(editor));
    }
  }, 60_000);

  it("lets go of its oldest steps when it grows over its bound, and says how many", () => {
    const random = seeded(8);
    const editor = makeEditor({ base: randomLabelling(random, 5) });
    const writer = new LogWriter({ labelling: editor.base, z: null }, 20_000);
    const stored: string[] = [];
    let forgotten = 0;
    for (let i = 0; i < 1200; i++) {
      randomStep(editor, random);
      decideSometimes(editor, random);
      const written = writer.write(editor.history.log);
      forgotten += written.forgotten;
      stored.splice(written.from, stored.length, ...writer.lines.slice(written.from));
      if (i % 50) continue;
      expect(stored).toEqual(writer.lines);
      const again = reopened(stored, i);
      expect(state(again)).toEqual(state(editor));
      // What is left can be undone and redone as far as it goes.
      let steps = 0;
      for (; again.history.canUndo; steps++) again.undo();
      for (; steps > 0; steps--) again.redo();
      expect(state(again)).toEqual(state(editor));
    }
    expect(forgotten).toBeGreaterThan(100);
    expect(writer.lines.join("\n").length).toBeLessThan(120_000);
  });

  it("keeps what comes before a damaged line", () => {
    const editor = makeEditor();
    for (let i = 0; i < 5; i++) editor.put([{ annotation: annotation(`a${i}`, box(i, 0, i + 9, 9)), z: i }], "Draw");
    const writer = new LogWriter({ labelling: editor.base, z: null });
    writer.write(editor.history.log);
    for (const bad of ["{", '{"do":{"name":"x","at_ms":1,"entries":[],"relations":[["r",{"relation_id":"r","relation_type_id":"t","from_id":"a0","to_id":"gone"}]]}}', '{"undo":7,"at_ms":1}', '{"do":{"name":"x","at_ms":1,"entries":[{"id":"a","z":0,"a":{}}]}}', '{"new":1}']) {
      const lines = [...writer.lines.slice(0, 3), bad, ...writer.lines.slice(3)];
      const read = readLog(lines)!;
      expect([read.lineCount, read.log.length]).toEqual([3, 2]);
      const resumed = LogWriter.resume(lines, read);
      expect(resumed.lines).toEqual(lines.slice(0, 3));
    }
    expect(readLog([])).toBeNull();
    expect(readLog(["nonsense"])).toBeNull();
  });

  it("adds a line a step, however long the log: ten thousand steps on a thousand polygons", () => {
    const random = seeded(5);
    const near = (at: number): number => Math.round((at + random() * 20) * 100) / 100;
    const ring = (i: number): [number, number][] => Array.from({ length: 20 }, () => [near((i % 40) * 20), near(Math.floor(i / 40) * 20)]);
    const editor = makeEditor({ base: { annotations: Array.from({ length: 1000 }, (_, i) => annotation(`p${i}`, { kind: "polygon", rings: [ring(i)] })), answers: {} } });
    const writer = new LogWriter({ labelling: editor.base, z: null });
    writer.write(editor.history.log);
    let sent = 0;
    let longest = 0;
    for (let i = 0; i < 10_000; i++) {
      const one = Math.floor(random() * 1000);
      const entry = editor.document.find(`p${one}`)!;
      const geometry = entry.annotation.geometry as { kind: "polygon"; rings: [number, number][][] };
      const at = Math.floor(random() * 20);
      const [moved] = ring(one);
      editor.put([{ z: entry.z, annotation: { ...entry.annotation, geometry: { kind: "polygon", rings: [geometry.rings[0]!.map((p, k) => (k === at ? moved! : p))] } } }], "Move corner");
      const { from } = writer.write(editor.history.log);
      sent += writer.lines.length - from;
      longest = Math.max(longest, writer.lines.at(-1)!.length);
    }
    expect([sent, longest < 250]).toEqual([10_000, true]);
    const read = readLog(writer.lines)!;
    expect(read.lineCount).toBe(10_001);
    expect(reopened(writer.lines, 1).document.inOrder()).toEqual(editor.document.inOrder());
  }, 60_000);

  it("is the same whoever wrote it", () => {
    const random = seeded(12);
    const editor = makeEditor({ base: { annotations: [anyAnnotation(random, "a", FRAME)], answers: {} } });
    const writer = new LogWriter({ labelling: editor.base, z: null });
    for (let i = 0; i < 60; i++) randomStep(editor, random);
 decideSometimes(editor, random);
    writer.write(editor.history.log);
    const read = readLog(writer.lines)!;
    const elsewhere = LogWriter.resume(writer.lines, read);
    const there = reopened(writer.lines, 3, read);
    expect(elsewhere.write(there.history.log).from).toBe(writer.lines.length);
    expect(elsewhere.lines).toEqual(writer.lines);
  });
});

describe("the story of an object", () => {
  it("tells when it was made and last changed, without what was undone", () => {
    const editor = makeEditor({ base: { annotations: [annotation("old", box(0, 0, 5, 5))], answers: {} } });
    editor.put([{ annotation: annotation("new", box(0, 0, 9, 9)), z: 1 }], "Draw");
    const change = (id: string, to: number): void => editor.put([{ z: 0, annotation: annotation(id, box(0, 0, to, to)) }], "Move");
    change("new", 10);
    change("old", 6);
    change("new", 11);
    editor.undo();
    const times = editor.history.log.flatMap((r) => ("do" in r ? [r.do.at_ms] : []));
    expect(storyOf("new", editor.history.log)).toEqual({ madeMs: times[0], changedMs: times[1], steps: 2 });
    expect(storyOf("old", editor.history.log)).toEqual({ madeMs: null, changedMs: times[2], steps: 1 });
    expect(storyOf("other", editor.history.log)).toBeNull();
    editor.redo();
    expect(storyOf("new", editor.history.log)).toMatchObject({ changedMs: times[3] });
  });
});
