/** How a relation is drawn from one span to another: over the line when both are on it, else in a bow that leaves upwards. */
import type { Point } from "../../engine/geometry";

export interface Arc {
  readonly path: string;
  /** Where its name stands, in the middle. */
  readonly label: Point;
}

const LEAST_RISE_PX = 10;
const MOST_RISE_PX = 30;
const SAME_LINE_PX = 6;

/** Both places are the middle of the upper edge of a span. */
export function arcBetween([x1, y1]: Point, [x2, y2]: Point): Arc {
  const isLevel = Math.abs(y1 - y2) < SAME_LINE_PX;
  const rise = isLevel ? Math.min(MOST_RISE_PX, LEAST_RISE_PX + Math.abs(x2 - x1) * 0.05) : MOST_RISE_PX;
  const [c1, c2] = [y1 - rise, y2 - rise];
  const at = (a: number, b: number, c: number, d: number): number => (a + 3 * b + 3 * c + d) / 8;
  const r = (n: number): number => Math.round(n * 10) / 10;
  return { path: `M${r(x1)} ${r(y1)}C${r(x1)} ${r(c1)} ${r(x2)} ${r(c2)} ${r(x2)} ${r(y2)}`, label: [r(at(x1, x1, x2, x2)), r(at(y1, c1, c2, y2))] };
}
