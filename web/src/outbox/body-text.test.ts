import { describe, expect, it } from "vitest";
import type { Annotation, Labelling } from "../engine/types";
import { bodyText, labellingText } from "./body-text";
import type { EntryBody } from "./kept";

const annotation = (annotation_id: string, attributes: Annotation["attributes"] = {}): Annotation => ({
  annotation_id, class_id: "car", geometry: { kind: "box", box_xyxy: [1, 2.25, 3, 4] }, attributes, is_occluded: false, is_truncated: true, score: null, origin: null, group_id: null,
});
const rest = { token: 3, request_key: "k", active_ms: 5, ontology_version: 1, instructions_version: 1 };
const odd = [annotation('"}],', { text: 'a "quote", a \\ and a \u2028 line' }), annotation("b", { list: ["x", "y"], number: -0.5 })];

describe("the text of an answer", () => {
  it("says what JSON says of it, the first time and again", () => {
    for (const annotations of [[], [annotation("a")], odd]) {
      const labellings: Labelling[] = [{ annotations, answers: {} }, { annotations, answers: { q: "}" }, relations: [] }];
      for (const labelling of labellings) {
        const body: EntryBody = { ...rest, labelling };
        for (let times = 0; times < 2; times++) {
          expect(JSON.parse(bodyText(body))).toEqual(body);
          expect(JSON.parse(labellingText(labelling))).toEqual(labelling);
        }
      }
    }
  });

  it("needs no labelling", () => {
    const skip: EntryBody = { token: 3, request_key: "k", reason: "blurred" };
    expect(JSON.parse(bodyText(skip))).toEqual(skip);
    const verdict: EntryBody = { token: 3, request_key: "k", verdict: "accept", reasons: [], comments: [], active_ms: 5 };
    expect(JSON.parse(bodyText(verdict))).toEqual(verdict);
  });
});
