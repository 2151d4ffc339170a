/** When each object of a document was made and last changed, as its log tells. */
import type { LogRecord } from "./delta";

export interface Story {
  /** Null for what the task began with. */
  readonly madeMs: number | null;
  readonly changedMs: number | null;
  /** Steps that touched it, undone ones left out. */
  readonly steps: number;
}

/** The story of one object; null when the log does not touch it. */
export function storyOf(id: string, log: readonly LogRecord[]): Story | null {
  const done = new Set<number>();
  log.forEach((record, index) => {
    if ("do" in record) done.add(index);
    else if ("undo" in record) done.delete(record.undo);
    else if ("redo" in record) done.add(record.redo);
  });
  const steps = [...done].sort((a, b) => a - b).flatMap((index): { at_ms: number; isBirth: boolean }[] => {
    const record = log[index]!;
    if (!("do" in record)) return [];
    const { at_ms, entries } = record.do;
    return entries.filter((e) => e.id === id).map((e) => ({ at_ms, isBirth: e.before === null }));
  });
  const last = steps.at(-1);
  if (!last) return null;
  const birth = steps.findLastIndex((s) => s.isBirth);
  const own = steps.slice(Math.max(0, birth));
  return { madeMs: birth < 0 ? null : own[0]!.at_ms, changedMs: last.isBirth ? null : last.at_ms, steps: own.length };
}
