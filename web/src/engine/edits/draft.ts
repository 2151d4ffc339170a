/** What is kept of unfinished work: enough to come back exactly, with undo, after a reload or on another computer. */
import type { Labelling } from "../types";
import type { LogRecord } from "./delta";
import { History } from "./history";

export const DRAFT_FORMAT = 1;

export interface DraftBody {
  readonly format: number;
  /** What the task started from: nothing, or the pre-label. */
  readonly base: Labelling;
  readonly log: readonly LogRecord[];
  readonly hidden: readonly string[];
  readonly locked: readonly string[];
  readonly active_ms: number;
  /** The result, for readers that do not replay logs. */
  readonly labelling: Labelling;
}

/** Reads a draft; null when it is none, is of a future format or does not replay: the caller then starts from the base. */
export function readDraft(json: unknown): DraftBody | null {
  const body = json as Partial<DraftBody> | null;
  if (body?.format !== DRAFT_FORMAT || !body.base || !Array.isArray(body.log)) return null;
  const draft: DraftBody = {
    format: DRAFT_FORMAT,
    base: body.base,
    log: body.log,
    hidden: body.hidden ?? [],
    locked: body.locked ?? [],
    active_ms: body.active_ms ?? 0,
    labelling: body.labelling ?? { annotations: [], answers: {} },
  };
  try {
    History.replay(draft.base, draft.log);
    return draft;
  } catch {
    return null;
  }
}
