/** Cuboids drawn in the picture: a front face, a back face and the four edges between them. */
import { type Bounds, type Point, boundsOf, centre, inRing, project, signedArea } from "../geometry";
import type { CuboidGeometry } from "../types";
import { hull, touchesFrame, traceLine } from "./path";
import { type EdgeSpot, type Handle, PLAIN_GRIP, type PathSink, type Shape, ShapeError } from "./shape";
import { turnAll } from "./turning";
import { field, pointsFrom, roundedPoint } from "./wire";
import { msg } from "../text";

const CORNERS = 8;
/** Corners that share an upright edge: top left with bottom left, top right with bottom right, front and back. */
const UPRIGHT: readonly number[] = [3, 2, 1, 0, 7, 6, 5, 4];
const CORNER_CURSORS = ["nwse-resize", "nesw-resize", "nwse-resize", "nesw-resize"] as const;
export const FRONT_HANDLE = "front";
export const BACK_HANDLE = "back";

export function frontOf({ corners }: CuboidGeometry): readonly Point[] {
  return corners.slice(0, 4);
}

export function backOf({ corners }: CuboidGeometry): readonly Point[] {
  return corners.slice(4);
}

/** An upright front face, and the same face moved by (dx, dy) behind it. */
export function cuboidFrom({ x0, y0, x1, y1 }: Bounds, dx: number, dy: number): CuboidGeometry {
  const front: Point[] = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
  return { kind: "cuboid", corners: [...front, ...front.map(([x, y]): Point => [x + dx, y + dy])] };
}

function edgesOf({ corners }: CuboidGeometry): (readonly [Point, Point])[] {
  return [0, 1, 2, 3].flatMap((i) => {
    const next = (i + 1) % 4;
    return [[corners[i]!, corners[next]!], [corners[i + 4]!, corners[next + 4]!], [corners[i]!, corners[i + 4]!]] as const;
  });
}

function moved(cuboid: CuboidGeometry, from: number, to: number, dx: number, dy: number): CuboidGeometry {
  return { kind: "cuboid", corners: cuboid.corners.map(([x, y], i): Point => (i >= from && i < to ? [x + dx, y + dy] : [x, y])) };
}

export const cuboidShape: Shape<CuboidGeometry> = {
  kind: "cuboid",
  name: msg`Cuboid`,

  bounds({ corners }) {
    return boundsOf(corners);
  },
  area({ corners }) {
    return Math.abs(signedArea(hull(corners)));
  },
  contains({ corners }, p) {
    return inRing(hull(corners), p);
  },
  distanceToOutline(cuboid, p) {
    return Math.min(...edgesOf(cuboid).map(([a, b]) => project(p, a, b).distance));
  },
  handles(cuboid): Handle[] {
    const corners = cuboid.corners.map((at, i): Handle => ({
      id: String(i), at, cursor: CORNER_CURSORS[i % 4]!, role: "corner", isFree: true, ...(i > 3 ? { look: "hollow" as const } : {}),
    }));
    const face = (id: string, ring: readonly Point[], look: { look?: "hollow" }): Handle => ({ id, at: centre(boundsOf(ring)), cursor: "move", role: "face", isFree: true, ...look });
    return [face(BACK_HANDLE, backOf(cuboid), { look: "hollow" }), face(FRONT_HANDLE, frontOf(cuboid), {}), ...corners];
  },
  /** The upright edge stays upright; with alt only the corner itself moves. */
  moveHandle(cuboid, handleId, to, grip = PLAIN_GRIP) {
    if (handleId === FRONT_HANDLE || handleId === BACK_HANDLE) {
      const isFront = handleId === FRONT_HANDLE;
      const [x, y] = centre(boundsOf(isFront ? frontOf(cuboid) : backOf(cuboid)));
      return moved(cuboid, isFront ? 0 : 4, isFront ? 4 : 8, to[0] - x, to[1] - y);
    }
    const index = Number(handleId);
    const before = cuboid.corners[index];
    if (!before) throw new RangeError(`A cuboid has no handle "${handleId}".`);
    const partner = grip.alt ? -1 : UPRIGHT[index];
    return { kind: "cuboid", corners: cuboid.corners.map(([x, y], i): Point => (i === index ? to : i === partner ? [x + to[0] - before[0], y] : [x, y])) };
  },
  edgeSpot(): EdgeSpot | null {
    return null;
  },
  insertVertex() {
    throw new RangeError("A cuboid has no free vertices.");
  },
  deleteVertex() {
    return null;
  },
  translate(cuboid, dx, dy) {
    return moved(cuboid, 0, CORNERS, dx, dy);
  },
  trace(cuboid, path: PathSink, k, tx, ty, skip) {
    traceLine(frontOf(cuboid), path, k, tx, ty, skip, true);
    traceLine(backOf(cuboid), path, k, tx, ty, skip, true);
    for (let i = 0; i < 4; i++) traceLine([cuboid.corners[i]!, cuboid.corners[i + 4]!], path, k, tx, ty, 0, false);
  },
  /** The front face, so that it can be told from the back. */
  traceBody(cuboid, path, k, tx, ty, skip) {
    traceLine(frontOf(cuboid), path, k, tx, ty, skip, true);
  },
  anchor(cuboid): Bounds {
    const [x, y] = centre(cuboidShape.bounds(cuboid));
    return { x0: x, y0: y, x1: x, y1: y };
  },
  turn(cuboid, degrees) {
    return { kind: "cuboid", corners: turnAll(cuboid.corners, cuboidShape.bounds(cuboid), degrees) };
  },
  fault(cuboid, frame) {
    if (cuboidShape.area(cuboid) < 1) return msg`This cuboid covers less than one pixel: enlarge or delete it.`;
    return touchesFrame(cuboidShape.bounds(cuboid), frame) ? null : msg`This cuboid lies outside the image: move it inside.`;
  },
  toWire({ corners }) {
    return { kind: "cuboid", corners: corners.map(roundedPoint) };
  },
  fromWire(json) {
    const corners = pointsFrom(field(json, "corners"), CORNERS, "A cuboid");
    if (corners.length !== CORNERS) throw new ShapeError("A cuboid has eight corners.");
    return { kind: "cuboid", corners };
  },
};
