/**
 * Log lines as they are kept: a stroke on a large mask is a few runs, not the whole mask twice. What the mask was before
 * is what the document holds when the log is run, so only the pixels that changed are written.
 */
import { xored } from "../raster/combine";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import { NO_SPANS } from "../raster/spans";
import type { Annotation, MaskGeometry } from "../types";
import type { Edit, Entry, EntryDelta, LogRecord } from "./delta";

/** The pixels that became others; no runs when none did. */
interface MaskChange extends Omit<MaskGeometry, "kind"> {
  readonly kind: "mask_change";
}

const NONE: MaskChange = { kind: "mask_change", origin_xy: [0, 0], size_wh: [0, 0], runs: [] };
const packed = new WeakMap<LogRecord, LogRecord>();

/** The log in the form that is kept and sent. Lines never change, so each is packed once. */
export function packedLog(log: readonly LogRecord[]): LogRecord[] {
  return log.map((line) => {
    if (!("do" in line) || !line.do.entries.some(isMaskChange)) return line;
    let short = packed.get(line);
    if (!short) {
      short = { do: { ...line.do, entries: line.do.entries.map(packedDelta) } };
      packed.set(line, short);
    }
    return short;
  });
}

/** An edit as it was before packing; `find` gives what the document holds at this point of the log. */
export function unpackedEdit(edit: Edit, find: (id: string) => Entry | null): Edit {
  if (!edit.entries.some(isPacked)) return edit;
  return { ...edit, entries: edit.entries.map((d) => (isPacked(d) ? unpackedDelta(d, find(d.id)) : d)) };
}

function isMaskChange({ before, after }: EntryDelta): boolean {
  return before?.annotation.geometry.kind === "mask" && after?.annotation.geometry.kind === "mask";
}

function isPacked({ after }: EntryDelta): boolean {
  return (after?.annotation.geometry.kind as string | undefined) === NONE.kind;
}

function packedDelta(delta: EntryDelta): EntryDelta {
  if (!isMaskChange(delta)) return delta;
  const { id, before, after } = delta;
  const [a, b] = [before!.annotation.geometry as MaskGeometry, after!.annotation.geometry as MaskGeometry];
  const change = maskOfSpans(xored(spansOfMask(a), spansOfMask(b)));
  return { id, before: null, after: withGeometry(after!, change ? { ...change, kind: NONE.kind } : NONE) };
}

function unpackedDelta({ id, after }: EntryDelta, before: Entry | null): EntryDelta {
  const was = before?.annotation.geometry;
  if (was?.kind !== "mask") throw new RangeError(`The log changes the mask ${id}, which is not there.`);
  const change = after!.annotation.geometry as unknown as MaskChange;
  const spans = change.runs.length ? spansOfMask({ ...change, kind: "mask" }) : NO_SPANS;
  const mask = change.runs.length ? maskOfSpans(xored(spansOfMask(was), spans)) : was;
  if (!mask) throw new RangeError(`The log leaves the mask ${id} without a pixel.`);
  return { id, before, after: withGeometry(after!, mask) };
}

function withGeometry(entry: Entry, geometry: MaskGeometry | MaskChange): Entry {
  return { z: entry.z, annotation: { ...entry.annotation, geometry } as Annotation };
}
