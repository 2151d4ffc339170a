/** The keys of a grid of cards: arrows move, with shift they choose, space ticks, ctrl+A takes all that are shown. */
import { tick } from "svelte";
import type { Selection } from "./selection.svelte";

export interface GridPlace {
  /** The card with the focus. */
  readonly from: string | null;
  readonly order: readonly string[];
  readonly columns: number;
  readonly canChoose: boolean;
}

export type GridMove =
  | { readonly kind: "move"; readonly id: string; readonly extends: boolean }
  | { readonly kind: "toggle"; readonly id: string }
  | { readonly kind: "all" }
  | { readonly kind: "none" };

const PAGE_ROWS = 3;

type Pressed = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

export function gridKey(event: Pressed, { from, order, columns, canChoose }: GridPlace): GridMove | null {
  const { key } = event;
  if (event.altKey) return null;
  if (event.ctrlKey || event.metaKey) return key.toLowerCase() === "a" && canChoose ? { kind: "all" } : null;
  if (from === null) return null;
  if (key === "Escape") return canChoose ? { kind: "none" } : null;
  if (key === " " || key === "x") return canChoose ? { kind: "toggle", id: from } : null;
  const at = order.indexOf(from);
  const by = stepOf(key, columns, at, order.length);
  if (by === null || at < 0) return null;
  const to = Math.min(order.length - 1, Math.max(0, at + by));
  return { kind: "move", id: order[to]!, extends: event.shiftKey && canChoose };
}

/** A grid whose cards carry their id in ``data-<mark>``, each with a button. */
export interface SteeredGrid extends Omit<GridPlace, "from"> {
  readonly mark: string;
  readonly grid: HTMLElement | undefined;
  readonly selection: Selection;
  /** The cards that may be chosen; all, where it is absent. */
  readonly choosable?: ReadonlySet<string>;
  /** Brings a card into sight. */
  readonly show: (id: string) => void;
}

/** Does what a key says on a grid, and puts the focus on the card that it moves to. */
export async function steer(event: KeyboardEvent, { mark, grid, selection, choosable, show, ...place }: SteeredGrid): Promise<void> {
  const { order } = place;
  const from = (event.target as HTMLElement).closest<HTMLElement>(`[data-${mark}]`)?.dataset[mark] ?? null;
  const move = gridKey(event, { from, ...place });
  if (!move) return;
  event.preventDefault();
  if (move.kind === "all") return selection.addAll(choosable ? [...choosable] : order);
  if (move.kind === "none") return selection.clear();
  if (move.kind === "toggle") return choosable?.has(move.id) === false ? undefined : selection.toggle(move.id, order);
  if (move.extends) {
    if (from !== null && selection.size === 0) selection.startAt(from);
    selection.extend(move.id, order);
  }
  show(move.id);
  await tick();
  await tick();
  grid?.querySelector<HTMLElement>(`[data-${mark}="${move.id}"] button`)?.focus();
}

function stepOf(key: string, columns: number, at: number, length: number): number | null {
  switch (key) {
    case "ArrowRight":
      return 1;
    case "ArrowLeft":
      return -1;
    case "ArrowDown":
      return columns;
    case "ArrowUp":
      return -columns;
    case "PageDown":
      return columns * PAGE_ROWS;
    case "PageUp":
      return -columns * PAGE_ROWS;
    case "Home":
      return -at;
    case "End":
      return length - 1 - at;
    default:
      return null;
  }
}
