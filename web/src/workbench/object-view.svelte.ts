/** How the list of objects is looked at: filter, order, and what happens to all that it shows. */
import type { Entry } from "../engine/edits/delta";
import type { Bench } from "./bench.svelte";
import { type RowFacts, type Sorting, filterOf, sortedRows, sortings } from "./object-rows";

export class ObjectView {
  query = $state("");
  sorting = $state<Sorting>("above");
  /** The object whose class is being chosen anew; null for none. */
  isRenaming = $state(false);
  #anchor: string | null = null;

  constructor(private readonly bench: () => Bench | null) {}

  get facts(): RowFacts | null {
    const bench = this.bench();
    return bench && { classOf: (a) => bench.classOf(a), isHidden: (id) => bench.isHidden(id), isLocked: (id) => bench.isLocked(id), hasProblem: (a) => bench.problemOf(a) !== null, textOf: (a) => bench.text?.textOf(a) ?? "" };
  }

  readonly rows: readonly Entry[] = $derived.by(() => {
    const bench = this.bench();
    const { facts } = this;
    if (!bench || !facts) return [];
    const test = filterOf(this.query);
    const fitting = this.query.trim() === "" ? bench.objects : bench.objects.filter((e) => test(e.annotation, facts));
    return sortedRows(fitting, this.sorting, facts);
  });

  get ids(): string[] {
    return this.rows.map((e) => e.annotation.annotation_id);
  }

  nextSorting(): Sorting {
    this.sorting = sortings[(sortings.indexOf(this.sorting) + 1) % sortings.length]!;
    return this.sorting;
  }

  /** A click on a row: alone, one more (or less), or all from the last one to this. */
  choose(id: string, how: "only" | "toggle" | "range"): void {
    const editor = this.bench()?.editor;
    if (!editor) return;
    if (how === "range") return editor.select(this.#range(id));
    this.#anchor = id;
    if (how === "only") editor.select([id]);
    else editor.select(editor.selection.has(id) ? [...editor.selection].filter((other) => other !== id) : [...editor.selection, id]);
    this.reveal(id);
  }

  /** The row after or before the one in hand; extends the selection when wished. */
  step(by: 1 | -1, isExtending: boolean): string | null {
    const editor = this.bench()?.editor;
    const { ids } = this;
    if (!editor || !ids.length) return null;
    const current = [...editor.selection].at(-1);
    const at = current === undefined ? (by === 1 ? -1 : ids.length) : ids.indexOf(current);
    const next = ids[Math.max(0, Math.min(ids.length - 1, at + by))]!;
    if (!isExtending) this.#anchor = next;
    editor.select(isExtending ? [...this.#range(next).filter((id) => id !== next), next] : [next]);
    this.reveal(next);
    return next;
  }

  selectAll(): void {
    this.bench()?.editor.select(this.ids);
  }

  /** Hides or locks all that the list shows, or shows and unlocks them when all are. */
  toggleAll(flag: "hidden" | "locked"): void {
    const editor = this.bench()?.editor;
    if (!editor) return;
    const { ids } = this;
    const isOn = !ids.every((id) => (flag === "hidden" ? editor.isHidden(id) : editor.isLocked(id)));
    editor.setFlag(flag, ids, isOn);
  }

  reveal(id: string): void {
    const editor = this.bench()?.editor;
    const bounds = editor?.scene.boundsOf(id);
    if (!editor || !bounds) return;
    editor.viewport.reveal(bounds);
    editor.changed("view");
  }

  #range(to: string): string[] {
    const { ids } = this;
    const from = ids.indexOf(this.#anchor ?? to);
    const end = ids.indexOf(to);
    return ids.slice(Math.max(0, Math.min(from, end)), Math.max(from, end) + 1);
  }
}
