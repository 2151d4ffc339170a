/** The keys of the items grid: arrows move, with shift they choose, space ticks, ctrl+A takes all that are shown. */

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
