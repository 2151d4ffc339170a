/** The way along an outline from one of its corners to another. */
import { type Point, distance } from "../geometry";
import type { SnapLine } from "./lines";

/** The corners on the way, both ends left out; an open line has one way only. */
export function borderBetween({ points, isClosed }: SnapLine, from: number, to: number, isLonger: boolean): Point[] {
  const forth = walk(points, from, to, 1);
  const back = walk(points, from, to, -1);
  if (!isClosed) return from < to ? forth : back;
  const length = (way: readonly Point[]): number => {
    const whole = [points[from]!, ...way, points[to]!];
    return whole.slice(1).reduce((sum, p, i) => sum + distance(whole[i]!, p), 0);
  };
  return length(forth) <= length(back) !== isLonger ? forth : back;
}

function walk(points: readonly Point[], from: number, to: number, step: 1 | -1): Point[] {
  const way: Point[] = [];
  const count = points.length;
  for (let i = (from + step + count) % count; i !== to; i = (i + step + count) % count) way.push(points[i]!);
  return way;
}
