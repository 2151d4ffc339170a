/** Invertible changes. Undo, redo, drafts and replay are one mechanism: apply a delta forwards or backwards. */
import type { Annotation, AttributeValue } from "../types";

/** An annotation and its place in the stack of drawing: higher z is drawn later, ties are broken by id. */
export interface Entry {
  readonly annotation: Annotation;
  readonly z: number;
}

/** What happened to one annotation: null before is a birth, null after a deletion. */
export interface EntryDelta {
  readonly id: string;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

export interface AnswerDelta {
  readonly question_id: string;
  readonly before: AttributeValue | null;
  readonly after: AttributeValue | null;
}

/** One step a person would undo as a whole. */
export interface Edit {
  /** What was done, in the words of the interface ("Move 3 objects"). */
  readonly name: string;
  readonly at_ms: number;
  readonly entries: readonly EntryDelta[];
  readonly answers: readonly AnswerDelta[];
}

/** One line of the append-only log. Undo and redo are lines too: nothing is ever taken out. */
export type LogRecord =
  | { readonly do: Edit }
  | { readonly undo: number; readonly at_ms: number }
  | { readonly redo: number; readonly at_ms: number };

export function isEmpty(edit: Edit): boolean {
  return edit.entries.length === 0 && edit.answers.length === 0;
}

export function inverse(edit: Edit): Edit {
  return {
    name: edit.name,
    at_ms: edit.at_ms,
    entries: edit.entries.map(({ id, before, after }) => ({ id, before: after, after: before })),
    answers: edit.answers.map(({ question_id, before, after }) => ({ question_id, before: after, after: before })),
  };
}
