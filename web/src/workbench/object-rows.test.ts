import { describe, expect, it } from "vitest";
import { annotation, box, makeEditor, ontology } from "../engine/testing";
import type { Annotation } from "../engine/types";
import { Bench } from "./bench.svelte";
import { type RowFacts, filterOf, noteOf, sortedRows } from "./object-rows";
import { ObjectView } from "./object-view.svelte";

const objects: Annotation[] = [
  { ...annotation("a", box(0, 0, 10, 10)), attributes: { side: "l", lamp: true }, score: 0.9 },
  { ...annotation("b", box(0, 0, 50, 50)), attributes: { side: "r" }, is_occluded: true, score: 0.3 },
  { ...annotation("c", box(0, 0, 30, 30), "sign"), origin: "p1" },
];
const facts: RowFacts = { classOf: (a) => ontology.classes.find((c) => c.class_id === a.class_id) ?? null, isHidden: (id) => id === "b", isLocked: () => false, hasProblem: (a) => a.annotation_id === "c", textOf: () => "" };

describe("the filter of the object list", () => {
  it.each([
    ["", "abc"], ["car", "ab"], ["CAR left", "a"], ["class:sign", "c"], ["side:right", "b"], ["lamp", "a"], ["lamp:yes", "a"], ["box", "abc"],
    ["is:occluded", "b"], ["is:hidden", "b"], ["is:open", "c"], ["is:prelabel", "c"], ["is:nonsense", ""], ["score<0.5", "b"], ["score>0.5", "a"],
    ["-car", "c"], ["car -is:occluded", "a"], ['"lamp on":yes', "a"], ["shape:polygon", ""], ["zebra", ""],
  ])("%s finds %s", (query, found) => {
    const test = filterOf(query);
    expect(objects.filter((a) => test(a, facts)).map((a) => a.annotation_id).join("")).toBe(found);
  });

  it.each([["above", "abc"], ["class", "abc"], ["size", "bca"], ["score", "bac"]] as const)("sorts %s as %s", (by, order) => {
    const entries = objects.map((annotation, z) => ({ annotation, z }));
    expect(sortedRows(entries, by, facts).map((e) => e.annotation.annotation_id).join("")).toBe(order);
  });

  it("says in short what is known of an object", () => expect(objects.map((a) => noteOf(a, facts.classOf(a)))).toEqual(["Left · Lamp on", "Right", ""]));
});

describe("the object list", () => {
  function world() {
    const editor = makeEditor({ base: { annotations: objects.map((a) => ({ ...a })), answers: {} } });
    const bench = new Bench(editor);
    return { editor, view: new ObjectView(() => bench) };
  }
  const selected = ({ editor }: { editor: ReturnType<typeof makeEditor> }) => [...editor.selection].join("");

  it("chooses one, one more, and a range of what is shown", () => {
    const w = world();
    expect(w.view.ids.join("")).toBe("cba");
    w.view.choose("c", "only");
    w.view.choose("a", "toggle");
    expect(selected(w)).toBe("ca");
    w.view.choose("c", "only");
    w.view.choose("a", "range");
    expect(selected(w)).toBe("cba");
    w.view.query = "car";
    w.view.selectAll();
    expect(selected(w)).toBe("ba");
  });

  it("goes through the rows by step, and extends", () => {
    const w = world();
    expect(["c", "b", "a", "a"].map(() => w.view.step(1, false))).toEqual(["c", "b", "a", "a"]);
    w.view.step(-1, true);
    expect(selected(w)).toBe("ab");
    w.view.step(-1, true);
    expect([...w.editor.selection].sort().join("")).toBe("abc");
  });

  it("hides and locks what it shows, and back", () => {
    const w = world();
    w.view.query = "class:car";
    w.view.toggleAll("hidden");
    w.view.toggleAll("locked");
    expect(["a", "b", "c"].map((id) => [w.editor.isHidden(id), w.editor.isLocked(id)])).toEqual([[true, true], [true, true], [false, false]]);
    w.view.toggleAll("hidden");
    expect(w.editor.isHidden("a")).toBe(false);
  });
});
