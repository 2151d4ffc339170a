/** Skeletons: the named nodes of a class' template, each visible, occluded or outside the picture. */
import { type Bounds, type Point, boundsOf, clampPoint, distance, project } from "../geometry";
import type { NodeState, SkeletonGeometry, SkeletonNode, SkeletonTemplate } from "../types";
import { isInFrame } from "./path";
import { type EdgeSpot, type Handle, type Links, type Shape, ShapeError } from "./shape";
import { turnAll } from "./turning";
import { field, pointFrom, roundedPoint } from "./wire";
import { msg } from "../text";

export const nodeStates: readonly NodeState[] = ["visible", "occluded", "outside"];
const LOOKS = { visible: {}, occluded: { look: "hollow" }, outside: { look: "crossed" } } as const;

/** What the template joins, as indexes of nodes; kept with the template, which never changes. */
const linksKept = new WeakMap<SkeletonTemplate, Links>();

export function linksOf(template: SkeletonTemplate): Links {
  let links = linksKept.get(template);
  if (!links) {
    const index = new Map(template.nodes.map((n, i) => [n.node_id, i]));
    links = template.edges.flatMap(([a, b]): [number, number][] => (index.has(a) && index.has(b) ? [[index.get(a)!, index.get(b)!]] : []));
    linksKept.set(template, links);
  }
  return links;
}

/** The template scaled into an area. */
export function placed(template: SkeletonTemplate, { x0, y0, x1, y1 }: Bounds): SkeletonGeometry {
  return {
    kind: "skeleton",
    nodes: template.nodes.map(({ node_id, at: [x, y] }) => ({ node_id, at: [x0 + x * (x1 - x0), y0 + y * (y1 - y0)], state: "visible" })),
  };
}

/** Whether it has just the nodes of the template. */
export function fits({ nodes }: SkeletonGeometry, template: SkeletonTemplate): boolean {
  return nodes.length === template.nodes.length && nodes.every((n, i) => n.node_id === template.nodes[i]!.node_id);
}

const isThere = (node: SkeletonNode): boolean => node.state !== "outside";

function withNode(skeleton: SkeletonGeometry, nodeId: string, change: (node: SkeletonNode) => SkeletonNode): SkeletonGeometry {
  return { kind: "skeleton", nodes: skeleton.nodes.map((n) => (n.node_id === nodeId ? change(n) : n)) };
}

export function withState(skeleton: SkeletonGeometry, nodeId: string, state: NodeState): SkeletonGeometry {
  return withNode(skeleton, nodeId, (n) => ({ ...n, state }));
}

/** Visible, occluded, outside, and round again. */
export function nextState(skeleton: SkeletonGeometry, nodeId: string): NodeState {
  const state = skeleton.nodes.find((n) => n.node_id === nodeId)?.state ?? "outside";
  return nodeStates[(nodeStates.indexOf(state) + 1) % nodeStates.length]!;
}

/** The links whose ends are both there, as lines. */
function bones({ nodes }: SkeletonGeometry, links: Links): (readonly [Point, Point])[] {
  return links.flatMap(([a, b]) => {
    const from = nodes[a];
    const to = nodes[b];
    return from && to && isThere(from) && isThere(to) ? [[from.at, to.at] as const] : [];
  });
}

export const skeletonShape: Shape<SkeletonGeometry> = {
  kind: "skeleton",
  name: msg`Skeleton`,

  bounds({ nodes }) {
    const there = nodes.filter(isThere);
    return boundsOf((there.length ? there : nodes).map((n) => n.at));
  },
  area() {
    return 0;
  },
  contains() {
    return false;
  },
  distanceToOutline(skeleton, p, links = []) {
    let least = Infinity;
    for (const node of skeleton.nodes) if (isThere(node)) least = Math.min(least, distance(node.at, p));
    for (const [a, b] of bones(skeleton, links)) least = Math.min(least, project(p, a, b).distance);
    return least;
  },
  handles({ nodes }): Handle[] {
    return nodes.map((n) => ({ id: n.node_id, at: n.at, cursor: "move", role: "node", name: n.node_id, ...LOOKS[n.state] }));
  },
  /** A node that is dragged is there. */
  moveHandle(skeleton, handleId, to) {
    return withNode(skeleton, handleId, (n) => ({ ...n, at: to, state: n.state === "outside" ? "visible" : n.state }));
  },
  edgeSpot(): EdgeSpot | null {
    return null;
  },
  insertVertex() {
    throw new RangeError("The nodes of a skeleton come from its class.");
  },
  deleteVertex() {
    return null;
  },
  translate({ nodes }, dx, dy) {
    return { kind: "skeleton", nodes: nodes.map((n) => ({ ...n, at: [n.at[0] + dx, n.at[1] + dy] as const })) };
  },
  trace(skeleton, path, k, tx, ty, _skip, links = []) {
    for (const [a, b] of bones(skeleton, links)) {
      path.moveTo(a[0] * k + tx, a[1] * k + ty);
      path.lineTo(b[0] * k + tx, b[1] * k + ty);
    }
  },
  traceBody() {
    // Bones enclose nothing.
  },
  marks({ nodes }) {
    return nodes.flatMap((n) => (n.state === "outside" ? [] : [{ at: n.at, look: n.state === "visible" ? ("dot" as const) : ("ring" as const) }]));
  },
  turn(skeleton, degrees) {
    const turned = turnAll(skeleton.nodes.map((n) => n.at), skeletonShape.bounds(skeleton), degrees);
    return { kind: "skeleton", nodes: skeleton.nodes.map((n, i) => ({ ...n, at: turned[i]! })) };
  },
  fault({ nodes }, frame) {
    if (!nodes.some(isThere)) return msg`Every node of this skeleton is outside: show one or delete it.`;
    return nodes.every((n) => !isThere(n) || isInFrame(n.at, frame)) ? null : msg`A node of this skeleton leaves the image: move it inside or mark it as outside.`;
  },
  toWire({ nodes }) {
    return { kind: "skeleton", nodes: nodes.map(({ node_id, at, state }) => ({ node_id, at: roundedPoint(at), state })) };
  },
  fromWire(json) {
    const nodes = field(json, "nodes");
    if (!Array.isArray(nodes) || nodes.length === 0) throw new ShapeError("A skeleton needs nodes.");
    const read = nodes.map(nodeFromWire);
    if (new Set(read.map((n) => n.node_id)).size !== read.length) throw new ShapeError("A skeleton has each node once.");
    return { kind: "skeleton", nodes: read };
  },
};

function nodeFromWire(json: unknown): SkeletonNode {
  const node_id = field(json, "node_id");
  const state = field(json, "state");
  if (typeof node_id !== "string") throw new ShapeError("A node needs its node_id.");
  if (!nodeStates.includes(state as NodeState)) throw new ShapeError("A node is visible, occluded or outside.");
  return { node_id, at: pointFrom(field(json, "at"), "A node"), state: state as NodeState };
}

/** All nodes inside the frame, such as when a template was placed across its border. */
export function clampedInto(skeleton: SkeletonGeometry, frame: { width: number; height: number }): SkeletonGeometry {
  return { kind: "skeleton", nodes: skeleton.nodes.map((n) => ({ ...n, at: clampPoint(n.at, frame) })) };
}
