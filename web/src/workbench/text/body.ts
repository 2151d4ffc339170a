/** A text as people read it: lines, words, sentences and the smallest signs that are not to be divided. Offsets are UTF-16 units. */
import { CodePoints, type Stretch } from "./code-points";

/** What is laid out by itself: a line, or a part of one that is very long. */
export interface Block extends Stretch {
  /** Of the line, from 1; null for the second and later parts of one. */
  readonly number: number | null;
}

/** Longer lines are laid out in parts, so that a change in one is quick. */
const LONGEST_BLOCK = 4000;
/** A part is cut at a space in its last stretch of this length. */
const CUT_WITHIN = 1000;
const BREAK = /\r\n|[\n\r\u2028\u2029]/g;
const SPACE = /\s/;
const WORD_SIGN = /[\p{L}\p{N}\p{M}_]/u;

const words = new Intl.Segmenter(undefined, { granularity: "word" });
const signs = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const sentences = new Intl.Segmenter(undefined, { granularity: "sentence" });

export class TextBody {
  readonly points: CodePoints;
  readonly blocks: readonly Block[];
  readonly #words = new Map<number, Intl.Segments>();
  readonly #signs = new Map<number, Intl.Segments>();

  constructor(readonly text: string) {
    this.points = new CodePoints(text);
    this.blocks = blocksOf(text);
  }

  get length(): number {
    return this.text.length;
  }

  slice({ start, end }: Stretch): string {
    return this.text.slice(start, end);
  }

  /** The index of the block that a place belongs to; a line break belongs to the line it ends. */
  blockAt(unit: number): number {
    let [low, high] = [0, this.blocks.length - 1];
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (this.blocks[mid]!.start <= unit) low = mid;
      else high = mid - 1;
    }
    return low;
  }

  /** The indexes of the first and the last block that a stretch touches. */
  blocksIn({ start, end }: Stretch): [first: number, last: number] {
    return [this.blockAt(start), this.blockAt(Math.max(start, end - 1))];
  }

  /** The word, the space or the sign at a place; null in an empty line. */
  partAt(unit: number): (Stretch & { readonly isWord: boolean }) | null {
    const index = this.blockAt(unit);
    const { start, end } = this.blocks[index]!;
    if (start === end) return null;
    const found = kept(this.#words, index, () => words.segment(this.text.slice(start, end))).containing(Math.min(unit, end - 1) - start);
    return found ? { start: start + found.index, end: start + found.index + found.segment.length, isWord: found.isWordLike ?? false } : null;
  }

  /** What the word cursor stands on: the word or sign at a place, or the next one, or the last. Null in a text of spaces. */
  stopAt(unit: number): Stretch | null {
    const part = this.partAt(unit);
    if (part && !this.#isBlank(part)) return { start: part.start, end: part.end };
    return this.stopAfter(part ? part.end - 1 : unit) ?? this.stopBefore(unit);
  }

  /** The first stop that begins after a place. */
  stopAfter(unit: number): Stretch | null {
    let at = unit + 1;
    while (at < this.length) {
      const part = this.partAt(at);
      if (part && part.start >= at && !this.#isBlank(part)) return { start: part.start, end: part.end };
      at = part && part.end > at ? part.end : (this.blocks[this.blockAt(at) + 1]?.start ?? this.length);
    }
    return null;
  }

  /** The last stop that ends at a place or before it. */
  stopBefore(unit: number): Stretch | null {
    let at = unit - 1;
    while (at >= 0) {
      const block = this.blocks[this.blockAt(at)]!;
      const part = at < block.end ? this.partAt(at) : null;
      if (part && part.end <= unit && !this.#isBlank(part)) return { start: part.start, end: part.end };
      at = (part ? part.start : Math.min(at, block.end)) - 1;
    }
    return null;
  }

  /** Where the sign that a place is inside of begins; the place itself between two. */
  signBorder(unit: number): number {
    if (unit <= 0 || unit >= this.length) return Math.max(0, Math.min(unit, this.length));
    return this.#signAt(unit).start;
  }

  /** One sign on, or back. */
  signStep(unit: number, by: 1 | -1): number {
    if (by === 1) return unit >= this.length ? this.length : this.#signAt(unit).end;
    return unit <= 0 ? 0 : this.#signAt(unit - 1).start;
  }

  /** A stretch without the spaces at its ends, and with the whole of words it cuts, where wished. Null when nothing is left. */
  fitted(stretch: Stretch, isToWords: boolean): Stretch | null {
    let [start, end] = [this.signBorder(Math.min(stretch.start, stretch.end)), Math.max(stretch.start, stretch.end)];
    if (end < this.length && this.signBorder(end) !== end) end = this.#signAt(end).end;
    while (start < end && SPACE.test(this.text[start]!)) start++;
    while (end > start && SPACE.test(this.text[end - 1]!)) end--;
    if (start >= end) return null;
    if (!isToWords) return { start, end };
    const [first, last] = [this.partAt(start), this.partAt(end - 1)];
    return { start: first?.isWord ? first.start : start, end: last?.isWord ? last.end : end };
  }

  sentenceAt(unit: number): Stretch | null {
    const line = this.lineAt(unit);
    if (line.start === line.end) return null;
    const found = sentences.segment(this.slice(line)).containing(Math.min(unit, line.end - 1) - line.start);
    return found ? this.fitted({ start: line.start + found.index, end: line.start + found.index + found.segment.length }, false) : null;
  }

  /** The whole line, with all its parts. */
  lineAt(unit: number): Stretch {
    let first = this.blockAt(unit);
    let last = first;
    while (this.blocks[first]!.number === null) first--;
    while (last + 1 < this.blocks.length && this.blocks[last + 1]!.number === null) last++;
    return { start: this.blocks[first]!.start, end: this.blocks[last]!.end };
  }

  /** Whether a stretch begins and ends where words do. */
  isWhole({ start, end }: Stretch): boolean {
    const isInside = (at: number): boolean => WORD_SIGN.test(signBefore(this.text, at)) && WORD_SIGN.test(signAfter(this.text, at));
    return !isInside(start) && !isInside(end);
  }

  /** Every place where a text stands, from the first; those that meet an earlier one are left out. */
  occurrences(wanted: string, rule: { readonly isExact: boolean; readonly isWhole: boolean; readonly most?: number }): Stretch[] {
    if (!wanted) return [];
    const pattern = new RegExp(wanted.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&").replace(/\s+/g, "\\s+"), rule.isExact ? "g" : "giu");
    const found: Stretch[] = [];
    for (const match of this.text.matchAll(pattern)) {
      const stretch = { start: match.index, end: match.index + match[0].length };
      if (rule.isWhole && !this.isWhole(stretch)) continue;
      found.push(stretch);
      if (found.length >= (rule.most ?? Infinity)) break;
    }
    return found;
  }

  #isBlank(stretch: Stretch): boolean {
    return this.slice(stretch).trim() === "";
  }

  /** The sign that a unit is part of; a line break is one. */
  #signAt(unit: number): Stretch {
    const index = this.blockAt(unit);
    const { start, end } = this.blocks[index]!;
    if (unit >= end) return { start: end, end: this.blocks[index + 1]?.start ?? this.length };
    const found = kept(this.#signs, index, () => signs.segment(this.text.slice(start, end))).containing(unit - start)!;
    return { start: start + found.index, end: start + found.index + found.segment.length };
  }
}

function kept(cache: Map<number, Intl.Segments>, index: number, make: () => Intl.Segments): Intl.Segments {
  let found = cache.get(index);
  if (!found) cache.set(index, (found = make()));
  return found;
}

function signBefore(text: string, at: number): string {
  return at > 0 ? String.fromCodePoint(text.codePointAt(at - (at > 1 && /[\uDC00-\uDFFF]/.test(text[at - 1]!) ? 2 : 1))!) : "";
}

function signAfter(text: string, at: number): string {
  return at < text.length ? String.fromCodePoint(text.codePointAt(at)!) : "";
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  let number = 0;
  const close = (end: number): void => {
    number += 1;
    blocks.push(...partsOf(text, start, end).map((part, i): Block => ({ ...part, number: i === 0 ? number : null })));
  };
  for (const match of text.matchAll(BREAK)) {
    close(match.index);
    start = match.index + match[0].length;
  }
  close(text.length);
  return blocks;
}

/** A very long line in parts, cut behind a space where there is one, and never inside a sign. */
function partsOf(text: string, start: number, end: number): Stretch[] {
  const parts: Stretch[] = [];
  let from = start;
  while (end - from > LONGEST_BLOCK) {
    const tail = text.slice(from + LONGEST_BLOCK - CUT_WITHIN, from + LONGEST_BLOCK);
    const space = Math.max(tail.search(/\s\S*$/), -1);
    const cut = from + LONGEST_BLOCK - CUT_WITHIN + (space >= 0 ? space + 1 : signs.segment(tail).containing(tail.length - 1)!.index);
    parts.push({ start: from, end: cut });
    from = cut;
  }
  return [...parts, { start: from, end }];
}
