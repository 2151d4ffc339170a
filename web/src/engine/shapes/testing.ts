/** Shapes at random, for tests. */
import type { Frame, Point } from "../geometry";
import type { Geometry, GeometryByKind, GeometryKind } from "../types";

type Random = () => number;
/** Kinds that can be made of a few random points; masks and spans have their own tests. */
export type MadeKind = Exclude<GeometryKind, "mask" | "span">;
export const MADE_KINDS: readonly MadeKind[] = ["box", "polygon", "rotated_box", "polyline", "bezier", "ellipse", "point", "skeleton", "cuboid"];

type Makers = { readonly [K in MadeKind]: (random: Random, spot: () => Point) => GeometryByKind[K] };

const MAKERS: Makers = {
  box: (_r, spot) => {
    const [[ax, ay], [bx, by]] = [spot(), spot()];
    return { kind: "box", box_xyxy: [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx) + 1, Math.max(ay, by) + 1] };
  },
  polygon: (random, spot) => {
    const outer = several(random, spot, 3);
    const [cx, cy] = outer[0]!;
    const hole = outer.map(([x, y]): Point => [cx + (x - cx) * 0.3, cy + (y - cy) * 0.3]);
    return { kind: "polygon", rings: random() < 0.5 ? [outer] : [outer, hole] };
  },
  rotated_box: (random, spot) => ({ kind: "rotated_box", center_xy: spot(), size_wh: [2 + random() * 200, 2 + random() * 200], angle_deg: random() * 360 }),
  polyline: (random, spot) => ({ kind: "polyline", points: several(random, spot, 2) }),
  bezier: (random, spot) => ({
    kind: "bezier",
    nodes: several(random, spot, 2).map((at) => (random() < 0.3 ? { at, handle_in: at, handle_out: at } : { at, handle_in: spot(), handle_out: spot() })),
    is_closed: random() < 0.5,
  }),
  ellipse: (random, spot) => ({ kind: "ellipse", center_xy: spot(), radii_xy: [1 + random() * 150, 1 + random() * 150], angle_deg: random() * 180 }),
  point: (_r, spot) => ({ kind: "point", point_xy: spot() }),
  skeleton: (random, spot) => ({
    kind: "skeleton",
    nodes: several(random, spot, 1).map((at, i) => ({ node_id: `n${i}`, at, state: i === 0 || random() < 0.5 ? ("visible" as const) : random() < 0.5 ? ("occluded" as const) : ("outside" as const) })),
  }),
  cuboid: (_r, spot) => {
    const { box_xyxy: [x0, y0, x1, y1] } = MAKERS.box(_r, spot);
    const [dx, dy] = [spot()[0] / 5, spot()[1] / 5];
    const front: Point[] = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
    return { kind: "cuboid", corners: [...front, ...front.map(([x, y]): Point => [x + dx, y + dy])] };
  },
};

function several(random: Random, spot: () => Point, least: number): Point[] {
  return Array.from({ length: least + Math.floor(random() * 6) }, spot);
}

/** A geometry of this kind; its points lie in the frame, turned kinds may hang over it. */
export function randomGeometry(kind: MadeKind, random: Random, frame: Frame): Geometry {
  return MAKERS[kind](random, () => [random() * (frame.width - 2), random() * (frame.height - 2)]);
}
