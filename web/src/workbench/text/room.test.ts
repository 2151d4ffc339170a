import { beforeEach, describe, expect, it } from "vitest";
import { chooseClass } from "../../engine/commands";
import { seeded } from "../../engine/testing";
import { Editor } from "../../engine/editor";
import { idMaker } from "../../engine/ids";
import type { Annotation, Ontology } from "../../engine/types";
import { Bench } from "../bench.svelte";
import { type TextRoom as Room, TextRoom } from "./room.svelte";

const TEXT = "👩‍👩‍👧 Anna de Vries works for Acme in Bonn.\nBonn is where Acme and Anna live; Bonner do not. Acme pays.";
const plain = { parent_id: null, geometry_kinds: ["span"], attributes: [] };
const ONTOLOGY: Ontology = {
  classes: [{ class_id: "person", name: "Person", color: "#3b82f6", ...plain }, { class_id: "org", name: "Organisation", color: "#f59e0b", ...plain }, { class_id: "scene", name: "Scene", color: "#22c55e", ...plain, geometry_kinds: ["box"] }],
  questions: [],
  relation_types: [
    { relation_type_id: "works", name: "works for", is_directed: true, from_class_ids: ["person"], to_class_ids: ["org"] },
    { relation_type_id: "owns", name: "owns", is_directed: true, from_class_ids: ["person"], to_class_ids: ["org"] },
    { relation_type_id: "same", name: "same as", is_directed: false, from_class_ids: ["person"], to_class_ids: ["person"] },
  ],
};

let bench: Bench;
let room: Room;
let said: string[];

beforeEach(() => {
  let now = 0;
  const editor = new Editor({ frame: { width: [...TEXT].length, height: 1 }, ontology: ONTOLOGY, base: { annotations: [], answers: {} }, now: () => (now += 1000), newId: idMaker("ann", () => now, seeded(1)) });
  bench = new Bench(editor);
  room = new TextRoom(bench, TEXT);
  bench.text = room;
  said = [];
  editor.onMessage = (text) => said.push(text);
});

const choose = (part: string, from = 0): void => {
  const start = TEXT.indexOf(part, from);
  room.choose({ start, end: start + part.length });
};
const mark = (part: string, classId: string, from = 0): string => {
  choose(part, from);
  chooseClass(bench.editor, classId);
  return room.active!.annotation_id;
};
const spans = (): string[] => bench.editor.document.inOrder().map(({ annotation: a }) => `${a.class_id}:${room.textOf(a)}`);
const geometry = (a: Annotation): unknown => a.geometry;
const chosen = (): string => (room.chosen ? room.body.slice(room.chosen) : "");
const at = (): string => (room.cursor ? room.body.slice(room.cursor) : "");

describe("marking", () => {
  it("gives the class to what is chosen, in code points, and takes it back", () => {
    mark("Anna de Vries", "person");
    // The family of three is five code points.
    expect(geometry(room.active!)).toEqual({ kind: "span", start: 6, end: 19 });
    expect(spans()).toEqual(["person:Anna de Vries"]);
    chooseClass(bench.editor, "org");
    expect(spans()).toEqual(["org:Anna de Vries"]);
    bench.editor.undo();
    bench.editor.undo();
    expect(spans()).toEqual([]);
    bench.editor.redo();
    expect(spans()).toEqual(["person:Anna de Vries"]);
  });

  it("marks the same place in the same class once, in another class as often as wished", () => {
    mark("Acme", "org");
    choose("Acme");
    chooseClass(bench.editor, "org");
    expect([spans(), said]).toEqual([["org:Acme"], ["This is marked so already."]]);
    mark("Acme", "person");
    expect(spans()).toEqual(["org:Acme", "person:Acme"]);
  });

  it("uses a class that marks texts when the one in hand does not", () => {
    bench.editor.setClass("scene");
    choose("Acme");
    room.hand.label();
    expect(spans()).toEqual(["person:Acme"]);
    chooseClass(bench.editor, "scene");
    expect(said.at(-1)).toContain("not drawn as a span");
  });

  it("marks all that reads the same as one step, whole words only where a whole word was chosen", () => {
    bench.editor.setClass("org");
    choose("Bonn");
    room.hand.markAll();
    expect(spans()).toEqual(["org:Bonn", "org:Bonn"]);
    room.hand.markAll();
    expect(said.at(-1)).toContain("Choose some text or a span first");
    bench.editor.undo();
    expect(spans()).toEqual([]);
    const id = mark("Acme", "org");
    room.hand.markAll();
    expect(spans()).toEqual(["org:Acme", "org:Acme", "org:Acme"]);
    bench.editor.select([id]);
    room.hand.markAll();
    expect(said.at(-1)).toContain("marked so already");
  });

  it("changes nothing where it is read only", () => {
    bench.editor.isReadonly = true;
    choose("Acme");
    chooseClass(bench.editor, "org");
    room.hand.markAll();
    room.linking.begin();
    expect([spans(), room.linking.isOn]).toEqual([[], false]);
  });
});

describe("by keys alone", () => {
  it("goes from word to word over signs of any make, and gives a class to the word at hand", () => {
    room.step(1, "word", false);
    expect(at()).toBe("👩‍👩‍👧");
    room.step(1, "word", false);
    expect(at()).toBe("Anna");
    chooseClass(bench.editor, "person");
    expect(spans()).toEqual(["person:Anna"]);
    room.step(1, "word", false);
    expect([at(), bench.editor.selection.size]).toEqual(["de", 0]);
    room.step(-1, "word", false);
    room.step(-1, "word", false);
    expect(at()).toBe("👩‍👩‍👧");
    room.leap("end", false);
    expect(at()).toBe(".");
    room.leap("lineStart", false);
    expect(at()).toBe("Bonn");
  });

  it("chooses more and less by words and by signs, across the word it began at", () => {
    room.putCursor(TEXT.indexOf("works"));
    room.step(1, "word", true);
    room.step(1, "word", true);
    expect(chosen()).toBe("works for Acme");
    room.step(-1, "word", true);
    room.step(-1, "word", true);
    expect(chosen()).toBe("works");
    room.step(-1, "word", true);
    expect(chosen()).toBe("Vries works");
    room.swapEnds();
    room.step(1, "word", true);
    expect(chosen()).toBe("Vries works for");
    room.step(-1, "sign", true);
    expect(chosen()).toBe("Vries works fo");
    room.widen();
    expect(chosen()).toBe("👩‍👩‍👧 Anna de Vries works for Acme in Bonn.");
    expect([room.leave(), room.chosen]).toEqual([true, null]);
  });

  it("moves the ends of a span by words and signs, never past each other, a run of presses being one step", () => {
    const id = mark("de", "person");
    const moved = (...step: Parameters<typeof room.hand.moveEnd>): string => {
      room.hand.moveEnd(...step);
      return room.textOf(bench.editor.document.findAnnotation(id)!);
    };
    expect(moved("end", 1, "word")).toBe("de Vries");
    expect(moved("start", -1, "word")).toBe("Anna de Vries");
    expect(moved("end", -1, "sign")).toBe("Anna de Vrie");
    expect(moved("end", 1, "word")).toBe("Anna de Vries");
    expect(moved("start", 1, "sign")).toBe("nna de Vries");
    expect(moved("start", -1, "word")).toBe("Anna de Vries");
    expect(moved("start", -1, "word")).toBe("👩‍👩‍👧 Anna de Vries");
    for (let i = 0; i < 9; i++) moved("end", -1, "word");
    expect(room.textOf(bench.editor.document.findAnnotation(id)!)).toBe("👩‍👩‍👧");
    expect(geometry(bench.editor.document.findAnnotation(id)!)).toEqual({ kind: "span", start: 0, end: 5 });
  });

  it("selects the span at the cursor, then the one around it", () => {
    const outer = mark("Anna de Vries", "person");
    const inner = mark("Vries", "org");
    bench.editor.select([]);
    room.page.update({ showsMarks: true, showsOwn: true, isOnlySelected: false, tagOf: () => "", overlays: [] });
    room.putCursor(TEXT.indexOf("Vries"));
    room.enter();
    expect([...bench.editor.selection]).toEqual([inner]);
    room.enter();
    expect([...bench.editor.selection]).toEqual([outer]);
    room.click(TEXT.indexOf("Vries"), room.spansAt(TEXT.indexOf("Vries")), false);
    expect([...bench.editor.selection]).toEqual([inner]);
    room.click(TEXT.indexOf("Vries"), room.spansAt(TEXT.indexOf("Vries")), true);
    expect(bench.editor.selection.size).toBe(0);
  });
});

describe("relations", () => {
  it("join two spans, by the one type allowed or the one chosen, once", () => {
    const [anna, acme, again] = [mark("Anna", "person"), mark("Acme", "org"), mark("Anna", "person", 60)];
    bench.editor.select([anna]);
    room.linking.begin();
    room.linking.finish(again);
    expect(bench.relations.map((r) => r.relation_type_id)).toEqual(["same"]);
    room.linking.begin();
    room.click(TEXT.indexOf("Acme"), [acme], false);
    expect(room.linking.choice!.types.map((t) => t.name)).toEqual(["works for", "owns"]);
    room.linking.pick(room.linking.choice!.types[0]!);
    expect(bench.relations).toHaveLength(2);
    bench.editor.select([again, anna]);
    room.linking.begin();
    expect([bench.relations.length, said.at(-1)]).toEqual([2, "These two are related so already."]);
    bench.editor.select([acme]);
    room.linking.begin();
    room.linking.finish(anna);
    expect(said.at(-1)).toContain("leads from Organisation to Person");
    expect(bench.problems).toEqual([]);
    bench.editor.select([anna]);
    chooseClass(bench.editor, "org");
    expect(bench.problems.length).toBeGreaterThan(0);
  });

  it("are deleted by themselves or with their spans, and come back", () => {
    const [anna, acme] = [mark("Anna", "person"), mark("Acme", "org")];
    bench.editor.select([anna, acme]);
    room.linking.begin();
    room.linking.pick(room.linking.choice!.types[1]!);
    room.takeRelation(bench.relations[0]!.relation_id);
    room.remove();
    expect([bench.relations.length, spans().length]).toEqual([0, 2]);
    bench.editor.undo();
    bench.editor.select([acme]);
    room.remove();
    expect([bench.relations.length, spans()]).toEqual([0, ["person:Anna"]]);
    bench.editor.undo();
    expect([bench.relations.length, spans().length]).toEqual([1, 2]);
  });
});

describe("finding", () => {
  it("goes through what was found, and chooses it to be marked", () => {
    choose("Acme");
    room.find.open();
    expect([room.find.query, room.find.found.length]).toEqual(["Acme", 3]);
    room.find.step(1);
    room.find.step(1);
    chooseClass(bench.editor, "org");
    expect(geometry(room.active!)).toEqual({ kind: "span", start: room.body.points.toPoint(TEXT.indexOf("Acme", 50)), end: room.body.points.toPoint(TEXT.indexOf("Acme", 50)) + 4 });
    room.find.query = "bonn";
    room.find.changed();
    expect(room.find.found).toHaveLength(3);
    room.find.isWhole = true;
    expect(room.find.found).toHaveLength(2);
    room.find.isExact = true;
    expect(room.find.found).toHaveLength(0);
  });
});

it("shows places that others name, such as those of comments", () => {
  const shown: unknown[] = [];
  room.port = { reveal: (stretch, isCentred) => shown.push([room.body.slice(stretch), isCentred]), lineStep: () => null, isRightToLeft: () => false };
  const point = room.body.points.toPoint(TEXT.indexOf("Acme"));
  bench.editor.viewport.focus({ x0: point, y0: 0, x1: point + 4, y1: 1 });
  expect(shown).toEqual([["Acme", true]]);
  const pins: unknown[] = [];
  bench.editor.onPin = (at) => pins.push(at);
  choose("Acme");
  bench.editor.setTool("pin");
  expect([pins, bench.editor.toolId]).toEqual([[[point + 0.5, 0.5]], "select"]);
  room.choose(null);
  bench.editor.setTool("pin");
  room.click(0, [], false);
  expect(pins[1]).toEqual([0.5, 0.5]);
});
