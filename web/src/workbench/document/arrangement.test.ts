import { describe, expect, it } from "vitest";
import type { PartKind, PartView } from "../../api/types";
import type { Attribute } from "../../engine/types";
import { chosenPlace, comparisonOf, firstArrangement, letterOf } from "./arrangement";

const part = (kind: PartKind, title = ""): PartView => ({ kind, title, text: null, url: null, media_type: null });
const ask = (kind: Attribute["kind"], ...options: [string, string][]): Attribute => ({
  attribute_id: "which", name: "Which?", kind, options: options.map(([option_id, name]) => ({ option_id, name })), is_required: true, minimum: null, maximum: null, default: null, condition: null,
});

describe("what is compared", () => {
  it("is found by letters, numbers and titles", () => {
    const two = [part("image", "Left"), part("image", "Right")];
    expect(comparisonOf(two, [ask("choice", ["o1", "A"], ["o2", "B"])])?.options).toEqual(["o1", "o2"]);
    expect(comparisonOf(two, [ask("choice", ["x", "Response 2"], ["y", "Response 1"], ["z", "Both alike"])])?.options).toEqual(["y", "x"]);
    expect(comparisonOf(two, [ask("choice", ["x", "right"], ["y", "LEFT"])])?.options).toEqual(["y", "x"]);
    expect(comparisonOf(two, [ask("ranking", ["part_1", "First one"], ["part_2", "Other one"])])?.options).toEqual(["part_1", "part_2"]);
  });

  it("leaves out the part that says what is asked", () => {
    const parts = [part("markdown"), part("text"), part("text")];
    expect(comparisonOf(parts, [ask("choice", ["a", "A"], ["b", "B"])])?.options).toEqual([null, "a", "b"]);
    const mixed = [part("image"), part("text"), part("image")];
    expect(comparisonOf(mixed, [ask("choice", ["a", "Image A"], ["b", "Image B"])])?.options).toEqual([null, "a", "b"]);
  });

  it("is nothing where choices are no parts", () => {
    const two = [part("image"), part("image")];
    expect(comparisonOf(two, [ask("choice", ["y", "Yes"], ["n", "No"])])).toBeNull();
    expect(comparisonOf(two, [ask("choice", ["a", "A"])])).toBeNull();
    expect(comparisonOf([part("image")], [ask("choice", ["a", "A"], ["b", "B"])])).toBeNull();
    expect(comparisonOf(two, [ask("text")])).toBeNull();
  });

  it("knows what was chosen", () => {
    const parts = [part("image"), part("image"), part("image")];
    const options: [string, string][] = [["a", "A"], ["b", "B"], ["c", "C"]];
    const one = comparisonOf(parts, [ask("choice", ...options)])!;
    const order = comparisonOf(parts, [ask("ranking", ...options)])!;
    expect([0, 1, 2].map((i) => chosenPlace(one, { which: "b" }, i))).toEqual([null, 1, null]);
    expect([0, 1, 2].map((i) => chosenPlace(order, { which: ["c", "a"] }, i))).toEqual([2, null, 1]);
    expect(chosenPlace(one, {}, 0)).toBeNull();
  });
});

describe("the arrangement", () => {
  it("follows what there is to look at", () => {
    const pictures = [part("image"), part("image")];
    const told = [part("text"), part("image")];
    expect([firstArrangement([part("pdf")], null), firstArrangement(pictures, null), firstArrangement(told, null), firstArrangement(Array.from({ length: 5 }, () => part("image")), null)]).toEqual(["one", "side", "all", "all"]);
    const texts = [part("text"), part("text")];
    expect(firstArrangement(texts, comparisonOf(texts, [ask("choice", ["a", "A"], ["b", "B"])]))).toBe("side");
    expect([letterOf(0), letterOf(25), letterOf(26)]).toEqual(["A", "Z", "27"]);
  });
});
