/** Outcomes as people read them. */
import type { CourseFinding, CourseStanding, CourseStep, Feedback } from "../api/own-quality";
import type { Consequence, ConsequenceKind } from "../api/quality-types";
import type { WorkEntry } from "../api/talk";
import { msg } from "../engine/text";

export interface Outcome {
  readonly word: string;
  readonly tone: "good" | "warn" | "bad" | "plain";
}

export function outcomeOf({ submission, review, news }: WorkEntry): Outcome {
  switch (review?.verdict) {
    case "accept":
      return { word: msg`Accepted`, tone: "good" };
    case "fix":
      return { word: msg`Fixed by a reviewer`, tone: "warn" };
    case "reject":
      return { word: msg`Rejected`, tone: "bad" };
    default:
      return submission ? { word: msg`Handed in`, tone: "plain" } : { word: news?.kind === "replied" ? msg`Answered` : msg`Talk`, tone: "plain" };
  }
}

/** What happened last, where it was not seen yet. */
export function newsOf({ news }: WorkEntry): string | null {
  if (!news?.is_unread) return null;
  const words = { accepted: msg`Accepted with a comment`, fixed: msg`Fixed by a reviewer`, rejected: msg`Rejected`, commented: msg`New comment`, replied: msg`New answer`, consequence: msg`News on your quality page` } as const;
  return words[news.kind];
}

/** What follows for me, or followed, as a heading. */
export function meansForMe(kind: ConsequenceKind, isOver = false): string {
  const past: Readonly<Record<ConsequenceKind, string>> = { tell: msg`Something was noticed`, more_gold: msg`You met more known answers for a while`, requalify: msg`The course was to be passed again`, pause: msg`Your work here was paused` };
  if (isOver) return past[kind];
  const words: Readonly<Record<ConsequenceKind, string>> = { tell: msg`Something was noticed`, more_gold: msg`You meet more known answers for a while`, requalify: msg`The course is to be passed again`, pause: msg`Your work here is paused` };
  return words[kind];
}

export function stateForMe(state: Consequence["state"]): string {
  const words: Readonly<Record<Consequence["state"], string>> = { active: msg`in force`, appealed: msg`in force until your appeal is answered`, upheld: msg`in force, the appeal was refused`, lifted: msg`over` };
  return words[state];
}

/** Where I am in the course, or how the exam just taken ended; null where there is no course. */
export function courseSentence(course: CourseStanding, result: Feedback["result"] = null): string | null {
  const { lessons_done, lessons, exam_right, exam_total, tries_left } = course;
  // With tries left the course goes on, although the exam just taken was not passed.
  const state = result ?? course.state;
  if (state === "none") return null;
  if (state === "passed") return msg`Passed${exam_total ? msg`, ${exam_right} of ${exam_total} exam tasks right` : ""}.`;
  if (state === "failed") return tries_left ? msg`${exam_right} of ${exam_total} exam tasks were right, which is not enough. ${triesLeft(tries_left)}` : msg`${exam_right} of ${exam_total} exam tasks were right, which is not enough. Ask who leads the project.`;
  if (lessons_done < lessons) return msg`${lessons_done} of ${lessons} lessons done.`;
  return tries_left ? msg`All lessons are done, the exam comes next. ${triesLeft(tries_left)}` : msg`All lessons are done, the exam comes next.`;
}

/** Whether something is left to take. */
export const mayGoOn = ({ state, tries_left }: CourseStanding): boolean => state === "required" || state === "running" || (state === "failed" && tries_left > 0);

const triesLeft = (count: number): string => (count === 1 ? msg`You have one try left.` : msg`You have ${count} tries left.`);

export const placeInCourse = ({ kind, number, of }: CourseStep): string => (kind === "lesson" ? msg`Lesson ${number} of ${of}` : msg`Exam, task ${number} of ${of}`);

export function findingName(kind: CourseFinding["kind"]): string {
  const words: Readonly<Record<CourseFinding["kind"], string>> = { right: msg`Right`, class: msg`Class`, shape: msg`Shape`, extra: msg`Not there`, missed: msg`Missed`, relation: msg`Relation`, answer: msg`Answer` };
  return words[kind];
}
