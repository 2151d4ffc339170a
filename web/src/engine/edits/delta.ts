/** Invertible changes. Undo, redo, drafts and replay are one mechanism: apply a delta forwards or backwards. */
import type { Annotation, AttributeValue, Relation } from "../types";

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

/** What happened to one relation: null before is a birth, null after a deletion. */
export interface RelationDelta {
  readonly id: string;
  readonly before: Relation | null;
  readonly after: Relation | null;
}

/** One step a person would undo as a whole. */
export interface Edit {
  /** What was done, in the words of the interface ("Move 3 objects"). */
  readonly name: string;
  readonly at_ms: number;
  readonly entries: readonly EntryDelta[];
  readonly answers: readonly AnswerDelta[];
  /** There where the step changes any. */
  readonly relations?: readonly RelationDelta[];
}

/** A suggestion on which a person decided. Geometries are kept as short prints, to be compared with what was handed in. */
export interface Decision {
  readonly source: string;
  /** The object that it became, or that it changed; null where it was refused. */
  readonly annotation_id: string | null;
  readonly made: string;
  /** Of the object before it was changed; null for a new one. */
  readonly before: string | null;
  readonly took_ms: number;
}

/**
 * One line of the append-only log. Undo and redo are lines too: nothing is ever taken out. What was decided about a
 * suggestion is no step: undo passes it over.
 */
export type LogRecord =
  | { readonly decided: Decision }
  | { readonly do: Edit }
  | { readonly undo: number; readonly at_ms: number }
  | { readonly redo: number; readonly at_ms: number };

export function isEmpty(edit: Edit): boolean {
  return edit.entries.length === 0 && edit.answers.length === 0 && !edit.relations?.length;
}

export function inverse(edit: Edit): Edit {
  return {
    name: edit.name,
    at_ms: edit.at_ms,
    entries: edit.entries.map(({ id, before, after }) => ({ id, before: after, after: before })),
    answers: edit.answers.map(({ question_id, before, after }) => ({ question_id, before: after, after: before })),
    ...(edit.relations && { relations: edit.relations.map(({ id, before, after }) => ({ id, before: after, after: before })) }),
  };
}
