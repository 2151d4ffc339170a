/** Paths of cubic curves, open or closed. A node's handles say how the path comes in and how it leaves. */
import { type Bounds, type Point, boundsOf, distance, inRing } from "../geometry";
import type { BezierGeometry, BezierNode } from "../types";
import { type Cubic, cut, extremes, flattened, nearestOn, sweep } from "./curve";
import { isInFrame, lengthOf, nearestOnLine } from "./path";
import { LEAST_LENGTH_PX } from "./polyline";
import { type Handle, PLAIN_GRIP, type PathSink, type Shape, ShapeError } from "./shape";
import { turnAbout } from "./turning";
import { field, pointFrom, roundedPoint } from "./wire";
import { msg } from "../text";

export const LEAST_NODES = 2;
/** How far the flattened path may leave the curve where things are measured. */
const TOLERANCE_PX = 0.25;
/** Handles in line within this sine belong to a smooth node. */
const SMOOTH_SINE = 0.02;

type Part = "n" | "i" | "o";

export function cornerAt(at: Point): BezierNode {
  return { at, handle_in: at, handle_out: at };
}

/** The pieces between nodes. */
export function cubicsOf({ nodes, is_closed }: BezierGeometry): Cubic[] {
  const count = is_closed ? nodes.length : nodes.length - 1;
  return Array.from({ length: Math.max(0, count) }, (_, i): Cubic => {
    const a = nodes[i]!;
    const b = nodes[(i + 1) % nodes.length]!;
    return [a.at, a.handle_out, b.handle_in, b.at];
  });
}

/** The path as straight pieces that leave the curve by no more than `tolerance`. */
export function flatPath(path: BezierGeometry, tolerance: number): Point[] {
  const points: Point[] = path.nodes.length ? [path.nodes[0]!.at] : [];
  for (const curve of cubicsOf(path)) points.push(...flattened(curve, tolerance));
  if (path.is_closed && points.length > 1) points.pop();
  return points;
}

function spotOf(handleId: string): { part: Part; index: number } {
  const [part, number] = handleId.split(":");
  const index = Number(number);
  if ((part !== "n" && part !== "i" && part !== "o") || !Number.isInteger(index)) throw new RangeError(`A path has no handle "${handleId}".`);
  return { part, index };
}

/** The node that a handle belongs to; null for other handles. */
export function nodeOf(handleId: string): number {
  return spotOf(handleId).index;
}

function has(node: BezierNode, side: "handle_in" | "handle_out"): boolean {
  return distance(node[side], node.at) > 1e-6;
}

export function isSmooth({ at, handle_in, handle_out }: BezierNode): boolean {
  const a: Point = [handle_in[0] - at[0], handle_in[1] - at[1]];
  const b: Point = [handle_out[0] - at[0], handle_out[1] - at[1]];
  const lengths = Math.hypot(...a) * Math.hypot(...b);
  if (lengths < 1e-9) return false;
  return a[0] * b[0] + a[1] * b[1] < 0 && Math.abs(a[0] * b[1] - a[1] * b[0]) <= SMOOTH_SINE * lengths;
}

/** A node whose handles lie opposite each other, the outgoing one at `out`. */
export function smoothAt(at: Point, out: Point): BezierNode {
  return { at, handle_in: [2 * at[0] - out[0], 2 * at[1] - out[1]], handle_out: out };
}

function withNode(path: BezierGeometry, index: number, node: BezierNode): BezierGeometry {
  return { ...path, nodes: path.nodes.with(index, node) };
}

/** A corner becomes smooth, with handles along the line between its neighbours; a smooth node becomes a corner. */
export function toggledNode(path: BezierGeometry, index: number): BezierGeometry {
  const node = path.nodes[index];
  if (!node) return path;
  if (has(node, "handle_in") || has(node, "handle_out")) return withNode(path, index, cornerAt(node.at));
  const { nodes, is_closed } = path;
  const n = nodes.length;
  const before = is_closed || index > 0 ? nodes[(index - 1 + n) % n]! : node;
  const after = is_closed || index < n - 1 ? nodes[(index + 1) % n]! : node;
  const span = distance(before.at, after.at) || 1;
  const along: Point = [(after.at[0] - before.at[0]) / span, (after.at[1] - before.at[1]) / span];
  const reachIn = distance(before.at, node.at) / 3;
  const reachOut = distance(node.at, after.at) / 3;
  return withNode(path, index, {
    at: node.at,
    handle_in: [node.at[0] - along[0] * reachIn, node.at[1] - along[1] * reachIn],
    handle_out: [node.at[0] + along[0] * reachOut, node.at[1] + along[1] * reachOut],
  });
}

/** The node with one handle drawn out to `to`; the other swings round with it while the node is smooth. */
export function bent(node: BezierNode, side: "handle_in" | "handle_out", to: Point, isBroken: boolean): BezierNode {
  const other = side === "handle_in" ? "handle_out" : "handle_in";
  const moved = { ...node, [side]: to };
  const reach = distance(node.at, to);
  if (isBroken || !isSmooth(node) || reach < 1e-6) return moved;
  const k = distance(node.at, node[other]) / reach;
  return { ...moved, [other]: [node.at[0] - (to[0] - node.at[0]) * k, node.at[1] - (to[1] - node.at[1]) * k] };
}

export function movedNode({ at, handle_in, handle_out }: BezierNode, dx: number, dy: number): BezierNode {
  const by = ([x, y]: Point): Point => [x + dx, y + dy];
  return { at: by(at), handle_in: by(handle_in), handle_out: by(handle_out) };
}

export const bezierShape: Shape<BezierGeometry> = {
  kind: "bezier",
  name: msg`Curve`,

  bounds(path): Bounds {
    return boundsOf([...path.nodes.map((n) => n.at), ...cubicsOf(path).flatMap(extremes)]);
  },
  area(path) {
    return path.is_closed ? Math.abs(cubicsOf(path).reduce((sum, curve) => sum + sweep(curve), 0)) / 2 : 0;
  },
  contains(path, p) {
    return path.is_closed && inRing(flatPath(path, TOLERANCE_PX), p);
  },
  distanceToOutline(path, p) {
    return nearestOnLine(flatPath(path, TOLERANCE_PX), p, path.is_closed).distance;
  },
  handles({ nodes }): Handle[] {
    const arm = (node: BezierNode, side: "handle_in" | "handle_out", id: string): Handle[] =>
      has(node, side) ? [{ id, at: node[side], cursor: "crosshair", role: "curve", stem: node.at, isFree: true }] : [];
    return nodes.flatMap((node, i): Handle[] => [
      ...arm(node, "handle_in", `i:${i}`),
      ...arm(node, "handle_out", `o:${i}`),
      { id: `n:${i}`, at: node.at, cursor: "move", role: "vertex", ...(isSmooth(node) ? {} : { look: "hollow" as const }) },
    ]);
  },
  moveHandle(path, handleId, to, grip = PLAIN_GRIP) {
    const { part, index } = spotOf(handleId);
    const node = path.nodes[index];
    if (!node) return path;
    if (part === "n") return withNode(path, index, movedNode(node, to[0] - node.at[0], to[1] - node.at[1]));
    return withNode(path, index, bent(node, part === "i" ? "handle_in" : "handle_out", to, grip.alt));
  },
  edgeSpot(path, p) {
    const spots = cubicsOf(path).map((curve, index) => ({ ring: 0, index, ...nearestOn(curve, p) }));
    const best = spots.reduce<(typeof spots)[number] | null>((least, s) => (!least || s.distance < least.distance ? s : least), null);
    return best && { ring: 0, index: best.index, at: best.at, distance: best.distance };
  },
  /** The path keeps its form: the piece is cut in two at the spot. */
  insertVertex(path, { index, at }) {
    const curve = cubicsOf(path)[index]!;
    const [first, second] = cut(curve, nearestOn(curve, at).t);
    const next = (index + 1) % path.nodes.length;
    const nodes = path.nodes.map((n, i) => {
      const out = i === index ? { ...n, handle_out: first[1] } : n;
      return i === next ? { ...out, handle_in: second[2] } : out;
    });
    nodes.splice(index + 1, 0, { at: first[3], handle_in: first[2], handle_out: second[1] });
    return { geometry: { ...path, nodes }, handleId: `n:${index + 1}` };
  },
  deleteVertex(path, handleId) {
    const { index } = spotOf(handleId);
    return path.nodes.length > LEAST_NODES ? { ...path, nodes: path.nodes.toSpliced(index, 1) } : null;
  },
  translate(path, dx, dy) {
    return { ...path, nodes: path.nodes.map((n) => movedNode(n, dx, dy)) };
  },
  trace(path, sink: PathSink, k, tx, ty) {
    flatPath(path, TOLERANCE_PX / k).forEach(([x, y], i) => (i === 0 ? sink.moveTo(x * k + tx, y * k + ty) : sink.lineTo(x * k + tx, y * k + ty)));
    if (path.is_closed) sink.closePath();
  },
  traceBody(path, sink, k, tx, ty, skip) {
    if (path.is_closed) bezierShape.trace(path, sink, k, tx, ty, skip);
  },
  /** The nodes stay inside; the curve between them may swing out. */
  anchor({ nodes }) {
    return boundsOf(nodes.map((n) => n.at));
  },
  turn(path, degrees) {
    const b = bezierShape.bounds(path);
    const by = (p: Point): Point => turnAbout(p, [(b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2], degrees);
    return { ...path, nodes: path.nodes.map((n) => ({ at: by(n.at), handle_in: by(n.handle_in), handle_out: by(n.handle_out) })) };
  },
  fault(path, frame) {
    if (path.nodes.length < LEAST_NODES) return msg`A curve needs at least two nodes: add nodes or delete it.`;
    if (path.is_closed && bezierShape.area(path) < 1) return msg`This curve covers less than one pixel: enlarge or delete it.`;
    if (lengthOf(flatPath(path, TOLERANCE_PX)) < LEAST_LENGTH_PX) return msg`This curve is shorter than one pixel: lengthen or delete it.`;
    return path.nodes.every((n) => isInFrame(n.at, frame)) ? null : msg`A node of this curve leaves the image: move it inside.`;
  },
  toWire({ nodes, is_closed }) {
    return { kind: "bezier", nodes: nodes.map((n) => ({ at: roundedPoint(n.at), handle_in: roundedPoint(n.handle_in), handle_out: roundedPoint(n.handle_out) })), is_closed };
  },
  fromWire(json) {
    const nodes = field(json, "nodes");
    const is_closed = field(json, "is_closed");
    if (!Array.isArray(nodes) || nodes.length < LEAST_NODES) throw new ShapeError("A curve needs at least two nodes.");
    if (typeof is_closed !== "boolean") throw new ShapeError("A curve must say with is_closed whether it is closed.");
    return { kind: "bezier", nodes: nodes.map(nodeFromWire), is_closed };
  },
};

function nodeFromWire(json: unknown): BezierNode {
  return {
    at: pointFrom(field(json, "at"), "A node"),
    handle_in: pointFrom(field(json, "handle_in"), msg`The handle of a node`),
    handle_out: pointFrom(field(json, "handle_out"), msg`The handle of a node`),
  };
}
