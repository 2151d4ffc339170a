/** Undo and redo without bound, told by an append-only log that survives a reload as part of the draft. */
import { type Decision, type Edit, type LogRecord, inverse } from "./delta";
import { LabelDocument } from "./document";
import type { Labelling } from "../types";

export class History {
  readonly #log: LogRecord[] = [];
  /** Indexes of `do` lines in the log. */
  readonly #done: number[] = [];
  readonly #undone: number[] = [];

  get log(): readonly LogRecord[] {
    return this.#log;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** Number of the line of the step that undo would take back. */
  get undoable(): number | null {
    return this.#done.at(-1) ?? null;
  }

  get redoable(): number | null {
    return this.#undone.at(-1) ?? null;
  }

  /** The step that undo would take back. */
  get undoName(): string | null {
    return this.#name(this.#done);
  }

  get redoName(): string | null {
    return this.#name(this.#undone);
  }

  record(edit: Edit): void {
    this.#done.push(this.#log.length);
    this.#undone.length = 0;
    this.#log.push({ do: edit });
  }

  /** Notes what was decided about a suggestion. */
  note(decided: Decision): void {
    this.#log.push({ decided });
  }

  /**
   * Replaces the newest line by a longer version of the same step (a held arrow key is one step).
   * Only the very last line can still grow; anything else is refused.
   */
  amend(edit: Edit): void {
    const last = this.#log.length - 1;
    if (this.#done.at(-1) !== last) throw new RangeError("Only the newest step can be amended.");
    this.#log[last] = { do: edit };
  }

  get newest(): Edit | null {
    const last = this.#log.at(-1);
    return last && "do" in last ? last.do : null;
  }

  /** The edit to apply to the document, or null when there is nothing to undo. */
  undo(at_ms: number): Edit | null {
    const index = this.#done.pop();
    if (index === undefined) return null;
    this.#undone.push(index);
    this.#log.push({ undo: index, at_ms });
    return inverse(this.#edit(index));
  }

  redo(at_ms: number): Edit | null {
    const index = this.#undone.pop();
    if (index === undefined) return null;
    this.#done.push(index);
    this.#log.push({ redo: index, at_ms });
    return this.#edit(index);
  }

  #edit(index: number): Edit {
    const line = this.#log[index];
    if (!line || !("do" in line)) throw new RangeError(`Line ${index} of the log is no edit.`);
    return line.do;
  }

  #name(stack: readonly number[]): string | null {
    const index = stack.at(-1);
    return index === undefined ? null : this.#edit(index).name;
  }

  /** Runs a log from a base: the document and the history as they were when the log ended. */
  static replay(base: Labelling, log: readonly LogRecord[]): { document: LabelDocument; history: History } {
    const document = new LabelDocument(base);
    return { document, history: History.run(document, log) };
  }

  /** Runs a log on a document and returns the history that it leaves. */
  static run(document: LabelDocument, log: readonly LogRecord[]): History {
    const history = new History();
    for (const line of log) {
      if ("do" in line) {
        history.record(line.do);
        document.apply(line.do);
        continue;
      }
      if ("decided" in line) {
        history.note(line.decided);
        continue;
      }
      const edit = "undo" in line ? history.undo(line.at_ms) : history.redo(line.at_ms);
      if (!edit) throw new RangeError("The log takes back a step that was never made.");
      document.apply(edit);
    }
    return history;
  }
}
