/**
 * Name plates of all objects in view. None lies over another: in a crowd only those are shown that have room, the topmost
 * objects' first, and zooming in shows the rest. They are painted anew with each frame, never into the settled bitmap, so
 * that an object that is moved leaves nothing of its plate behind.
 */
import { type Bounds, intersects } from "../geometry";
import { type Surface, TAG_HEIGHT, paintTag, tagWidth } from "./paint";

export interface Plate {
  readonly text: string;
  readonly color: string;
  /** Its lower left corner, in coordinates of the screen. */
  readonly x: number;
  readonly y: number;
}

/** What has no gap between them cannot be read apart. */
const GAP_PX = 1;

/** Paints those that have room, the first ones first; `taken` is what must stay free. Takes coordinates of the screen. */
export function paintPlates(to: Surface, plates: readonly Plate[], taken: readonly Bounds[] = []): void {
  const widthOf = widths(to);
  for (const { text, x, y, color } of roomFor(plates, widthOf, taken)) paintTag(to, text, x, y, color);
}

/** The plates that do not lie over one before them. */
export function roomFor(plates: readonly Plate[], widthOf: (text: string) => number, taken: readonly Bounds[] = []): Plate[] {
  const rows = new Map<number, Bounds[]>();
  const rowOf = (y: number): number => Math.floor(y / TAG_HEIGHT);
  const take = (area: Bounds): void => {
    for (let row = rowOf(area.y0); row <= rowOf(area.y1); row++) {
      const there = rows.get(row);
      if (there) there.push(area);
      else rows.set(row, [area]);
    }
  };
  const isFree = (area: Bounds): boolean => {
    for (let row = rowOf(area.y0); row <= rowOf(area.y1); row++) if (rows.get(row)?.some((other) => intersects(other, area))) return false;
    return true;
  };
  taken.forEach(take);
  return plates.filter(({ text, x, y }) => {
    if (text === "") return false;
    const area = plateArea(x, y, widthOf(text));
    if (!isFree(area)) return false;
    take(area);
    return true;
  });
}

/** Where a plate lies, which stays on the canvas. */
export function plateArea(x: number, y: number, width: number): Bounds {
  const top = Math.max(0, y - TAG_HEIGHT);
  return { x0: x, y0: top, x1: x + width + GAP_PX, y1: top + TAG_HEIGHT + GAP_PX };
}

/** Many objects have few names. */
function widths(to: Surface): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    let width = known.get(text);
    if (width === undefined) known.set(text, (width = tagWidth(to, text)));
    return width;
  };
}
