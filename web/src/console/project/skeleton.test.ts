import { describe, expect, it } from "vitest";
import { parseClasses } from "../projects/quick-classes";
import { OntologyDraft } from "./ontology-draft.svelte";
import { presetFor, skeletonPresets } from "./skeleton-presets";
import { NO_NODES, areJoined, moved, renamed, settledNodes, shifted, templateFaults, toggledEdge, withNewNode, without } from "./skeleton-template";

describe("presets", () => {
  it.each(skeletonPresets.map((p) => [p.name, p.template] as const))("%s is sound", (_name, { nodes, edges }) => {
    const ids = nodes.map((n) => n.node_id);
    expect(new Set(ids).size).toBe(nodes.length);
    expect(nodes.every((n) => n.at.every((v) => v >= 0 && v <= 1))).toBe(true);
    expect(edges.every(([a, b]) => a !== b && ids.includes(a) && ids.includes(b))).toBe(true);
    expect(new Set(edges.map((e) => [...e].sort().join())).size).toBe(edges.length);
    expect(templateFaults({ nodes, edges })).toEqual([]);
  });

  it("have COCO's order and counts, and fit the name of a class", () => {
    const [person, hand] = skeletonPresets.map((p) => p.template);
    expect([person!.nodes.length, person!.edges.length, hand!.nodes.length, hand!.edges.length]).toEqual([17, 19, 21, 20]);
    expect(person!.nodes.map((n) => n.node_id).slice(0, 5)).toEqual(["nose", "left_eye", "right_eye", "left_ear", "right_ear"]);
    expect(presetFor("Left hand").id).toBe("hand");
    expect(presetFor("Handyman").id).toBe("person");
  });
});

describe("a template", () => {
  const two = withNewNode(withNewNode(NO_NODES, [0.25, 0.5]), [2, -1]);
  const [a, b] = two.nodes.map((n) => n.node_id) as [string, string];

  it("gets nodes inside its box, joined and parted, moved and removed with their edges", () => {
    expect(two.nodes.map((n) => [n.name, n.at])).toEqual([["Node 1", [0.25, 0.5]], ["Node 2", [1, 0]]]);
    const joined = toggledEdge(two, a, b);
    expect(areJoined(joined, b, a)).toBe(true);
    expect(toggledEdge(joined, b, a).edges).toEqual([]);
    expect(toggledEdge(two, a, a)).toBe(two);
    expect(moved(joined, a, [0.1234, 0.9]).nodes[0]!.at).toEqual([0.123, 0.9]);
    expect(without(joined, a)).toEqual({ nodes: [joined.nodes[1]], edges: [] });
    expect(shifted(joined, a, 1).nodes.map((n) => n.node_id)).toEqual([b, a]);
    expect(shifted(joined, a, -1)).toBe(joined);
  });

  it("tells what is missing", () => {
    expect(templateFaults(NO_NODES)).toHaveLength(1);
    expect(templateFaults(renamed(two, a, " "))[0]).toContain("no name");
    expect(templateFaults(renamed(two, a, "node 2"))[0]).toContain("same name");
  });

  it("gives new nodes a key by their name, and leaves kept ones alone", () => {
    const joined = toggledEdge(renamed(renamed(two, a, "Left eye"), b, "Nose"), a, b);
    expect(settledNodes(joined, (id) => id === b)).toEqual({
      nodes: [{ node_id: "left_eye", name: "Left eye", at: [0.25, 0.5] }, { node_id: b, name: "Nose", at: [1, 0] }],
      edges: [["left_eye", b]],
    });
  });
});

describe("the draft of an ontology", () => {
  it("sends a skeleton only where a class is drawn as one, and names its new nodes when it is saved", () => {
    const draft = new OntologyDraft({ classes: parseClasses("Person, skeleton\nCar"), questions: [] });
    expect(draft.isChanged).toBe(false);
    const [person] = draft.classes;
    person!.skeleton = { nodes: [...person!.skeleton!.nodes, { node_id: "node_18", name: "Hat", at: [0.5, 0] }], edges: person!.skeleton!.edges };
    draft.settleIds();
    expect(draft.value.classes[0]!.skeleton!.nodes.at(-1)).toMatchObject({ node_id: "hat" });
    expect(draft.value.classes[0]!.skeleton!.nodes[0]).toMatchObject({ node_id: "nose" });
    person!.geometry_kinds = ["box"];
    expect(draft.value.classes[0]!.skeleton).toBeNull();
    person!.geometry_kinds = ["skeleton"];
    person!.skeleton = null;
    expect(draft.faults).toContain("Person: its skeleton needs at least one node.");
  });
});

describe("classes typed as lines", () => {
  const kindsOf = (line: string) => parseClasses(line).map((c) => [c.name, c.geometry_kinds])[0];

  it.each([
    ["Car box polygon", ["Car", ["box", "polygon"]]],
    ["Face mask", ["Face mask", ["box"]]],
    ["Face mask, mask", ["Face mask", ["mask"]]],
    ["Viewpoint, point", ["Viewpoint", ["point"]]],
    ["Lane, line curve", ["Lane", ["polyline", "bezier"]]],
    ["Ship, rotated_box, mask", ["Ship", ["rotated_box", "mask"]]],
    ["Sign, red", ["Sign red", ["box"]]],
    ["Person skeleton", ["Person", ["skeleton"]]],
  ])("%s", (line, expected) => expect(kindsOf(line)).toEqual(expected));

  it("brings a template along for a skeleton", () => {
    expect(parseClasses("Hand, skeleton")[0]!.skeleton?.nodes).toHaveLength(21);
    expect(parseClasses("Car")[0]!.skeleton).toBeNull();
  });
});
