/** Chosen tasks of the grid; a click with shift chooses all between. It may also be all that fit the filter, seen or not. */
import { SvelteSet } from "svelte/reactivity";

export class Selection {
  readonly ids = new SvelteSet<string>();
  /** All that fit the filter, of which there are so many; null where tasks are chosen one by one. */
  whole = $state<number | null>(null);
  #anchor: string | null = null;

  get size(): number {
    return this.whole ?? this.ids.size;
  }

  has(id: string): boolean {
    return this.whole !== null || this.ids.has(id);
  }

  toggle(id: string, order: readonly string[] = [], isRange = false): void {
    if (this.whole !== null) {
      // One is not wanted: what is left are those that can be seen.
      this.whole = null;
      this.addAll(order);
    }
    const isOn = !this.ids.has(id);
    for (const each of isRange ? this.#between(id, order) : [id]) {
      if (isOn) this.ids.add(each);
      else this.ids.delete(each);
    }
    this.#anchor = id;
  }

  /** Chooses all from where the last click was. */
  extend(id: string, order: readonly string[]): void {
    this.#anchor ??= id;
    for (const each of this.#between(id, order)) this.ids.add(each);
  }

  /** Where a range begins. */
  startAt(id: string): void {
    this.#anchor = id;
  }

  addAll(ids: readonly string[]): void {
    for (const id of ids) this.ids.add(id);
  }

  chooseWhole(count: number): void {
    this.ids.clear();
    this.whole = count;
  }

  clear(): void {
    this.ids.clear();
    this.whole = null;
    this.#anchor = null;
  }

  #between(id: string, order: readonly string[]): readonly string[] {
    const [a, b] = [this.#anchor === null ? -1 : order.indexOf(this.#anchor), order.indexOf(id)];
    return a < 0 || b < 0 ? [id] : order.slice(Math.min(a, b), Math.max(a, b) + 1);
  }
}
