import { describe, expect, it } from "vitest";
import { problemsOf, tidied } from "../ontology";
import { annotation, makeEditor } from "../testing";
import type { Editor } from "../editor";
import type { Ontology, Relation } from "../types";
import { LogWriter } from "./kept-log";

const FRAME = { width: 100, height: 1 };
const item = (class_id: string) => ({ class_id, name: class_id, color: "#3b82f6", parent_id: null, geometry_kinds: ["span"], attributes: [] });
const ontology: Ontology = {
  classes: [item("person"), item("firm")],
  questions: [],
  relation_types: [
    { relation_type_id: "works", name: "works for", is_directed: true, from_class_ids: ["person"], to_class_ids: ["firm"] },
    { relation_type_id: "same", name: "same as", is_directed: false, from_class_ids: [], to_class_ids: [] },
  ],
};
const span = (id: string, start: number, classId: string) => annotation(id, { kind: "span", start, end: start + 5 }, classId);

function opened(): Editor {
  return makeEditor({ frame: FRAME, ontology, base: { annotations: [span("ann", 0, "person"), span("bob", 10, "person"), span("ltd", 20, "firm")], answers: {} } });
}

function relate(editor: Editor, from_id: string, to_id: string, relation_type_id = "works"): Relation | null {
  const relation: Relation = { relation_id: editor.newId(), relation_type_id, from_id, to_id, score: null };
  return editor.setRelation(relation) ? relation : null;
}

describe("relations", () => {
  it("are steps of their own, with undo and redo", () => {
    const editor = opened();
    const made = relate(editor, "ann", "ltd")!;
    expect([made.relation_type_id, editor.history.undoName]).toEqual(["works", "Relate: works for"]);
    expect(editor.setRelation({ ...made, relation_type_id: "same" })).toBe(true);
    expect(editor.document.toLabelling().relations).toEqual([{ ...made, relation_type_id: "same" }]);
    editor.removeRelation(made.relation_id);
    expect(editor.document.toLabelling()).toEqual(editor.base);
    editor.undo();
    editor.undo();
    expect(editor.document.relations).toEqual([made]);
    editor.undo();
    expect(editor.document.relations).toEqual([]);
    for (let i = 0; i < 2; i++) editor.redo();
    expect(editor.document.findRelation(made.relation_id)?.relation_type_id).toBe("same");
  });

  it("go with an object in the same step, and come back with it", () => {
    const editor = opened();
    const made = [relate(editor, "ann", "ltd")!, relate(editor, "bob", "ltd")!, relate(editor, "ann", "bob", "same")!];
    editor.remove(["ltd"], "Delete");
    expect(editor.document.relations).toEqual([made[2]]);
    editor.undo();
    expect([editor.document.size, editor.document.relations]).toEqual([3, made]);
    editor.redo();
    expect([editor.document.size, editor.document.relations]).toEqual([2, [made[2]]]);
  });

  it("are refused where they say nothing new or join nothing", () => {
    const editor = opened();
    const said: string[] = [];
    editor.onMessage = (text) => said.push(text);
    const same = relate(editor, "ann", "bob", "same")!;
    expect(editor.setRelation({ ...same, relation_id: "x", from_id: "bob", to_id: "ann" })).toBe(false);
    expect(relate(editor, "ann", "ann")).toBeNull();
    expect(editor.setRelation({ ...same, relation_id: "x", to_id: "nobody" })).toBe(false);
    expect([said.length, editor.document.relations.length]).toEqual([3, 1]);
    editor.isReadonly = true;
    editor.removeRelation(same.relation_id);
    expect(editor.document.relations.length).toBe(1);
  });

  it("tell listeners about the objects at their ends", () => {
    const editor = opened();
    const told: string[][] = [];
    editor.subscribe((aspect, ids) => aspect === "document" && told.push([...ids].sort()));
    relate(editor, "ann", "ltd");
    expect(told).toEqual([["ann", "ltd"]]);
  });

  it("are checked before they are sent, and are left out of a labelling that has none", () => {
    const editor = opened();
    expect(tidied(editor.document.toLabelling(), ontology)).not.toHaveProperty("relations");
    relate(editor, "ann", "ltd", "works");
    const labelling = editor.document.toLabelling();
    expect(problemsOf(labelling, ontology, FRAME)).toEqual([]);
    expect(tidied(labelling, ontology).relations).toHaveLength(1);
    editor.put([{ z: 0, annotation: span("ann", 0, "firm") }], "Relabel");
    expect(problemsOf(editor.document.toLabelling(), ontology, FRAME).map((p) => [p.annotationId, p.text])).toEqual([["ann", "works for does not lead from firm to firm."]]);
    expect(problemsOf(labelling, { ...ontology, relation_types: [] }, FRAME)).toHaveLength(1);
  });

  it("add nothing to the log of a document without them", () => {
    const editor = opened();
    editor.remove(["ltd"], "Delete");
    const writer = new LogWriter({ labelling: editor.base, z: null });
    writer.write(editor.history.log);
    expect(writer.lines.join("")).not.toContain("relations");
  });
});
