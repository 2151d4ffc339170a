import { expect, it } from "vitest";
import type { Attribute, Ontology } from "../../engine/types";
import { changeName, outcomeOf } from "./changing.svelte";
import { gridKey, steer } from "./grid-keys";
import { askables, countOf, ItemFilter, readValues, valueFrom, valueName, type WantedValue } from "./item-filter.svelte";
import { Selection } from "./selection.svelte";

function place(address = ""): { query: URLSearchParams; setQuery: (values: Readonly<Record<string, string | null>>) => void } {
  const router = {
    query: new URLSearchParams(address),
    setQuery(values: Readonly<Record<string, string | null>>) {
      const next = new URLSearchParams(router.query);
      for (const [key, value] of Object.entries(values)) if (value === null || value === "") next.delete(key);
      else next.set(key, value);
      router.query = next;
    },
  };
  return router;
}

const attribute = (over: Partial<Attribute>): Attribute => ({ attribute_id: "a", name: "A", kind: "choice", options: [], is_required: false, minimum: null, maximum: null, default: null, condition: null, ...over });

it("keeps filters in the address, tells them to the server, and takes those of a slice", () => {
  let shown = 0;
  const router = place("tab=items&state=done&sort=name");
  const filter = new ItemFilter(router, () => (shown += 1));
  filter.set("objects_min", "3");
  filter.addValue(["car", "colour", "red"]);
  filter.addValue([null, "rain", true]);
  filter.addValue(["car", "colour", "red"]);
  expect([shown, filter.count, filter.isOn]).toEqual([3, 4, true]);
  expect(filter.filterText).toBe("state=done&objects_min=3&value=%5B%22car%22%2C%22colour%22%2C%22red%22%5D&value=%5Bnull%2C%22rain%22%2Ctrue%5D");
  const kept = filter.queryText;
  filter.clear();
  expect([filter.isOn, router.query.get("tab"), filter.get("sort"), filter.queryText]).toEqual([false, "items", "name", "sort=name"]);
  filter.set("text", "street");
  filter.take(kept);
  expect(filter.queryText).toBe(kept);
  expect(filter.get("text")).toBe("");
  expect(filter.values).toHaveLength(2);
});

it("reads values that came by the address and passes over nonsense", () => {
  expect(readValues('[["car","speed",[1,2]],[7,"a","b"],["a"],"x",[null,"rain",false]]')).toEqual([["car", "speed", [1, 2]], [null, "rain", false]]);
  for (const text of ["", "x", "7", "{}", '["a","b","c"]']) expect(readValues(text)).toEqual([]);
  expect([countOf("7"), countOf(" "), countOf("-1"), countOf("2.5"), countOf("x")]).toEqual(["7", "", "", "", ""]);
});

it("offers attributes of the class and questions, and turns what was typed into values", () => {
  const ontology: Ontology = {
    classes: [
      { class_id: "car", name: "Car", color: "#111111", parent_id: null, geometry_kinds: ["box"], attributes: [attribute({ attribute_id: "speed", name: "Speed", kind: "number" })] },
      { class_id: "bus", name: "Bus", color: "#222222", parent_id: null, geometry_kinds: ["box"], attributes: [attribute({ attribute_id: "line", name: "Line", kind: "text" })] },
    ],
    questions: [attribute({ attribute_id: "rain", name: "Rain", kind: "boolean" })],
  };
  expect(askables(ontology, "").map((a) => a.name)).toEqual(["Rain", "Car: Speed", "Bus: Line"]);
  expect(askables(ontology, "bus").map((a) => a.name)).toEqual(["Rain", "Bus: Line"]);
  const number = attribute({ kind: "number" });
  const given: [Attribute, string, string, WantedValue[2] | null][] = [
    [number, "3", "3", 3], [number, "3", "", [3, 1e9]], [number, "", "2,5", [-1e9, 2.5]], [number, "x", "", null], [number, "", "", null],
    [attribute({ kind: "boolean" }), "false", "", false], [attribute({ kind: "boolean" }), "", "", null], [attribute({ kind: "text" }), " ", "", null], [attribute({ kind: "text" }), "12", "", "12"],
  ];
  for (const [of, text, until, expected] of given) expect(valueFrom(of, text, until)).toEqual(expected);
  expect(valueName(attribute({ options: [{ option_id: "r", name: "Red" }] }), "r")).toBe("Red");
  expect(valueName(number, [1, 2])).toBe("1 – 2");
});

const order = Array.from({ length: 10 }, (_, i) => `t${i}`);
const press = (key: string, over: Partial<KeyboardEvent> = {}) => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...over });

it("moves through the grid by arrows, and chooses with shift, space and ctrl+A", () => {
  const at = { from: "t4", order, columns: 4, canChoose: true };
  const target = (key: string, over = {}): string | null => {
    const move = gridKey(press(key, over), at);
    return move?.kind === "move" ? move.id + (move.extends ? "+" : "") : null;
  };
  expect(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "End", "Home", "PageDown"].map((key) => target(key))).toEqual(["t5", "t3", "t8", "t0", "t9", "t0", "t9"]);
  expect(target("ArrowDown", { shiftKey: true })).toBe("t8+");
  expect(gridKey(press(" "), at)).toEqual({ kind: "toggle", id: "t4" });
  expect(gridKey(press("a", { ctrlKey: true }), at)).toEqual({ kind: "all" });
  expect(gridKey(press("Escape"), at)).toEqual({ kind: "none" });
  expect(gridKey(press("ArrowDown"), { ...at, from: null })).toBeNull();
  for (const key of [" ", "x", "Escape"]) expect(gridKey(press(key), { ...at, canChoose: false })).toBeNull();
  expect(gridKey(press("b"), at)).toBeNull();
});

it("does what a key says, with cards that may be chosen only", async () => {
  const selection = new Selection();
  const [shown, focused]: [string[], string[]] = [[], []];
  const grid = { querySelector: (selector: string) => ({ focus: () => focused.push(selector) }) } as unknown as HTMLElement;
  const keyed = (key: string, from: string, over = {}): Promise<void> =>
    steer({ ...press(key, over), target: { closest: () => ({ dataset: { task: from } }) }, preventDefault: () => undefined } as unknown as KeyboardEvent,
      { mark: "task", grid, selection, choosable: new Set(["t4", "t5"]), order, columns: 4, canChoose: true, show: (id) => shown.push(id) });
  await keyed(" ", "t4");
  await keyed(" ", "t6");
  expect([...selection.ids]).toEqual(["t4"]);
  await keyed("ArrowRight", "t4", { shiftKey: true });
  expect([[...selection.ids], shown, focused]).toEqual([["t4", "t5"], ["t5"], ['[data-task="t5"] button']]);
  await keyed("Escape", "t5");
  expect(selection.size).toBe(0);
  await keyed("a", "t0", { ctrlKey: true });
  expect([...selection.ids]).toEqual(["t4", "t5"]);
});

it("chooses ranges, and all that fit until one of them is not wanted", () => {
  const selection = new Selection();
  selection.toggle("t2", order);
  selection.toggle("t5", order, true);
  expect([...selection.ids].sort()).toEqual(["t2", "t3", "t4", "t5"]);
  selection.toggle("t3", order);
  expect(selection.size).toBe(3);
  selection.chooseWhole(12_345);
  expect([selection.size, selection.has("t9"), selection.has("elsewhere")]).toEqual([12_345, true, true]);
  selection.toggle("t0", order);
  expect([selection.whole, selection.size, selection.has("t0"), selection.has("t9")]).toEqual([null, 9, false, true]);
  selection.clear();
  selection.startAt("t1");
  selection.extend("t3", order);
  expect([...selection.ids]).toEqual(["t1", "t2", "t3"]);
});

it("says in words what was done to many and what came of it", () => {
  const view = { change_id: "c", project_id: "p", change: { kind: "delete" } as const, total: 12, settled: 12, changed: 10, job_id: null, created_by: "m", created_ms: 1, finished_ms: 2, undone_by: null, undone_ms: null, is_undoable: true };
  expect(outcomeOf(view)).toBe("10 items deleted; 2 stayed as they were");
  expect(outcomeOf({ ...view, changed: 12 })).toBe("12 items deleted");
  expect(outcomeOf({ ...view, changed: 0, undone_by: "m", undone_ms: 3 })).toBe("Taken back");
  expect(outcomeOf({ ...view, changed: 1, undone_by: "m", undone_ms: 3 })).toBe("Taken back, but for 1 item that changed since");
  const named = (change: Parameters<typeof changeName>[0]): string => changeName(change, () => "Weather", () => "Rain", () => "Night");
  expect(named({ kind: "answer", question_id: "w", value: "r", is_final: false })).toBe("Weather: Rain");
  expect([named({ kind: "move", batch_id: "b", priority: null }), named({ kind: "move", batch_id: null, priority: 4 })]).toEqual(["Move to Night", "Priority 4"]);
});
