import { describe, expect, it } from "vitest";
import { chooseClass, copySelected, cycle, deleteSelected, nudge, paste, setAttribute, toggleFlag, toggleMark } from "./commands";
import { storedDraft } from "./edits/testing";
import { History } from "./edits/history";
import { type Editor } from "./editor";
import { annotation, box, Hand, makeEditor, ontology, seeded } from "./testing";
import { problemsOf, tidied } from "./ontology";

describe("history", () => {
  it("undoes and redoes a drawn box, and starts a new future after a new step", () => {
    const editor = makeEditor();
    editor.setTool("box");
    new Hand(editor).drag([10, 10], [110, 60]);
    expect(editor.document.size).toBe(1);
    editor.undo();
    expect(editor.document.size).toBe(0);
    editor.redo();
    expect(editor.document.size).toBe(1);
    editor.undo();
    editor.setTool("box");
    new Hand(editor).drag([200, 10], [300, 60]);
    expect(editor.history.canRedo).toBe(false);
    expect(editor.history.log).toHaveLength(5);
  });

  it("makes one step of a held arrow key", () => {
    const editor = makeEditor({ base: { annotations: [annotation("a", box(0, 0, 50, 50))], answers: {} }, now: () => 1 });
    editor.select(["a"]);
    for (let i = 0; i < 5; i++) nudge(editor, 1, 0);
    expect(editor.document.findAnnotation("a")?.geometry).toEqual(box(5, 0, 55, 50));
    editor.undo();
    expect(editor.document.findAnnotation("a")?.geometry).toEqual(box(0, 0, 50, 50));
  });
});

describe("commands", () => {
  it("keeps only fitting attributes when an object changes class", () => {
    const editor = makeEditor({ base: { annotations: [annotation("a", box(0, 0, 50, 50))], answers: {} } });
    editor.select(["a"]);
    setAttribute(editor, "a", "side", "l", "Side");
    chooseClass(editor, "sign");
    expect(editor.document.findAnnotation("a")).toMatchObject({ class_id: "sign", attributes: {} });
    editor.undo();
    expect(editor.document.findAnnotation("a")).toMatchObject({ class_id: "car", attributes: { side: "l" } });
  });

  it("refuses a class that is not drawn with the selected shape", () => {
    const base = { annotations: [annotation("p", { kind: "polygon", rings: [[[0, 0], [50, 0], [0, 50]]] })], answers: {} };
    const editor = makeEditor({ base });
    let said = "";
    editor.onMessage = (text) => (said = text);
    editor.select(["p"]);
    chooseClass(editor, "sign");
    expect(editor.document.findAnnotation("p")?.class_id).toBe("car");
    expect(said).toContain("not drawn as a polygon");
  });

  it("does not delete locked objects", () => {
    const editor = makeEditor({ base: { annotations: [annotation("a", box(0, 0, 50, 50))], answers: {} } });
    editor.select(["a"]);
    toggleFlag(editor, "locked");
    deleteSelected(editor);
    expect(editor.document.size).toBe(1);
  });

  it("walks objects in reading order", () => {
    const annotations = [annotation("c", box(10, 500, 40, 540)), annotation("b", box(600, 10, 640, 40)), annotation("a", box(10, 10, 40, 40))];
    const editor = makeEditor({ base: { annotations, answers: {} } });
    const seen = [1, 2, 3, 4].map(() => (cycle(editor, 1), [...editor.selection][0]));
    expect(seen).toEqual(["a", "b", "c", "a"]);
  });
});

describe("what is asked", () => {
  it("asks a conditional attribute only where its condition holds, and sends no value that is not asked", () => {
    const car = (attributes: Record<string, string | boolean>) => ({ annotations: [{ ...annotation("a", box(0, 0, 9, 9)), attributes }], answers: {} });
    const texts = (l: ReturnType<typeof car>): string[] => problemsOf(l, ontology, { width: 100, height: 100 }).map((p) => p.text);
    expect(texts(car({}))).toEqual(["Car: Side is required."]);
    expect(texts(car({ side: "l" }))).toEqual(["Car: Lamp on is required."]);
    expect(texts(car({ side: "r" }))).toEqual([]);
    expect(tidied(car({ side: "r", lamp: true, old: "x" }), ontology).annotations[0]?.attributes).toEqual({ side: "r" });
  });
});

/** Any of the things a person does, at random places. */
function act(editor: Editor, random: () => number): void {
  const hand = new Hand(editor);
  const spot = (): [number, number] => [random() * 1100 - 50, random() * 700 - 50];
  const ids = [...editor.document.ids()];
  const anyId = (): string[] => (ids.length ? [ids[Math.floor(random() * ids.length)]!] : []);
  const moves: (() => void)[] = [
    () => (editor.setTool("box"), hand.drag(spot(), spot())),
    () => (editor.setTool("box"), hand.click(spot()), hand.click(spot())),
    () => {
      editor.setTool("polygon");
      for (let i = 0; i < 3 + random() * 5; i++) hand.click(spot());
      if (random() < 0.3) editor.undo();
      if (!editor.tool.confirm()) editor.tool.cancel();
      editor.setTool("select");
    },
    () => hand.drag(spot(), spot()),
    () => hand.click(spot(), { shift: random() < 0.3, alt: random() < 0.3 }),
    () => editor.select(anyId()),
    () => editor.undo(),
    () => editor.undo(),
    () => editor.redo(),
    () => deleteSelected(editor),
    () => nudge(editor, random() * 20 - 10, random() * 20 - 10),
    () => chooseClass(editor, random() < 0.5 ? "car" : "sign"),
    () => toggleMark(editor, random() < 0.5 ? "is_occluded" : "is_truncated"),
    () => paste(editor, copySelected(editor)),
    () => toggleFlag(editor, random() < 0.5 ? "locked" : "hidden"),
    () => anyId().forEach((id) => setAttribute(editor, id, "side", random() < 0.5 ? "l" : null, "Side")),
    () => {
      editor.viewport.zoomAt(spot(), 0.5 + random());
      if (random() < 0.2) editor.viewport.fit();
    },
    () => hand.router.lost(),
  ];
  moves[Math.floor(random() * moves.length)]!();
}

describe("a random editor", () => {
  it.each([1, 2, 3, 4])("never ends in another state than its replayed log (seed %i)", (seed) => {
    const random = seeded(seed);
    let time = 0;
    let count = 0;
    const base = { annotations: [annotation("base1", box(100, 100, 300, 300)), annotation("base2", box(50, 50, 80, 90), "sign")], answers: {} };
    const ports = { now: () => (time += Math.floor(random() * 900)), newId: () => `n${++count}` };
    let editor = makeEditor({ base, ...ports });
    for (let step = 0; step < 800; step++) {
      act(editor, random);
      if (step % 97 !== 0) continue;
      const { document } = History.replay(base, editor.history.log);
      expect(document.toLabelling()).toEqual(editor.document.toLabelling());
      // Reload: the draft goes through JSON and comes back as the same editor, undo included.
      const { beginning, log, hidden, locked } = storedDraft(editor);
      const again = makeEditor({ base: beginning.labelling, log, hidden, locked, ...ports });
      expect(again.document.toLabelling()).toEqual(editor.document.toLabelling());
      expect(again.history.undoName).toBe(editor.history.undoName);
      editor = again;
    }
    const faults = problemsOf(editor.document.toLabelling(), { ...ontology, classes: ontology.classes.map((c) => ({ ...c, attributes: [] })) }, editor.frame);
    expect(faults).toEqual([]);
    while (editor.history.canUndo) editor.undo();
    expect(editor.document.toLabelling()).toEqual(base);
    while (editor.history.canRedo) editor.redo();
    expect(History.replay(base, editor.history.log).document.toLabelling()).toEqual(editor.document.toLabelling());
  });
});
