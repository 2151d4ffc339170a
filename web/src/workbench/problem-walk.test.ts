import { expect, it } from "vitest";
import { ProblemWalk } from "./problem-walk";

const problem = (attributeId: string) => ({ annotationId: null, attributeId, text: `${attributeId} is required.` });
const [a, b, c] = [problem("a"), problem("b"), problem("c")];

it("goes round", () => {
  const walk = new ProblemWalk();
  expect([1, 2, 3, 4].map(() => walk.next([a, b, c])?.attributeId)).toEqual(["a", "b", "c", "a"]);
});

it("goes on from what was solved, and from what was pointed at", () => {
  const walk = new ProblemWalk();
  walk.next([a, b, c]);
  walk.next([a, b, c]);
  expect(walk.next([a, c])).toBe(c);
  expect(walk.next([a])).toBe(a);
  expect(walk.next([])).toBeNull();
  walk.show(b, [a, b, c]);
  expect(walk.next([a, b, c])).toBe(c);
});
