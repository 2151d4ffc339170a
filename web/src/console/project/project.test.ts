import { expect, it } from "vitest";
import type { Finding } from "../../api/console-types";
import { parseAttributes, parseClasses, quickOntology } from "../projects/quick-classes";
import { forecast, forecastText, lastDays } from "./forecast";
import { shareOf } from "./item-filter.svelte";
import { addAttribute, conditionText, OntologyDraft, setKind, setOptions } from "./ontology-draft.svelte";
import { isUnanswered, rulesOf } from "./remedies";
import { Selection } from "./selection.svelte";
import { linesOf } from "./workflow";

const NOW = Date.UTC(2026, 10, 22, 12);
const day = (name: string, submissions: number) => ({ day: name, submissions, skips: 0, reviews: 0, active_ms: 0 });

it("reads classes typed as lines, with colours, shapes and nesting", () => {
  const classes = parseClasses("Vehicle\n  Car #3B82F6 box polygon\n  Truck\nTraffic light, polygon\nTraffic light");
  expect(classes.map((c) => [c.class_id, c.name, c.parent_id, c.geometry_kinds])).toEqual([
    ["vehicle", "Vehicle", null, ["box"]], ["car", "Car", "vehicle", ["box", "polygon"]], ["truck", "Truck", "vehicle", ["box"]],
    ["traffic_light", "Traffic light", null, ["polygon"]], ["traffic_light_2", "Traffic light", null, ["box"]],
  ]);
  expect(classes[1]!.color).toBe("#3b82f6");
  expect(new Set(classes.map((c) => c.color)).size).toBe(5);
});

it("reads attributes: a list is a choice, a name alone is yes or no", () => {
  expect(parseAttributes("Weather: clear, rain\nParked").map((a) => [a.attribute_id, a.kind, a.options.map((o) => o.option_id)])).toEqual([["weather", "choice", ["clear", "rain"]], ["parked", "boolean", []]]);
});

it("fills days without work and forecasts from the days since work began", () => {
  const days = [day("2026-11-20", 10), day("2026-11-22", 20)];
  expect(lastDays(days, 3, NOW).map((d) => d.submissions)).toEqual([10, 0, 20]);
  const ahead = forecast({ days, open_judgements: 25 }, NOW);
  expect(ahead).toEqual({ perDay: 10, daysLeft: 2.5 });
  expect(forecastText(ahead, NOW, () => "DATE")).toBe("about 3 days, by DATE");
  expect(forecast({ days: [], open_judgements: 5 }, NOW).daysLeft).toBeNull();
  expect(forecast({ days: [], open_judgements: 0 }, NOW).daysLeft).toBe(0);
});

it("edits an ontology without losing its keys", () => {
  const draft = new OntologyDraft(quickOntology("Vehicle\n  Car\n  Truck\nSign", "Kind: a, b", ""));
  expect(draft.isChanged).toBe(false);
  draft.move("truck", -1);
  expect(draft.tree.map((r) => [r.item.class_id, r.depth])).toEqual([["vehicle", 0], ["truck", 1], ["car", 1], ["sign", 0]]);
  expect(draft.parentsFor("vehicle").map((c) => c.class_id)).toEqual(["sign"]);
  draft.removeClass("vehicle");
  expect(draft.classes.every((c) => c.parent_id === null)).toBe(true);
  const kind = draft.classes[0]!.attributes[0]!;
  setOptions(kind, "b, c, b");
  expect(kind.options).toEqual([{ option_id: "b", name: "b" }, { option_id: "c", name: "c" }]);
  setOptions(kind, "");
  expect(draft.faults).toContain(`${draft.classes[0]!.name}: Kind needs options.`);
});

it("names what is new by its name when it is saved", () => {
  const draft = new OntologyDraft(quickOntology("Car", "Parked", ""));
  const rider = draft.addClass();
  rider.name = "Rider";
  draft.addClass(rider.class_id).name = "Child";
  const parked = draft.classes[0]!.attributes;
  addAttribute(parked);
  parked[1]!.name = "Doors open";
  addAttribute(parked);
  parked[2]!.condition = { attribute_id: parked[1]!.attribute_id, equals: [true] };
  draft.classes[0]!.name = "Automobile";
  draft.settleIds();
  expect(draft.classes.map((c) => [c.class_id, c.parent_id])).toEqual([["car", null], ["rider", null], ["child", "rider"]]);
  expect(parked.map((a) => a.attribute_id)).toEqual(["parked", "doors_open", "new_attribute"]);
  expect(parked[2]!.condition.attribute_id).toBe("doors_open");
});

it("keeps relations with their classes, and tells conditions of several parts in words", () => {
  const draft = new OntologyDraft(quickOntology("Person\nFirm", "", ""));
  expect(draft.value.relation_types).toEqual([]);
  const works = draft.addRelationType();
  expect(works.relation_type_id).toBe("new_relation");
  works.name = "Works for";
  works.from_class_ids = ["person"];
  works.to_class_ids = [draft.addClass().class_id];
  draft.classes.at(-1)!.name = "Club";
  draft.settleIds();
  expect(draft.value.relation_types).toEqual([{ relation_type_id: "works_for", name: "Works for", is_directed: true, from_class_ids: ["person"], to_class_ids: ["club"] }]);
  works.name = " ";
  expect(draft.faults).toContain("A relation has no name.");
  const kept = new OntologyDraft({ ...draft.value, relation_types: [{ ...draft.value.relation_types![0]!, name: "Works at", to_class_ids: ["club", "firm"] }] });
  kept.settleIds();
  expect(kept.relationTypes[0]!.relation_type_id).toBe("works_for");
  kept.removeClass("club");
  expect(kept.relationTypes[0]!.to_class_ids).toEqual(["firm"]);
  kept.removeClass("firm");
  expect(kept.relationTypes).toEqual([]);
});

it("tells a condition of several parts in words, and renames what it looks at", () => {
  const draft = new OntologyDraft(quickOntology("Car", "", ""));
  const attributes = draft.classes[0]!.attributes;
  for (const name of ["Side", "Lamp", "Note"]) {
    addAttribute(attributes);
    attributes.at(-1)!.name = name;
  }
  const [side, lamp, note] = attributes;
  setKind(side!, "choice");
  setOptions(side!, "Left, Right");
  setKind(lamp!, "boolean");
  setKind(note!, "date");
  const simple = (a: typeof side, value: string | boolean) => ({ attribute_id: a!.attribute_id, equals: [value] });
  note!.condition = { all: [simple(side, "left"), { any: [simple(lamp, true), simple(side, "right")] }] };
  expect(conditionText(note!.condition, attributes)).toBe("Side is Left and (Lamp is yes or Side is Right)");
  draft.settleIds();
  expect(draft.value.classes[0]!.attributes[2]!.condition).toEqual({ all: [{ attribute_id: "side", equals: ["left"] }, { any: [{ attribute_id: "lamp", equals: [true] }, { attribute_id: "side", equals: ["right"] }] }] });
});

it("turns chosen remedies into the rules of a migration", () => {
  const subject = { class_id: "car", geometry_kind: null, attribute_id: null, option_id: null };
  const finding: Finding = { code: "class_removed", severity: "breaking", subject, what: "gone", use_count: 3, remedies: ["map", "drop"], suggestion: "vehicle" };
  expect(rulesOf([finding], { 0: { action: "map", to: "" } })).toEqual([{ subject, action: "map", to: "vehicle" }]);
  expect(rulesOf([finding, finding], { 1: { action: "drop", to: "" } })).toEqual([{ subject, action: "drop" }]);
  expect(rulesOf([finding], { 0: { action: "fill", to: "3" } }, () => "number")).toEqual([{ subject, action: "fill", value: 3 }]);
  expect([undefined, { action: "map" as const, to: "" }, { action: "map" as const, to: "vehicle" }, { action: "drop" as const, to: "" }].map((answer) => isUnanswered(finding, answer))).toEqual([true, true, false, false]);
});

it("chooses a range with shift", () => {
  const chosen = new Selection();
  const order = ["a", "b", "c", "d"];
  chosen.toggle("b", order);
  chosen.toggle("d", order, true);
  expect([...chosen.ids]).toEqual(["b", "c", "d"]);
  chosen.toggle("c", order);
  expect(chosen.size).toBe(2);
});

it("takes shares as per cent and reasons as lines", () => {
  expect([shareOf("60"), shareOf("0,5"), shareOf("x"), shareOf("101"), shareOf("")]).toEqual(["0.6", "0.005", "", "", ""]);
  expect(linesOf(" a \n\nb\na")).toEqual(["a", "b"]);
});
