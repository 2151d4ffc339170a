/** Which page a height of the plane is on. The Python twin is `items/policy/pages.py`. */
import type { PageArea } from "../../api/types";

/** Its number from 0; between two pages that of the nearer one. */
export function pageAt(areas: readonly PageArea[], y: number): number {
  const last = areas.length - 1;
  const found = areas.findIndex((area, i) => i === last || y < (area.top + area.height + areas[i + 1]!.top) / 2);
  return Math.max(0, found);
}
