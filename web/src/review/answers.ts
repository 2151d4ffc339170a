/** What was answered by whom, question by question: those that differ first. */
import type { ReviewSubmission } from "../api/types";
import { diffLines } from "../markdown/diff";
import type { Attribute, AttributeValue, AttributeValues } from "../engine/types";

export interface AnswerVote {
  readonly author: string;
  readonly value: AttributeValue | undefined;
  /** Says the same as the labels under review. */
  readonly isSame: boolean;
}

export interface AnswerRow {
  readonly question: Attribute;
  /** In the labels under review, as they are now. */
  readonly value: AttributeValue | undefined;
  readonly votes: readonly AnswerVote[];
  /** The submissions do not all say the same. */
  readonly differs: boolean;
}

/** One row for each question that anybody answered; those that differ first, else in the order in which they are asked. */
export function answerRows(questions: readonly Attribute[], now: AttributeValues, submissions: readonly ReviewSubmission[]): AnswerRow[] {
  const rows = questions.flatMap((question): AnswerRow[] => {
    const id = question.attribute_id;
    const values = submissions.map((s) => s.labelling.answers[id]);
    if (now[id] === undefined && values.every((v) => v === undefined)) return [];
    return [{
      question,
      value: now[id],
      votes: submissions.map((s, i) => ({ author: s.author, value: values[i], isSame: saysSame(question, values[i], now[id]) })),
      differs: values.some((v) => !saysSame(question, v, values[0])),
    }];
  });
  return [...rows.filter((r) => r.differs), ...rows.filter((r) => !r.differs)];
}

/** Several choices are the same in any order; a ranking is not. */
function saysSame({ kind }: Attribute, a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  const plain = (v: AttributeValue | undefined): string => JSON.stringify(kind === "multi_choice" && Array.isArray(v) ? [...(v as readonly string[])].sort() : (v ?? null));
  return plain(a) === plain(b);
}

export interface Word {
  readonly text: string;
  /** Not in the other text at this place. */
  readonly isOwn: boolean;
}

/** Longer texts are shown as they are: comparing them word by word would take too long. */
const MOST_WORDS = 1_500;

/** A text in pieces, those marked that another text does not have; spaces and line breaks stay. */
export function wordsBeside(text: string, other: string): Word[] {
  const pieces = text.split(/(\s+)/).filter(Boolean);
  const others = other.split(/(\s+)/).filter(Boolean);
  if (pieces.length > MOST_WORDS || others.length > MOST_WORDS) return [{ text, isOwn: false }];
  const solid = (list: readonly string[]): string => list.filter((p) => p.trim()).join("\n");
  const kept = diffLines(solid(others), solid(pieces)).filter((line) => line.kind !== "removed");
  let at = 0;
  return pieces.map((piece) => ({ text: piece, isOwn: piece.trim() ? kept[at++]?.kind === "added" : false }));
}
