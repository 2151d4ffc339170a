/** Looking for words in the text. */
import type { Stretch } from "./code-points";
import type { TextRoom } from "./room.svelte";

const MOST_FOUND = 5000;

export class Find {
  isOpen = $state(false);
  query = $state("");
  /** Capital letters count. */
  isExact = $state(false);
  isWhole = $state(false);
  /** Which of what was found is shown; -1 before the first. */
  at = $state(-1);

  constructor(private readonly room: TextRoom) {}

  readonly found: readonly Stretch[] = $derived.by(() => {
    if (!this.isOpen || !this.query.trim()) return [];
    return this.room.body.occurrences(this.query, { isExact: this.isExact, isWhole: this.isWhole, most: MOST_FOUND });
  });

  get isCut(): boolean {
    return this.found.length >= MOST_FOUND;
  }

  get current(): Stretch | null {
    return this.found[this.at] ?? null;
  }

  /** Opens with what is chosen in the text. */
  open(): void {
    const { chosen, body } = this.room;
    if (chosen && !/[\n\r]/.test(body.slice(chosen))) this.query = body.slice(chosen);
    this.isOpen = true;
    this.at = -1;
  }

  close(): void {
    this.isOpen = false;
    this.at = -1;
  }

  /** Something else is looked for: the first of it behind the cursor is shown. */
  changed(): void {
    const from = this.room.cursor?.start ?? 0;
    this.at = this.found.length ? Math.max(0, this.found.findIndex((s) => s.start >= from)) : -1;
    this.#show(false);
  }

  /** To the next or the one before; it is chosen then, so that a class can be given to it. */
  step(by: 1 | -1): void {
    const { found } = this;
    if (!found.length) return;
    const from = this.room.cursor?.start ?? 0;
    if (this.at < 0) this.at = by === 1 ? Math.max(0, found.findIndex((s) => s.start >= from)) : found.findLastIndex((s) => s.start < from);
    else this.at = (this.at + by + found.length) % found.length;
    if (this.at < 0) this.at = found.length - 1;
    this.#show(true);
  }

  #show(isChosen: boolean): void {
    const { current, room } = this;
    if (!current) return;
    if (isChosen) room.choose(current);
    room.port?.reveal(current, true);
  }
}
