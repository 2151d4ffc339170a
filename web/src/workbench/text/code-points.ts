/**
 * The one place where offsets change their unit. On the wire and in labels they count code points; strings of the page
 * count UTF-16 units, two for an emoji. Everything else in this room works in units.
 */

/** A stretch of the text in UTF-16 units, the end exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

const PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;

export class CodePoints {
  /** Where each pair of surrogates begins, in units, ascending. */
  readonly #pairs: Uint32Array;
  /** Of the whole text. */
  readonly count: number;

  constructor(text: string) {
    this.#pairs = Uint32Array.from(text.matchAll(PAIR), (m) => m.index);
    this.count = text.length - this.#pairs.length;
  }

  /** Where a code point begins; the end of the text for its count. */
  toUnit(point: number): number {
    // The i-th pair is code point pairs[i] - i.
    return point + this.#countWhere((i) => this.#pairs[i]! - i < point);
  }

  /** The code point that begins at a unit, or the one that the unit is inside of. */
  toPoint(unit: number): number {
    return unit - this.#countWhere((i) => this.#pairs[i]! < unit);
  }

  /** A span of the wire as a stretch. */
  stretchOf(span: Stretch): Stretch {
    return { start: this.toUnit(span.start), end: this.toUnit(span.end) };
  }

  /** A stretch as it goes to the wire; one that begins or ends inside a pair takes the whole of it. */
  spanOf({ start, end }: Stretch): Stretch {
    const last = this.toPoint(end);
    return { start: this.toPoint(start), end: this.toUnit(last) === end ? last : last + 1 };
  }

  /** How many pairs, from the first, fulfil a test that all later ones fail once one does. */
  #countWhere(holds: (index: number) => boolean): number {
    let [low, high] = [0, this.#pairs.length];
    while (low < high) {
      const mid = (low + high) >> 1;
      if (holds(mid)) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}
