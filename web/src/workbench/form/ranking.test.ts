import { describe, expect, it } from "vitest";
import { listed, movedBy, movedTo, placedOf, toggled } from "./ranking";

const ids = ["a", "b", "c", "d"];

describe("a ranking in the making", () => {
  it("lists what has a place first, and leaves out what the question does not know", () => {
    expect([listed(ids, undefined), listed(ids, ["c", "x", "a", "c"]), placedOf(ids, "c")]).toEqual([ids, ["c", "a", "b", "d"], []]);
  });

  it("gives places one after the other; the last one follows by itself", () => {
    expect(toggled(ids, undefined, "b")).toEqual(["b"]);
    expect(toggled(ids, ["b"], "d")).toEqual(["b", "d"]);
    expect(toggled(ids, ["b", "d"], "a")).toEqual(["b", "d", "a", "c"]);
  });

  it("takes places away", () => {
    expect([toggled(ids, ["b", "d"], "b"), toggled(ids, ["b"], "b"), toggled(ids, ids, "d")]).toEqual([["d"], null, ["a", "b", "c"]]);
  });

  it("moves by one and to a place, and stays within its bounds", () => {
    expect(movedBy(ids, ids, "b", -1)).toEqual(["b", "a", "c", "d"]);
    expect(movedBy(ids, ids, "a", -1)).toEqual(ids);
    expect(movedBy(ids, ids, "d", 1)).toEqual(ids);
    expect(movedBy(ids, ["c"], "a", 1)).toEqual(["c", "a"]);
    expect(movedTo(ids, ids, "d", 0)).toEqual(["d", "a", "b", "c"]);
    expect(movedTo(ids, ["c"], "a", 0)).toEqual(["a", "c"]);
    expect(movedTo(ids, ["c"], "a", 9)).toEqual(["c", "a"]);
  });
});
