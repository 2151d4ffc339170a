/** A uniform grid over the frame: which objects may touch a place. Insertion and removal cost their own cells only. */
import type { Bounds, Frame } from "../geometry";

const CELLS_A_SIDE = 64;

export class Grid {
  readonly #cell: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #cells: Map<number, Set<string>> = new Map();
  readonly #bounds: Map<string, Bounds> = new Map();

  constructor(frame: Frame) {
    this.#cell = Math.max(frame.width, frame.height, 1) / CELLS_A_SIDE;
    this.#columns = Math.ceil(frame.width / this.#cell) || 1;
    this.#rows = Math.ceil(frame.height / this.#cell) || 1;
  }

  get size(): number {
    return this.#bounds.size;
  }

  boundsOf(id: string): Bounds | null {
    return this.#bounds.get(id) ?? null;
  }

  put(id: string, bounds: Bounds): void {
    this.remove(id);
    this.#bounds.set(id, bounds);
    for (const key of this.#keys(bounds)) {
      const cell = this.#cells.get(key);
      if (cell) cell.add(id);
      else this.#cells.set(key, new Set([id]));
    }
  }

  remove(id: string): void {
    const bounds = this.#bounds.get(id);
    if (!bounds) return;
    this.#bounds.delete(id);
    for (const key of this.#keys(bounds)) this.#cells.get(key)?.delete(id);
  }

  clear(): void {
    this.#cells.clear();
    this.#bounds.clear();
  }

  /** Ids whose bounds touch the area, in no order. */
  query(area: Bounds): Set<string> {
    const found = new Set<string>();
    for (const key of this.#keys(area)) {
      for (const id of this.#cells.get(key) ?? []) {
        const b = this.#bounds.get(id)!;
        if (b.x0 <= area.x1 && area.x0 <= b.x1 && b.y0 <= area.y1 && area.y0 <= b.y1) found.add(id);
      }
    }
    return found;
  }

  *#keys(b: Bounds): Generator<number> {
    const c0 = this.#index(b.x0, this.#columns);
    const c1 = this.#index(b.x1, this.#columns);
    const r0 = this.#index(b.y0, this.#rows);
    const r1 = this.#index(b.y1, this.#rows);
    for (let r = r0; r <= r1; r++) for (let c = c0; c <= c1; c++) yield r * this.#columns + c;
  }

  #index(at: number, count: number): number {
    const i = Math.floor(at / this.#cell);
    return i < 0 ? 0 : i >= count ? count - 1 : i;
  }
}
