/** The modes over a real editor: what their keys do to the document. */
import { describe, expect, it } from "vitest";
import { Keymap } from "../../engine/keys/keymap";
import { goldsmithPreset } from "../../engine/keys/presets";
import { annotation, box, makeEditor, ontology } from "../../engine/testing";
import type { Annotation, Attribute, Ontology } from "../../engine/types";
import { Bench } from "../bench.svelte";
import type { OpenTask } from "../open-task";
import { modeActions } from "./actions";
import { Modes } from "./modes.svelte";
import { Tally } from "./quick-list";
import { openAttributes, optionsOf, shownValue, valueAfter } from "./values";

const ask = (id: string, kind: Attribute["kind"], more: Partial<Attribute> = {}): Attribute => ({ attribute_id: id, name: id, kind, options: [], is_required: false, minimum: null, maximum: null, default: null, condition: null, ...more });
const options = (...names: string[]) => names.map((name) => ({ option_id: name[0]!, name }));
const asking: Ontology = {
  ...ontology,
  questions: [ask("glare", "boolean", { is_required: true }), ask("weather", "choice", { options: options("Clear", "Rain", "Fog") }), ask("seen", "multi_choice", { options: options("Bus", "Tram") })],
};

function world(annotations: Annotation[], more: { ontology?: Ontology; answers?: Record<string, string> } = {}) {
  const said: string[] = [];
  const typed: string[] = [];
  let submitted = 0;
  let cameBack: (() => void) | null = null;
  const modes: Modes = new Modes({
    submit: () => (submitted += 1),
    takeBack: async () => (cameBack ? (cameBack(), true) : false),
    draftChanged: () => undefined,
    say: (text) => said.push(text),
    focusCanvas: () => undefined,
    type: (attribute, digit) => typed.push(`${attribute.attribute_id}:${digit}`),
    afterLayout: (run) => run(),
  });
  const open = (extra: OpenTask["extra"] = {}) => {
    const editor = makeEditor({ ontology: more.ontology ?? asking, base: { annotations, answers: more.answers ?? {} } });
    const bench = new Bench(editor);
    modes.opened({ bench, extra } as OpenTask);
    return editor;
  };
  const editor = open();
  const keymap = new Keymap(modeActions(modes), goldsmithPreset);
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) {
      keymap.resolve(key, modes.scopes)?.run();
      await Promise.resolve();
    }
  };
  return { modes, editor, open, press, said, typed, submitted: () => submitted, comeBack: (run: () => void) => (cameBack = run) };
}

describe("values by digits", () => {
  it("has a digit for each value", () => {
    expect(optionsOf(asking.questions[0]!).map((o) => [o.digit, o.value])).toEqual([[1, true], [2, false]]);
    expect(optionsOf(ask("n", "number", { minimum: 0, maximum: 3 })).map((o) => [o.digit, o.value])).toEqual([[10, 0], [1, 1], [2, 2], [3, 3]]);
    expect([optionsOf(ask("n", "number")), optionsOf(ask("n", "number", { minimum: 0, maximum: 30 })), optionsOf(ask("t", "text"))]).toEqual([[], [], []]);
    expect(optionsOf(ask("c", "choice", { options: Array.from({ length: 30 }, (_, i) => ({ option_id: `o${i}`, name: `o${i}` })) }))).toHaveLength(20);
  });

  it("toggles where several may be true", () => {
    const seen = asking.questions[2]!;
    expect([valueAfter(seen, undefined, 1), valueAfter(seen, ["B"], 2), valueAfter(seen, ["B"], 1), valueAfter(seen, undefined, 5)]).toEqual([["B"], ["B", "T"], null, undefined]);
    expect([shownValue(seen, ["B", "T"]), shownValue(asking.questions[0]!, false), shownValue(seen, undefined)]).toEqual(["Bus, Tram", "No", ""]);
  });

  it("knows what is open, given the answers", () => {
    const car = asking.classes[0]!;
    expect([openAttributes(car.attributes, {}), openAttributes(car.attributes, { side: "l" }), openAttributes(car.attributes, { side: "r" })].map((a) => a.map((x) => x.attribute_id))).toEqual([["side"], ["lamp"], []]);
  });
});

describe("attribute mode", () => {
  const cars = (): Annotation[] => [annotation("a", box(0, 0, 50, 50)), annotation("sign", box(60, 0, 90, 50), "sign"), annotation("b", box(100, 0, 150, 50)), annotation("c", box(0, 300, 50, 350))];

  it("walks through the objects that ask something, answered by digits alone", async () => {
    const w = world(cars());
    await w.press("shift+e");
    expect([w.modes.current, [...w.editor.selection]]).toEqual(["attributes", ["a"]]);
    await w.press("1", "2", "enter", "2", "tab", "2", "shift+tab");
    expect([...w.editor.selection]).toEqual(["b"]);
    expect(["a", "b", "c"].map((id) => w.editor.document.findAnnotation(id)!.attributes)).toEqual([{ side: "l", lamp: false }, { side: "r" }, { side: "r" }]);
    expect(w.modes.walk!.place).toEqual({ at: 2, of: 3, open: 0 });
  });

  it("goes up and down, and takes an answer away", async () => {
    const w = world([{ ...annotation("a", box(0, 0, 50, 50)), attributes: { side: "l" } }]);
    await w.press("shift+e");
    expect(w.modes.walk!.sheet.current!.attribute_id).toBe("lamp");
    await w.press("up", "2");
    expect(w.editor.document.findAnnotation("a")!.attributes).toMatchObject({ side: "r" });
    await w.press("backspace");
    expect(w.editor.document.findAnnotation("a")!.attributes).toEqual({});
  });

  it("skips what is answered when told to", async () => {
    const w = world([{ ...annotation("a", box(0, 0, 50, 50)), attributes: { side: "r" } }, annotation("b", box(100, 0, 150, 50)), { ...annotation("c", box(0, 300, 50, 350)), attributes: { side: "r" } }]);
    await w.press("shift+e", "s", "enter");
    expect([...w.editor.selection]).toEqual(["b"]);
    await w.press("2", "enter");
    expect([...w.editor.selection]).toEqual(["b"]);
    expect(w.said).toContain("Everything is answered.");
  });

  it("says so where no object asks anything, and leaves by Esc", async () => {
    const w = world([annotation("sign", box(60, 0, 90, 50), "sign")]);
    await w.press("shift+e");
    expect([w.modes.current, w.said]).toEqual([null, ["No object here has attributes."]]);
    const other = world(cars());
    await other.press("shift+e", "esc");
    expect(other.modes.current).toBeNull();
  });

  it("types numbers that have no digit", async () => {
    const item = { ...asking.classes[0]!, attributes: [ask("age", "number")] };
    const w = world([annotation("a", box(0, 0, 50, 50))], { ontology: { ...asking, classes: [item] } });
    await w.press("shift+e", "4");
    expect(w.typed).toEqual(["age:4"]);
  });

  it("goes on with the next task", async () => {
    const w = world(cars());
    await w.press("shift+e");
    const next = w.open();
    expect([w.modes.current, [...next.selection]]).toEqual(["attributes", ["a"]]);
  });
});

describe("answers about the picture", () => {
  it("come by digits, one question after the other", async () => {
    const w = world([]);
    await w.press("q", "1", "3", "1", "2");
    expect(w.editor.document.answers).toEqual({ glare: true, weather: "F", seen: ["B", "T"] });
    await w.press("up", "backspace", "esc");
    expect([w.modes.current, w.editor.document.answers]).toEqual([null, { glare: true, seen: ["B", "T"] }]);
  });

  it("rank by digits, and take a place away again", async () => {
    const w = world([], { ontology: { classes: [], questions: [ask("order", "ranking", { options: options("Xenon", "Yttrium", "Zinc") })] } });
    await w.press("3", "1");
    expect(w.editor.document.answers).toEqual({ order: ["Z", "X", "Y"] });
    await w.press("1");
    expect(w.editor.document.answers).toEqual({ order: ["Z", "Y"] });
  });

  it("stay with a question where the next is typed and may stay empty", async () => {
    const w = world([], { ontology: { classes: [], questions: [ask("best", "choice", { options: options("A", "B") }), ask("why", "text"), ask("sure", "boolean")] } });
    await w.press("2", "1");
    expect([w.editor.document.answers, w.typed, w.modes.tags!.current!.attribute_id]).toEqual([{ best: "A" }, [], "best"]);
    await w.press("esc", "tab");
    expect([w.modes.current, w.modes.tags!.current!.attribute_id]).toEqual(["tags", "why"]);
  });

  it("have the digits from the start where there is nothing to draw", () => {
    expect(world([], { ontology: { classes: [], questions: asking.questions } }).modes.current).toBe("tags");
  });
});

describe("quick mode", () => {
  const given = (id: string, x: number, classId = "sign"): Annotation => ({ ...annotation(`pre_${id}`, box(x, 0, x + 50, 50), classId), origin: id });

  it("asks what an accepted object must say, and takes that back too", async () => {
    const w = world([given("a", 0, "car"), given("b", 200)]);
    const attributes = () => w.editor.document.findAnnotation("pre_a")!.attributes;
    await w.press("shift+q", "a");
    expect([w.modes.quick!.question?.attribute_id, w.modes.quick!.object?.annotation_id]).toEqual(["side", "pre_a"]);
    await w.press("1");
    expect(w.modes.quick!.question?.attribute_id).toBe("lamp");
    await w.press("x");
    expect([attributes(), w.modes.quick!.subject?.id]).toEqual([{ side: "l", lamp: false }, "pre_b"]);
    await w.press("backspace", "backspace", "2");
    expect([attributes(), w.modes.quick!.subject?.id]).toEqual([{ side: "r" }, "pre_b"]);
  });

  it("decides object by object, then the questions, then what may be missing, and hands in", async () => {
    const w = world([given("b", 200), given("a", 0), given("c", 400)], { answers: { weather: "R" } });
    await w.press("shift+q");
    expect([...w.editor.selection]).toEqual(["pre_a"]);
    await w.press("a", "x", "a");
    expect(w.modes.quick!.question?.attribute_id).toBe("glare");
    await w.press("x", "a", "1", "a");
    expect(w.modes.quick!.subject?.kind).toBe("missing");
    await w.press("a");
    expect(w.submitted()).toBe(1);
    expect([[...w.editor.document.ids()].sort(), w.editor.document.answers]).toEqual([["pre_a", "pre_c"], { glare: false, weather: "R", seen: ["B"] }]);
    expect(w.modes.quick!.counts).toMatchObject({ accept: 5, reject: 2, skip: 0 });
  });

  it("takes decisions back one by one, with what they did", async () => {
    const w = world([given("a", 0), given("b", 200)]);
    await w.press("shift+q", "x", "x", "1");
    expect(w.editor.document.size).toBe(0);
    await w.press("backspace", "backspace");
    expect([[...w.editor.document.ids()], w.editor.document.answers]).toEqual([["pre_b"], {}]);
    await w.press("backspace", "a");
    expect([w.editor.document.size, [...w.editor.selection]]).toEqual([2, ["pre_b"]]);
    expect(w.modes.quick!.counts).toMatchObject({ accept: 1, reject: 0 });
  });

  it("asks about what was skipped before it hands in", async () => {
    const w = world([given("a", 0)], { ontology: { ...ontology, questions: [] } });
    await w.press("shift+q", "m", "space");
    expect([w.submitted(), w.modes.quick!.subject, w.modes.quick!.skipped]).toEqual([0, null, 1]);
    await w.press("enter");
    expect(w.modes.quick!.subject).toMatchObject({ id: "pre_a" });
    await w.press("space", "a");
    expect(w.submitted()).toBe(1);
  });

  it("pauses for one task to draw what is missing", async () => {
    const w = world([], { ontology: { ...ontology, questions: [] } });
    await w.press("shift+q", "x");
    expect([w.modes.current, w.submitted()]).toEqual([null, 0]);
    w.open();
    expect(w.modes.current).toBe("quick");
  });

  it("goes back into the task before", async () => {
    const w = world([given("a", 0)], { ontology: { ...ontology, questions: [] } });
    await w.press("shift+q", "m", "x");
    const kept = w.modes.extra;
    expect(w.submitted()).toBe(1);
    w.open();
    let back = w.editor;
    w.comeBack(() => (back = w.open(kept)));
    await w.press("backspace");
    await Promise.resolve();
    expect(w.modes.quick!.subject).toMatchObject({ id: "pre_a" });
    expect(back.document.size).toBe(1);
    expect(w.modes.quick!.counts.reject).toBe(0);
  });

  it("says when there is nothing to take back", async () => {
    const w = world([given("a", 0)]);
    await w.press("shift+q", "backspace");
    expect(w.said.at(-1)).toMatch(/nothing to take back/);
  });

  it("comes back from a draft where it was", async () => {
    const w = world([given("a", 0), given("b", 200)]);
    await w.press("shift+q", "a");
    w.open(JSON.parse(JSON.stringify(w.modes.extra)) as OpenTask["extra"]);
    expect(w.modes.quick!.subject).toMatchObject({ id: "pre_b" });
  });

  it("counts decisions a minute without the pauses", () => {
    const tally = new Tally();
    expect(tally.perMinute()).toBeNull();
    for (const atMs of [0, 2000, 4000, 600_000, 602_000]) tally.add("accept", atMs);
    expect(tally.perMinute()).toBe(30);
    tally.takeBack();
    expect(tally.total).toBe(4);
  });
});
