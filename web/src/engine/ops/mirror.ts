/** Flips and quarter turns, which every kind of shape can take: pixels stay pixels and boxes stay boxes. */
import { type Bounds, type Point, centre } from "../geometry";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import { bitmapOfSpans, emptyBitmap, spansOfBitmap } from "../raster/bitmap";
import { boxBetween } from "../shapes/box";
import { wrapped } from "../shapes/turning";
import type { CuboidGeometry, Geometry, MaskGeometry } from "../types";

export type Flip = "across" | "down" | "left" | "right";

/** Where each corner of the front face lies in the list after a flip or turn: they are named by their place. */
const CORNER_ORDER: Readonly<Record<Flip, readonly [number, number, number, number]>> = {
  across: [1, 0, 3, 2],
  down: [3, 2, 1, 0],
  right: [3, 0, 1, 2],
  left: [1, 2, 3, 0],
};

/** A point mirrored left to right ("across"), upside "down", or turned by a quarter about the middle of an area. */
function mover(area: Bounds, how: Flip): (p: Point) => Point {
  const [cx, cy] = centre(area);
  switch (how) {
    case "across":
      return ([x, y]) => [2 * cx - x, y];
    case "down":
      return ([x, y]) => [x, 2 * cy - y];
    case "right":
      return ([x, y]) => [cx - (y - cy), cy + (x - cx)];
    case "left":
      return ([x, y]) => [cx + (y - cy), cy - (x - cx)];
  }
}

/** The shape flipped or turned about the middle of `area`, which may be larger than the shape; a stretch of text stays. */
export function flipped(geometry: Geometry, area: Bounds, how: Flip): Geometry {
  const move = mover(area, how);
  switch (geometry.kind) {
    case "box":
      return boxBetween(move([geometry.box_xyxy[0], geometry.box_xyxy[1]]), move([geometry.box_xyxy[2], geometry.box_xyxy[3]]));
    case "polygon":
      return { kind: "polygon", rings: geometry.rings.map((ring) => ring.map(move)) };
    case "polyline":
      return { kind: "polyline", points: geometry.points.map(move) };
    case "bezier":
      return { ...geometry, nodes: geometry.nodes.map((n) => ({ at: move(n.at), handle_in: move(n.handle_in), handle_out: move(n.handle_out) })) };
    case "point":
      return { kind: "point", point_xy: move(geometry.point_xy) };
    case "skeleton":
      return { kind: "skeleton", nodes: geometry.nodes.map((n) => ({ ...n, at: move(n.at) })) };
    case "rotated_box":
      return { ...geometry, center_xy: move(geometry.center_xy), angle_deg: wrapped(angleAfter(geometry.angle_deg, how), 360) };
    case "ellipse":
      return { ...geometry, center_xy: move(geometry.center_xy), angle_deg: wrapped(angleAfter(geometry.angle_deg, how), 180) };
    case "cuboid":
      return flippedCuboid(geometry, move, how);
    case "mask":
      return flippedMask(geometry, move, how);
    case "span":
      return geometry;
  }
}

function angleAfter(degrees: number, how: Flip): number {
  if (how === "right") return degrees + 90;
  return how === "left" ? degrees - 90 : how === "across" ? 180 - degrees : -degrees;
}

function flippedCuboid({ corners }: CuboidGeometry, move: (p: Point) => Point, how: Flip): CuboidGeometry {
  const order = CORNER_ORDER[how];
  const moved = [...order.map((i) => corners[i]!), ...order.map((i) => corners[4 + i]!)].map(move);
  return { kind: "cuboid", corners: moved as unknown as CuboidGeometry["corners"] };
}

function flippedMask(mask: MaskGeometry, move: (p: Point) => Point, how: Flip): MaskGeometry {
  const from = bitmapOfSpans(spansOfMask(mask));
  const { width: w, height: h } = from;
  const isTurned = how === "left" || how === "right";
  // The corner that comes to lie top left tells the place, on whole pixels.
  const [ax, ay] = move([from.x0, from.y0]);
  const [bx, by] = move([from.x0 + w, from.y0 + h]);
  const to = emptyBitmap(Math.round(Math.min(ax, bx)), Math.round(Math.min(ay, by)), isTurned ? h : w, isTurned ? w : h);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
    if (from.data[y * w + x] === 0) continue;
    const [i, j] = how === "across" ? [w - 1 - x, y] : how === "down" ? [x, h - 1 - y] : how === "right" ? [h - 1 - y, x] : [y, w - 1 - x];
    to.data[j * to.width + i] = 1;
  }
  return maskOfSpans(spansOfBitmap(to))!;
}
