/** Which part of a picture an example shows. */
import type { Crop } from "../../api/lead";
import { type Bounds, union } from "../../engine/geometry";
import { boundsOfGeometry } from "../../engine/shapes/registry";
import type { Annotation } from "../../engine/types";

export type Surroundings = "close" | "some" | "whole";

/** Room around the objects, as a share of their longer side. */
const ROOM: Readonly<Record<Exclude<Surroundings, "whole">, number>> = { close: 0.12, some: 0.7 };
const LEAST_ROOM_PX = 12;
const LEAST_SIDE_PX = 48;

/** Whole pixels within the picture, around the objects; the whole picture where there are none. */
export function cropAround(objects: readonly Pick<Annotation, "geometry">[], { width, height }: { width: number; height: number }, surroundings: Surroundings): Crop {
  if (surroundings === "whole" || objects.length === 0) return [0, 0, width, height];
  const all = objects.map((a) => boundsOfGeometry(a.geometry)).reduce<Bounds>((a, b) => union(a, b), boundsOfGeometry(objects[0]!.geometry));
  const room = Math.max(LEAST_ROOM_PX, ROOM[surroundings] * Math.max(all.x1 - all.x0, all.y1 - all.y0));
  const [x0, x1] = within(all.x0 - room, all.x1 + room, width);
  const [y0, y1] = within(all.y0 - room, all.y1 + room, height);
  return [x0, y0, x1, y1];
}

function within(from: number, to: number, size: number): [number, number] {
  const missing = Math.max(0, Math.min(LEAST_SIDE_PX, size) - (to - from)) / 2;
  let [low, high] = [Math.floor(from - missing), Math.ceil(to + missing)];
  if (low < 0) [low, high] = [0, high - low];
  if (high > size) [low, high] = [low - (high - size), size];
  return [Math.max(0, low), Math.min(size, high)];
}
