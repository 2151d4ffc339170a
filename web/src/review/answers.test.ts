import { describe, expect, it } from "vitest";
import type { ReviewSubmission } from "../api/types";
import type { Attribute, AttributeValues } from "../engine/types";
import { answerRows, wordsBeside } from "./answers";

const ask = (id: string, kind: Attribute["kind"]): Attribute => ({ attribute_id: id, name: id, kind, options: [], is_required: false, minimum: null, maximum: null, default: null, condition: null });
const by = (author: string, answers: AttributeValues): ReviewSubmission => ({ submission_id: author, author, version: 1, labelling: { annotations: [], answers }, active_ms: 0, created_ms: 0 });

describe("answers beside each other", () => {
  const questions = [ask("a", "choice"), ask("b", "multi_choice"), ask("c", "ranking"), ask("d", "text")];

  it("have those first that differ, and leave out what nobody answered", () => {
    const rows = answerRows(questions, { a: "x", b: ["p", "q"], c: ["m", "n"] }, [by("A", { a: "x", b: ["p", "q"], c: ["m", "n"] }), by("B", { a: "x", b: ["q", "p"], c: ["n", "m"] })]);
    expect(rows.map((r) => [r.question.attribute_id, r.differs])).toEqual([["c", true], ["a", false], ["b", false]]);
    expect(rows[0]!.votes.map((v) => v.isSame)).toEqual([true, false]);
  });

  it("count no answer as one of its own", () => {
    const [row] = answerRows(questions, {}, [by("A", { d: "yes" }), by("B", {})]);
    expect([row!.differs, row!.votes.map((v) => [v.value, v.isSame])]).toEqual([true, [["yes", false], [undefined, true]]]);
  });
});

describe("texts beside each other", () => {
  const own = (text: string, other: string) => wordsBeside(text, other).filter((w) => w.isOwn).map((w) => w.text);

  it("mark the words that the other has not, and keep every space", () => {
    expect(own("the quick  brown\nfox", "the brown fox")).toEqual(["quick"]);
    expect(own("a b", "a b")).toEqual([]);
    expect(wordsBeside("the quick  brown\nfox", "x").map((w) => w.text).join("")).toBe("the quick  brown\nfox");
  });
});
