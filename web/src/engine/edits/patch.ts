/**
 * What changed between two values of JSON, told shortly: moving one corner of a polygon of a thousand is a line of a few
 * characters. Drafts are kept so, which makes a long history small enough to be sent and stored step by step.
 */

export type Patch =
  /** Another value. */
  | { readonly v: unknown }
  /** Fields of an object: what changed, and what is gone. */
  | { readonly o: Readonly<Record<string, Patch>>; readonly x?: readonly string[] }
  /** Elements of a list: from where, how many are gone, what stands there instead. */
  | { readonly s: readonly [number, number, ...unknown[]] }
  /** Elements of a list, each changed in its place from here on; null for one that stays. */
  | { readonly a: readonly [number, ...(Patch | null)[]] };

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const sizeOf = (value: unknown): number => JSON.stringify(value).length;

export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((entry, i) => sameJson(entry, b[i]));
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson((a as Fields)[key], (b as Fields)[key]));
}

/** The patch that makes `after` out of `before`; null when they are the same. */
export function diff(before: unknown, after: unknown): Patch | null {
  if (sameJson(before, after)) return null;
  const whole: Patch = { v: after };
  const fine = Array.isArray(before) && Array.isArray(after) ? diffLists(before, after) : isFields(before) && isFields(after) ? diffFields(before, after) : null;
  return fine && sizeOf(fine) < sizeOf(whole) ? fine : whole;
}

function diffFields(before: Fields, after: Fields): Patch {
  const changed: Record<string, Patch> = {};
  for (const key of Object.keys(after)) {
    const patch: Patch | null = Object.hasOwn(before, key) ? diff(before[key], after[key]) : { v: after[key] };
    if (patch) changed[key] = patch;
  }
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return gone.length ? { o: changed, x: gone } : { o: changed };
}

function diffLists(before: readonly unknown[], after: readonly unknown[]): Patch {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && sameJson(before[head], after[head])) head++;
  let tail = 0;
  while (tail < most - head && sameJson(before[before.length - 1 - tail], after[after.length - 1 - tail])) tail++;
  const gone = before.slice(head, before.length - tail);
  const come = after.slice(head, after.length - tail);
  const splice: Patch = { s: [head, gone.length, ...come] };
  if (gone.length !== come.length || typeof come[0] !== "object") return splice;
  const inPlace: Patch = { a: [head, ...come.map((entry, i) => diff(gone[i], entry))] };
  return sizeOf(inPlace) < sizeOf(splice) ? inPlace : splice;
}

/** The value after a patch; parts that did not change are shared with the value before. Throws on a patch of another value. */
export function patched(before: unknown, patch: Patch): unknown {
  if ("v" in patch) return patch.v;
  if ("o" in patch) {
    if (!isFields(before)) throw new TypeError("A patch of fields meets something else.");
    const gone = new Set(patch.x);
    const kept = Object.fromEntries(Object.entries(before).filter(([key]) => !gone.has(key)));
    for (const [key, part] of Object.entries(patch.o)) kept[key] = patched(before[key], part);
    return kept;
  }
  if (!Array.isArray(before)) throw new TypeError("A patch of a list meets something else.");
  if ("s" in patch) {
    const [start, count, ...items] = patch.s;
    return [...before.slice(0, start), ...items, ...before.slice(start + count)];
  }
  const [start, ...parts] = patch.a;
  if (start + parts.length > before.length) throw new TypeError("A patch of a list is longer than the list.");
  const list = before.slice() as unknown[];
  parts.forEach((part, i) => part && (list[start + i] = patched(list[start + i], part)));
  return list;
}
