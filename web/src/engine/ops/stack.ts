/** What lies above what. Entries are moved with as few changes of others as there is room between their z. */
import { intersects } from "../geometry";
import { byStack } from "../edits/document";
import type { Entry } from "../edits/delta";
import { boundsOfGeometry } from "../shapes/registry";

export type Way = "front" | "back" | "up" | "down";

/** The entries that must change so that the chosen ones go to the front or back, or past the next object that they touch. */
export function restacked(entries: readonly Entry[], chosen: ReadonlySet<string>, way: Way): Entry[] {
  const order = [...entries].sort(byStack);
  const isChosen = (e: Entry): boolean => chosen.has(e.annotation.annotation_id);
  const moving = order.filter(isChosen);
  const rest = order.filter((e) => !isChosen(e));
  if (!moving.length || !rest.length) return [];
  const at = placeFor(order, moving, rest, way);
  const wanted = [...rest.slice(0, at), ...moving, ...rest.slice(at)];
  if (wanted.every((e, i) => e === order[i])) return [];
  return placed(moving, rest[at - 1]?.z, rest[at]?.z) ?? renumbered(wanted);
}

/** How many of the rest shall lie below the moving ones. */
function placeFor(order: readonly Entry[], moving: readonly Entry[], rest: readonly Entry[], way: Way): number {
  if (way === "front") return rest.length;
  if (way === "back") return 0;
  const touches = (e: Entry): boolean => {
    const b = boundsOfGeometry(e.annotation.geometry);
    return moving.some((m) => intersects(b, boundsOfGeometry(m.annotation.geometry)));
  };
  if (way === "up") {
    const top = order.indexOf(moving.at(-1)!);
    const next = rest.findIndex((e) => order.indexOf(e) > top && touches(e));
    return next >= 0 ? next + 1 : rest.filter((e) => order.indexOf(e) < top).length;
  }
  const bottom = order.indexOf(moving[0]!);
  const below = rest.filter((e) => order.indexOf(e) < bottom);
  const next = below.findLastIndex(touches);
  return next >= 0 ? next : below.length;
}

/** New z between two neighbours; null where there is no room. */
function placed(moving: readonly Entry[], below: number | undefined, above: number | undefined): Entry[] | null {
  const low = below ?? (above ?? 0) - moving.length - 1;
  const high = above ?? low + moving.length + 1;
  const zs = moving.map((_, i) => low + ((high - low) * (i + 1)) / (moving.length + 1));
  const isRoom = zs.every((z, i) => z > (zs[i - 1] ?? low) && z < high);
  return isRoom ? moving.map((e, i) => ({ annotation: e.annotation, z: zs[i]! })) : null;
}

function renumbered(order: readonly Entry[]): Entry[] {
  return order.map(({ annotation }, z) => ({ annotation, z }));
}
