/** What pages read from the server: one thing, or a list that grows page by page. */
import { untrack } from "svelte";
import { sentenceFor } from "../../api/http";
import type { Page } from "../../api/types";

/** One thing; a newer request overtakes an older one, and what was there stays until the new one is. */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  fault = $state<string | null>(null);
  isBusy = $state(false);
  #turn = 0;

  constructor(private readonly read: () => Promise<T>) {
    void this.load();
  }

  async load(): Promise<void> {
    const turn = ++this.#turn;
    this.isBusy = true;
    try {
      const value = await this.read();
      if (turn !== this.#turn) return;
      this.value = value;
      this.fault = null;
    } catch (error) {
      if (turn === this.#turn) this.fault = sentenceFor(error);
    } finally {
      if (turn === this.#turn) this.isBusy = false;
    }
  }
}

/** A keyset-paged list; `more` is safe to call at any time. */
export class Paged<T> {
  items = $state.raw<T[]>([]);
  fault = $state<string | null>(null);
  isBusy = $state(false);
  /** Nothing comes after what is here. */
  isWhole = $state(false);
  /** The first page is there, or failed. */
  isOpen = $state(false);
  #cursor: string | null = null;
  #turn = 0;

  constructor(private read: (cursor: string | null) => Promise<Page<T>>) {
    void this.restart();
  }

  /** From the first page on, perhaps of another list. The old rows stay until the new ones are there. */
  async restart(read: (cursor: string | null) => Promise<Page<T>> = this.read): Promise<void> {
    this.read = read;
    this.#cursor = null;
    this.#turn += 1;
    await this.#fetch(true);
  }

  more(): void {
    untrack(() => {
      if (!this.isBusy && !this.isWhole && this.fault === null) void this.#fetch(false);
    });
  }

  retry(): void {
    this.fault = null;
    void this.#fetch(this.#cursor === null);
  }

  async #fetch(isFirst: boolean): Promise<void> {
    const turn = this.#turn;
    this.isBusy = true;
    try {
      const page = await this.read(this.#cursor);
      if (turn !== this.#turn) return;
      this.items = isFirst ? page.items : [...this.items, ...page.items];
      this.#cursor = page.next_cursor;
      this.isWhole = page.next_cursor === null;
      this.fault = null;
    } catch (error) {
      if (turn === this.#turn) this.fault = sentenceFor(error);
    } finally {
      if (turn === this.#turn) {
        this.isBusy = false;
        this.isOpen = true;
      }
    }
  }
}

/** All pages of a list that is short by nature (members, projects in a form). */
export async function readAll<T>(read: (cursor: string | null) => Promise<Page<T>>, most = 2000): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | null = null; all.length < most; ) {
    const page: Page<T> = await read(cursor);
    all.push(...page.items);
    cursor = page.next_cursor;
    if (cursor === null) break;
  }
  return all;
}
