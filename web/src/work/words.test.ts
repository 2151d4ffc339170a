import { describe, expect, it } from "vitest";
import type { CourseStanding } from "../api/own-quality";
import { courseSentence, findingName, meansForMe, placeInCourse, stateForMe } from "./words";

const course = (rest: Partial<CourseStanding>): CourseStanding => ({ state: "running", tries_left: 3, lessons_done: 1, lessons: 2, exam_right: 0, exam_total: 4, ...rest });

describe("where somebody is in the course", () => {
  it("is not said where there is none", () => {
    expect(courseSentence(course({ state: "none" }))).toBeNull();
  });

  it("counts lessons, then what the exam showed", () => {
    expect(courseSentence(course({}))).toBe("1 of 2 lessons done.");
    expect(courseSentence(course({ lessons_done: 2 }))).toBe("All lessons are done, the exam comes next. You have 3 tries left.");
    expect(courseSentence(course({ state: "passed", exam_right: 4 }))).toBe("Passed, 4 of 4 exam tasks right.");
    expect(courseSentence(course({ state: "passed", exam_total: 0 }))).toBe("Passed.");
  });

  it("tells how an exam that was not passed may be tried again", () => {
    expect(courseSentence(course({ tries_left: 1, exam_right: 2, state: "failed" }))).toBe("2 of 4 exam tasks were right, which is not enough. You have one try left.");
    expect(courseSentence(course({ tries_left: 2, state: "failed" }))).toContain("2 tries left");
    expect(courseSentence(course({ tries_left: 0, state: "failed" }))).toContain("Ask who leads the project");
    expect(courseSentence(course({ tries_left: 1, lessons_done: 2 }), "failed")).toContain("not enough");
  });

  it("names the task at hand", () => {
    expect(placeInCourse({ kind: "lesson", number: 1, of: 2 })).toBe("Lesson 1 of 2");
    expect(placeInCourse({ kind: "exam", number: 3, of: 4 })).toBe("Exam, task 3 of 4");
  });
});

it("has a word for every finding, kind and state", () => {
  const names = (["right", "class", "shape", "extra", "missed", "relation", "answer"] as const).map(findingName);
  expect(new Set(names).size).toBe(7);
  const kinds = ["tell", "more_gold", "requalify", "pause"] as const;
  expect(kinds.map((kind) => meansForMe(kind))).not.toContain(undefined);
  expect(meansForMe("pause", true)).toBe("Your work here was paused");
  expect((["active", "appealed", "upheld", "lifted"] as const).map(stateForMe)).not.toContain(undefined);
});
