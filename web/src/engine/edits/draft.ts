/** What is kept of unfinished work: enough to come back exactly, with undo, after a reload or on another computer. */
import type { Decision } from "../assist/suggestions";
import type { Labelling } from "../types";
import type { LogRecord } from "./delta";
import { History } from "./history";

export const DRAFT_FORMAT = 1;

export interface DraftBody {
  readonly format: number;
  /** What the task started from; null where that is large and the task hands it out again. */
  readonly base: Labelling | null;
  readonly log: readonly LogRecord[];
  readonly hidden: readonly string[];
  readonly locked: readonly string[];
  readonly active_ms: number;
  /** What was decided about suggestions. */
  readonly decisions: readonly Decision[];
}

/** A base with more objects is not written again with every change. */
export const MOST_KEPT_BASE = 500;

/** Reads a draft; null when it is none, is of a future format or does not replay: the caller then starts from the base. */
export function readDraft(json: unknown): DraftBody | null {
  const body = json as Partial<DraftBody> | null;
  if (body?.format !== DRAFT_FORMAT || !Array.isArray(body.log)) return null;
  const draft: DraftBody = {
    format: DRAFT_FORMAT,
    base: body.base ?? null,
    log: body.log,
    hidden: body.hidden ?? [],
    locked: body.locked ?? [],
    active_ms: body.active_ms ?? 0,
    decisions: body.decisions ?? [],
  };
  try {
    History.replay(draft.base ?? { annotations: [], answers: {} }, draft.log);
    return draft;
  } catch {
    return null;
  }
}
