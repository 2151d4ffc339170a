/**
 * The log of a document as lines of text that are only added to: on this computer with each step, on the server within a
 * second, only what is new. The first line is what the document began with; a step says what each object is after it, as
 * a patch where that is shorter, for what was before follows from the lines above.
 */
import { annotationFromWire, relationFromWire } from "../shapes/registry";
import type { Annotation, AttributeValue, Labelling, MaskGeometry, Relation } from "../types";
import type { AnswerDelta, Decision, Edit, Entry, EntryDelta, LogRecord, RelationDelta } from "./delta";
import { inverse } from "./delta";
import { LabelDocument } from "./document";
import { History } from "./history";
import { type MaskChange, maskAfter, maskChange } from "./packing";
import { type Patch, diff, patched } from "./patch";
import { msg } from "../text";

/** A document's beginning. Without `z` the objects lie in their order. */
export interface Beginning {
  readonly labelling: Labelling;
  readonly z: readonly number[] | null;
  /** What was decided about suggestions in the part of the log that the beginning sums up. */
  readonly decided?: readonly Decision[];
}

interface BaseLine {
  readonly base: Labelling;
  readonly z?: readonly number[];
  readonly decided?: readonly Decision[];
}

/** An object after a step: gone, put whole, or changed; `m` is what changed of the pixels of a mask. */
type KeptEntry = { readonly id: string; readonly z?: number; readonly a?: Annotation; readonly p?: Patch; readonly m?: MaskChange };

interface StepLine {
  readonly do: { readonly name: string; readonly at_ms: number; readonly entries: readonly KeptEntry[]; readonly answers?: readonly (readonly [string, AttributeValue | null])[]; readonly relations?: readonly (readonly [string, Relation | null])[] };
}

type Line = BaseLine | StepLine | { readonly decided: Decision } | { readonly undo: number; readonly at_ms: number } | { readonly redo: number; readonly at_ms: number };

const SAME: Patch = { o: {} };

/** Characters of the steps of a kept log beyond which its oldest steps are let go. */
export const MOST_KEPT = 16 * 2 ** 20;

/** What came of writing: lines from `from` on are other than before. */
export interface Written {
  readonly from: number;
  /** Steps that can no longer be undone after a reload, let go just now. */
  readonly forgotten: number;
}

/** Writes a growing log as lines. */
export class LogWriter {
  #lines: string[] = [];
  /** Characters of the steps. */
  #size = 0;
  /** Records of the log that the first line sums up. */
  #folded = 0;
  /** Records written or summed up. */
  #count = 0;
  /** The newest step written: it may be replaced while it grows. */
  #newest: Edit | null = null;
  /** The stacks that a reader of the lines has, as indexes of records; what it cannot take back is told as a step. */
  #done: number[] = [];
  #undone: number[] = [];
  /** What the reader calls the step of a record. */
  readonly #numbers = new Map<number, number>();

  constructor(private readonly beginning: Beginning, private readonly mostKept = MOST_KEPT) {}

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Goes on where lines that were read end; they stay as they are, letter by letter. */
  static resume(lines: readonly string[], read: ReadLog, mostKept = MOST_KEPT): LogWriter {
    const writer = new LogWriter(read.beginning, mostKept);
    writer.#lines = lines.slice(0, read.lineCount);
    writer.#size = writer.#lines.slice(1).reduce((sum, line) => sum + line.length + 1, 0);
    read.log.forEach((record, index) => {
      writer.#numbers.set(index, index);
      if ("do" in record) {
        writer.#done.push(index);
        writer.#undone = [];
      } else if ("undo" in record) writer.#undone.push(writer.#done.pop()!);
      else if ("redo" in record) writer.#done.push(writer.#undone.pop()!);
    });
    writer.#noteEnd(read.log);
    return writer;
  }

  /** Brings the lines up to date with a log that has grown since. */
  write(log: readonly LogRecord[]): Written {
    const isFirst = this.#lines.length === 0;
    if (isFirst) this.#lines.push(JSON.stringify(baseLine(this.beginning)));
    const newest = this.#count > this.#folded ? log[this.#count - 1] : undefined;
    const hasGrown = this.#newest !== null && newest !== undefined && "do" in newest && newest.do !== this.#newest;
    if (hasGrown) this.#takeBack(this.#count - 1);
    const from = isFirst ? 0 : this.#lines.length;
    for (let i = hasGrown ? this.#count - 1 : this.#count; i < log.length; i++) this.#add(log, i);
    this.#noteEnd(log);
    const forgotten = this.#size > this.mostKept ? this.#fold(log) : 0;
    return { from: forgotten ? 0 : from, forgotten };
  }

  #noteEnd(log: readonly LogRecord[]): void {
    const last = log.at(-1);
    this.#count = log.length;
    this.#newest = last && "do" in last ? last.do : null;
  }

  #takeBack(index: number): void {
    this.#size -= this.#lines.pop()!.length + 1;
    this.#done.pop();
    this.#numbers.delete(index);
  }

  #add(log: readonly LogRecord[], index: number): void {
    const record = log[index]!;
    if ("do" in record) return this.#step(record.do, index);
    if ("decided" in record) return this.#push(JSON.stringify(record));
    const target = "undo" in record ? record.undo : record.redo;
    const edit = log[target] as { readonly do: Edit };
    const [from, to] = "undo" in record ? [this.#done, this.#undone] : [this.#undone, this.#done];
    const number = this.#numbers.get(target);
    if (from.at(-1) === target && number !== undefined) {
      from.pop();
      to.push(target);
      return this.#push(JSON.stringify("undo" in record ? { undo: number, at_ms: record.at_ms } : { redo: number, at_ms: record.at_ms }));
    }
    const told = "undo" in record ? inverse(edit.do) : edit.do;
    this.#step({ ...told, name: `${"undo" in record ? msg`Undo` : msg`Redo`}: ${edit.do.name}`, at_ms: record.at_ms }, index);
  }

  #step(edit: Edit, index: number): void {
    this.#numbers.set(index, this.#lines.length - 1);
    this.#done.push(index);
    this.#undone = [];
    this.#push(JSON.stringify(stepLine(edit)));
  }

  #push(line: string): void {
    this.#lines.push(line);
    this.#size += line.length + 1;
  }

  /** Sums up the older half of the log in the first line; returns how many records that were. */
  #fold(log: readonly LogRecord[]): number {
    const target = this.mostKept / 2;
    let kept = this.#size;
    let first = this.#folded;
    // The newest step may still grow, so it stays a line.
    for (let i = 1; kept > target && first < log.length - 1; i++, first++) kept -= this.#lines[i]!.length + 1;
    if (first === this.#folded) return 0;
    const document = new LabelDocument(this.beginning.labelling, this.beginning.z);
    History.run(document, log.slice(0, first));
    const decided = [...(this.beginning.decided ?? []), ...decisionsIn(log.slice(0, first))];
    const forgotten = first - this.#folded;
    this.#folded = first;
    this.#lines = [];
    this.#size = 0;
    this.#done = [];
    this.#undone = [];
    this.#numbers.clear();
    this.#lines.push(JSON.stringify(baseLine({ labelling: document.toLabelling(), z: document.inOrder().map((entry) => entry.z), decided })));
    for (let i = first; i < log.length; i++) this.#add(log, i);
    return forgotten;
  }
}

function baseLine({ labelling, z, decided }: Beginning): BaseLine {
  return { base: labelling, ...(z ? { z } : {}), ...(decided?.length ? { decided } : {}) };
}

export function decisionsIn(log: readonly LogRecord[]): Decision[] {
  return log.flatMap((record) => ("decided" in record ? [record.decided] : []));
}

function stepLine(edit: Edit): StepLine {
  const answers = edit.answers.map((a) => [a.question_id, a.after] as const);
  const relations = (edit.relations ?? []).map((r) => [r.id, r.after] as const);
  return { do: { name: edit.name, at_ms: edit.at_ms, entries: edit.entries.map(keptEntry), ...(answers.length ? { answers } : {}), ...(relations.length ? { relations } : {}) } };
}

function keptEntry({ id, before, after }: EntryDelta): KeptEntry {
  if (!after) return { id };
  const whole: KeptEntry = { id, z: after.z, a: after.annotation };
  if (!before) return whole;
  const patch = diff(before, after) ?? SAME;
  const finer: KeptEntry = "v" in patch ? whole : { id, p: patch };
  const [was, is] = [before.annotation.geometry, after.annotation.geometry];
  const m = was.kind === "mask" && is.kind === "mask" && maskChange(was, is);
  if (!m) return finer;
  const rest = diff(before, { z: after.z, annotation: { ...after.annotation, geometry: was } });
  const stroke: KeptEntry = rest ? { id, p: rest, m } : { id, m };
  return JSON.stringify(stroke).length < JSON.stringify(finer).length ? stroke : finer;
}

export interface ReadLog {
  readonly beginning: Beginning;
  readonly log: readonly LogRecord[];
  /** How many lines were understood; fewer than given when one is damaged or of another program: what follows is left out. */
  readonly lineCount: number;
}

/** Reads lines back; null when not even the first makes sense. What comes after a damaged line is left out. */
export function readLog(lines: readonly string[]): ReadLog | null {
  const beginning = readBeginning(lines[0]);
  if (!beginning) return null;
  const document = new LabelDocument(beginning.labelling, beginning.z);
  const history = new History();
  let count = 1;
  for (; count < lines.length; count++) {
    try {
      runLine(JSON.parse(lines[count]!) as Line, document, history);
    } catch {
      break;
    }
  }
  return { beginning, log: history.log, lineCount: count };
}

function readBeginning(line: string | undefined): Beginning | null {
  try {
    const { base, z, decided } = JSON.parse(line ?? "") as BaseLine;
    const relations = (base.relations ?? []).map(relationFromWire);
    const labelling = { annotations: base.annotations.map(annotationFromWire), answers: base.answers, ...(relations.length ? { relations } : {}) };
    return { labelling, z: z ?? null, ...(decided ? { decided } : {}) };
  } catch {
    return null;
  }
}

function runLine(line: Line, document: LabelDocument, history: History): void {
  if ("do" in line) {
    const edit = editOf(line, document);
    document.apply(edit);
    history.record(edit);
    return;
  }
  if ("base" in line) throw new TypeError("A log has one beginning.");
  if ("decided" in line) return history.note(sensible(line.decided));
  const [isMine, number] = "undo" in line ? [history.undoable, line.undo] : [history.redoable, line.redo];
  if (isMine !== number) throw new RangeError("The log takes back another step than the last.");
  document.apply(("undo" in line ? history.undo(line.at_ms) : history.redo(line.at_ms))!);
}

function sensible(decided: Decision): Decision {
  const { source, annotation_id, made, took_ms } = decided;
  if (typeof source !== "string" || typeof made !== "string" || typeof took_ms !== "number" || (annotation_id !== null && typeof annotation_id !== "string")) throw new TypeError("The log decides on nothing.");
  return decided;
}

function editOf({ do: kept }: StepLine, document: LabelDocument): Edit {
  const entries = kept.entries.map((entry): EntryDelta => {
    const before = document.find(entry.id);
    return { id: entry.id, before, after: entryOf(entry, before) };
  });
  const answers = (kept.answers ?? []).map(([question_id, after]): AnswerDelta => ({ question_id, before: document.answer(question_id), after }));
  const edit = { name: kept.name, at_ms: kept.at_ms, entries, answers };
  return kept.relations ? { ...edit, relations: relationDeltas(kept.relations, entries, document) } : edit;
}

function relationDeltas(kept: readonly (readonly [string, Relation | null])[], entries: readonly EntryDelta[], document: LabelDocument): RelationDelta[] {
  const changed = new Map(entries.map((e) => [e.id, e.after !== null]));
  const isThere = (id: string): boolean => changed.get(id) ?? document.find(id) !== null;
  return kept.map(([id, json]): RelationDelta => {
    const after = json && relationFromWire(json);
    if (after && (after.relation_id !== id || !isThere(after.from_id) || !isThere(after.to_id))) throw new RangeError("The log relates what is not there.");
    return { id, before: document.findRelation(id), after };
  });
}

function entryOf(kept: KeptEntry, before: Entry | null): Entry | null {
  if (kept.a) return { z: kept.z ?? 0, annotation: annotationFromWire(kept.a) };
  if (!kept.p && !kept.m) return null;
  if (!before) throw new RangeError(`The log changes ${kept.id}, which is not there.`);
  const { z, annotation } = kept.p ? (patched(before, kept.p) as Entry) : before;
  const geometry = kept.m ? maskAfter(annotation.geometry as MaskGeometry, kept.m) : annotation.geometry;
  return { z, annotation: annotationFromWire({ ...annotation, geometry }) };
}
