/** Chosen tasks of the grid; a click with shift chooses all between. */
import { SvelteSet } from "svelte/reactivity";

export class Selection {
  readonly ids = new SvelteSet<string>();
  #anchor: string | null = null;

  get size(): number {
    return this.ids.size;
  }

  toggle(id: string, order: readonly string[] = [], isRange = false): void {
    const isOn = !this.ids.has(id);
    for (const each of isRange ? this.#between(id, order) : [id]) {
      if (isOn) this.ids.add(each);
      else this.ids.delete(each);
    }
    this.#anchor = id;
  }

  addAll(ids: readonly string[]): void {
    for (const id of ids) this.ids.add(id);
  }

  clear(): void {
    this.ids.clear();
    this.#anchor = null;
  }

  #between(id: string, order: readonly string[]): readonly string[] {
    const [a, b] = [this.#anchor === null ? -1 : order.indexOf(this.#anchor), order.indexOf(id)];
    return a < 0 || b < 0 ? [id] : order.slice(Math.min(a, b), Math.max(a, b) + 1);
  }
}
