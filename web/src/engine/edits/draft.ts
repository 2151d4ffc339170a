/** What is kept of unfinished work: enough to come back exactly, with undo, after a reload or on another computer. */
import { annotationFromWire, relationFromWire } from "../shapes/registry";
import type { Labelling } from "../types";
import type { LogRecord } from "./delta";
import { type Beginning, readLog } from "./kept-log";

export const DRAFT_FORMAT = 2;

/** What is written with each change; the log goes beside it, line by line. */
export interface DraftHead {
  readonly format: number;
  readonly hidden: readonly string[];
  readonly locked: readonly string[];
  readonly active_ms: number;
}

export interface Draft extends Omit<DraftHead, "format"> {
  readonly beginning: Beginning;
  readonly log: readonly LogRecord[];
  /** Lines of the log that were understood. */
  readonly lineCount: number;
  /** Labels that the server kept when they came too late to be handed in; newer than the log. */
  readonly kept: Labelling | null;
}

/** Reads a draft; null when there is nothing to read, or it is of another program: the caller then starts from the base. */
export function readDraft(head: unknown, lines: readonly string[]): Draft | null {
  const body = (head ?? {}) as Partial<DraftHead> & { labelling?: Labelling };
  const kept = keptLabelling(body.labelling);
  const read = readLog(lines) ?? (kept && { beginning: { labelling: kept, z: null }, log: [], lineCount: 0 });
  if (!read || (body.format !== DRAFT_FORMAT && !kept)) return null;
  const { hidden = [], locked = [], active_ms = 0 } = body;
  return { ...read, hidden, locked, active_ms, kept };
}

function keptLabelling(json: Labelling | undefined): Labelling | null {
  try {
    return json ? { annotations: json.annotations.map(annotationFromWire), answers: json.answers, ...(json.relations?.length ? { relations: json.relations.map(relationFromWire) } : {}) } : null;
  } catch {
    return null;
  }
}
