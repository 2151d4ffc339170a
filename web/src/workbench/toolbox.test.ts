import { expect, it } from "vitest";
import { chooseClass } from "../engine/commands";
import { geometryKinds } from "../engine/shapes/registry";
import { makeEditor } from "../engine/testing";
import { firstTool, toolFor } from "../engine/tools/choice";
import { makeTool } from "../engine/tools/registry";
import type { Ontology, OntologyClass } from "../engine/types";
import { toolbox, toolsFor } from "./toolbox";

const drawn = (class_id: string, ...geometry_kinds: string[]): OntologyClass => ({ class_id, name: class_id, color: "#3b82f6", parent_id: null, geometry_kinds, attributes: [] });
const ontology = (...classes: OntologyClass[]): Ontology => ({ classes, questions: [] });
const shown = (o: Ontology): string[] => toolsFor(o).flat().map(({ tool }) => tool);

it("shows the tools for the kinds that the ontology draws, and no others", () => {
  expect(shown(ontology(drawn("lane", "polyline")))).toEqual(["select", "polyline"]);
  expect(shown(ontology(drawn("car", "box")))).toEqual(["select", "box", "box4", "wand", "cutout", "superpixels", "segment", "suggest"]);
  expect(shown(ontology(drawn("all", ...geometryKinds)))).toEqual(toolbox.flat().map(({ tool }) => tool));
});

it("has a first tool for every kind, which draws that kind; spans are drawn by selecting text", () => {
  const editor = makeEditor();
  for (const kind of geometryKinds.filter((k) => k !== "span")) expect(makeTool(firstTool(drawn("x", kind))!, editor).draws).toBe(kind);
});

it("changes the tool with the class, and the class with the tool", () => {
  const editor = makeEditor({ ontology: ontology(drawn("car", "box"), drawn("lane", "polyline", "box"), drawn("lamp", "point")) });
  editor.setTool("box");
  chooseClass(editor, "lane");
  expect(editor.toolId).toBe("box");
  chooseClass(editor, "lamp");
  expect(editor.toolId).toBe("point");
  expect(toolFor(editor, "box")).toBe("point");
  editor.setTool("polyline");
  expect(editor.classId).toBe("lane");
  editor.setTool("select");
  chooseClass(editor, "car");
  expect(editor.toolId).toBe("select");
});
