import { describe, expect, it } from "vitest";
import { annotation, box, makeEditor, ontology } from "../../engine/testing";
import type { Annotation } from "../../engine/types";
import { Carry, isFit } from "./carry";
import { PLAIN_COLOR, colorsFor, onScale, palettes } from "./colors";
import { definitions, groups } from "./definitions";
import { plateText } from "./plate";
import { type Definition, fitting, stepped } from "./setting-kinds";

const all = Object.values(definitions) as Definition[];

describe("settings", () => {
  it("begin with values that fit, under headings that exist, each with an action of its own", () => {
    for (const definition of all) {
      expect(fitting(definition, definition.initial)).toBe(definition.initial);
      expect(definition.group === null || (groups as readonly string[]).includes(definition.group)).toBe(true);
    }
    expect(new Set(all.map((d) => d.action)).size).toBe(all.length);
  });

  it.each([null, undefined, "x", NaN, {}, [], -1e9, 1e9, true])("take nothing that does not fit (%s)", (value) => {
    for (const definition of all) {
      const taken = fitting(definition, value);
      expect(fitting(definition, taken)).toBe(taken);
      if (definition.kind === "range") expect(taken as number >= definition.min && (taken as number) <= definition.max).toBe(true);
      if (definition.kind === "choice") expect(Object.keys(definition.options)).toContain(taken);
      if (definition.kind === "switch") expect(typeof taken).toBe("boolean");
    }
  });

  it("step to the ends of a range and round a choice", () => {
    for (const definition of all) {
      let value: unknown = definition.initial;
      const seen = new Set<unknown>();
      for (let i = 0; i < 200; i++) seen.add((value = stepped(definition, value, 1)));
      if (definition.kind === "range") expect(value).toBe(definition.max);
      if (definition.kind === "choice") expect([...seen].sort()).toEqual(Object.keys(definition.options).sort());
      if (definition.kind === "switch") expect(seen.size).toBe(2);
    }
  });

  it("end a step where keys can come back to the beginning", () => {
    for (const definition of all) expect(stepped(definition, stepped(definition, definition.initial, 1), -1)).toBe(definition.initial);
  });
});

const object = (id: string, more: Partial<Annotation> = {}): Annotation => ({ ...annotation(id, box(0, 0, 9, 9)), ...more });
const authorOf = (a: Annotation): string => a.origin ?? "me";

describe("colours", () => {
  const rule = { ontology, authorOf, palette: "own" } as const;

  it("are the project's own for classes, and a palette's where one is chosen, never the ontology's change", () => {
    expect(colorsFor({ ...rule, by: "class" }).of(object("a"))).toBe("#3b82f6");
    expect(colorsFor({ ...rule, by: "class", palette: "okabeIto" }).of(object("a"))).toBe(palettes.okabeIto[0]);
    expect(colorsFor({ ...rule, by: "class", palette: "okabeIto" }).ofClass("sign")).toBe(palettes.okabeIto[1]);
    expect(ontology.classes[0]!.color).toBe("#3b82f6");
    expect(colorsFor({ ...rule, by: "class" }).ofClass("gone")).toBe(PLAIN_COLOR);
  });

  it("differ for classes beyond the end of a palette", () => {
    const classes = Array.from({ length: 24 }, (_, i) => ({ ...ontology.classes[1]!, class_id: `c${i}` }));
    for (const palette of Object.keys(palettes) as (keyof typeof palettes)[]) {
      const colors = colorsFor({ ...rule, ontology: { classes, questions: [] }, by: "class", palette });
      const found = classes.map((c) => colors.ofClass(c.class_id));
      expect(new Set(found).size).toBe(24);
      expect(found.every((c) => /^#[0-9a-f]{6}$/.test(c))).toBe(true);
    }
  });

  it("tell instances, authors, groups and agreement apart, and are the same each time", () => {
    const by = (what: "instance" | "author" | "group" | "agreement") => colorsFor({ ...rule, by: what });
    expect(by("instance").of(object("a"))).not.toBe(by("instance").of(object("b")));
    expect(by("instance").of(object("a"))).toBe(by("instance").of(object("a")));
    const author = by("author");
    expect(author.of(object("a"))).not.toBe(author.of(object("b", { origin: "model" })));
    expect(by("group").of(object("a"))).toBe(PLAIN_COLOR);
    expect(by("group").of(object("a", { group_id: "g" }))).toBe(by("group").of(object("b", { group_id: "g" })));
    expect(by("agreement").of(object("a"))).toBe(PLAIN_COLOR);
    expect(by("agreement").of(object("a", { score: 0.2 }))).toBe(onScale(0.2));
  });

  it("grow lighter with agreement", () => {
    const light = (color: string): number => [1, 3, 5].reduce((sum, at) => sum + parseInt(color.slice(at, at + 2), 16), 0);
    const steps = Array.from({ length: 11 }, (_, i) => light(onScale(i / 10)));
    expect(steps[0]).toBeLessThan(steps[5]!);
    expect(steps[5]).toBeLessThan(steps[10]!);
    expect([onScale(-1), onScale(2)]).toEqual([onScale(0), onScale(1)]);
  });
});

describe("the plate", () => {
  const item = ontology.classes[0]!;
  const car = object("a", { attributes: { side: "l", lamp: true }, score: 0.873 });

  it("says what is asked for, by the names that people know", () => {
    const rule = { hasName: true, hasAttributes: true, hasScore: true };
    expect(plateText(car, item, rule)).toBe("Car  0.87  Left · Lamp on");
    expect(plateText(car, item, { ...rule, hasName: false, hasScore: false })).toBe("Left · Lamp on");
    expect(plateText(car, item, { hasName: false, hasAttributes: false, hasScore: false })).toBe("");
    expect(plateText(car, null, { ...rule, hasAttributes: false })).toBe("car  0.87");
  });
});

describe("what goes along to the next picture", () => {
  const next = (width: number, height: number) => {
    const editor = makeEditor({ frame: { width, height } });
    editor.viewport.resize(1000, 600);
    return editor;
  };

  it("is place, zoom, turn and class where the picture is alike", () => {
    const carry = new Carry();
    const first = makeEditor();
    first.viewport.fit();
    first.viewport.zoomAt([300, 200], 3);
    first.viewport.turnBy(90);
    first.setClass("sign");
    carry.keep(first);
    const second = next(1010, 596);
    carry.restore(second);
    expect([second.viewport.scale, second.viewport.turn, second.classId]).toEqual([first.viewport.scale, 90, "sign"]);
    expect(second.viewport.visible().x0).toBeCloseTo(first.viewport.visible().x0, 6);
  });

  it("is the class alone where it is not", () => {
    const carry = new Carry();
    const first = makeEditor();
    first.viewport.zoomAt([300, 200], 3);
    first.setClass("sign");
    carry.keep(first);
    const second = next(400, 600);
    carry.restore(second);
    expect([isFit(second), second.viewport.turn, second.classId]).toEqual([true, 0, "sign"]);
  });

  it("keeps a picture that filled the view filling it", () => {
    const carry = new Carry();
    const first = makeEditor();
    first.viewport.fit();
    carry.keep(first);
    const second = next(1000, 600);
    second.viewport.resize(500, 300);
    carry.restore(second);
    expect(isFit(second)).toBe(true);
  });
});
