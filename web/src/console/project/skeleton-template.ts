/** Changing the skeleton of a class: each step gives a new template. */
import { type Point, clamp } from "../../engine/geometry";
import type { SkeletonTemplate, TemplateNode } from "../../engine/types";
import { idFor } from "../projects/quick-classes";
import { msg } from "../../engine/text";

export const MOST_NODES = 200;
export const NO_NODES: SkeletonTemplate = { nodes: [], edges: [] };

const place = (n: number): number => Math.round(clamp(n, 0, 1) * 1000) / 1000;

export function withNewNode(template: SkeletonTemplate, [x, y]: Point): SkeletonTemplate {
  if (template.nodes.length >= MOST_NODES) return template;
  const names = new Set(template.nodes.map((n) => n.name));
  let number = template.nodes.length + 1;
  while (names.has(`Node ${number}`)) number += 1;
  const name = msg`Node ${number}`;
  return { ...template, nodes: [...template.nodes, { node_id: idFor(name, template.nodes.map((n) => n.node_id)), name, at: [place(x), place(y)] }] };
}

function changed(template: SkeletonTemplate, nodeId: string, change: (node: TemplateNode) => TemplateNode): SkeletonTemplate {
  return { ...template, nodes: template.nodes.map((n) => (n.node_id === nodeId ? change(n) : n)) };
}

export function moved(template: SkeletonTemplate, nodeId: string, [x, y]: Point): SkeletonTemplate {
  return changed(template, nodeId, (n) => ({ ...n, at: [place(x), place(y)] }));
}

export function renamed(template: SkeletonTemplate, nodeId: string, name: string): SkeletonTemplate {
  return changed(template, nodeId, (n) => ({ ...n, name }));
}

export function without(template: SkeletonTemplate, nodeId: string): SkeletonTemplate {
  return { nodes: template.nodes.filter((n) => n.node_id !== nodeId), edges: template.edges.filter((e) => !e.includes(nodeId)) };
}

/** The order of the nodes is the order in which they are drawn and stored. */
export function shifted(template: SkeletonTemplate, nodeId: string, by: -1 | 1): SkeletonTemplate {
  const at = template.nodes.findIndex((n) => n.node_id === nodeId);
  const other = template.nodes[at + by];
  if (at < 0 || !other) return template;
  return { ...template, nodes: template.nodes.with(at, other).with(at + by, template.nodes[at]!) };
}

export function areJoined({ edges }: SkeletonTemplate, a: string, b: string): boolean {
  return edges.some(([x, y]) => (x === a && y === b) || (x === b && y === a));
}

/** Joins two nodes, or parts them when they are joined. */
export function toggledEdge(template: SkeletonTemplate, a: string, b: string): SkeletonTemplate {
  if (a === b) return template;
  if (!areJoined(template, a, b)) return { ...template, edges: [...template.edges, [a, b]] };
  return { ...template, edges: template.edges.filter(([x, y]) => !((x === a && y === b) || (x === b && y === a))) };
}

/** What keeps it from being saved. */
export function templateFaults(template: SkeletonTemplate | null): string[] {
  if (!template || template.nodes.length === 0) return [msg`its skeleton needs at least one node.`];
  const names = template.nodes.map((n) => n.name.trim().toLowerCase());
  return [
    ...(names.includes("") ? [msg`a node of its skeleton has no name.`] : []),
    ...(new Set(names).size < names.length ? [msg`two nodes of its skeleton have the same name.`] : []),
  ];
}

/** Nodes that were never saved get their key by the name they have now. */
export function settledNodes(template: SkeletonTemplate, isKept: (nodeId: string) => boolean): SkeletonTemplate {
  const taken = template.nodes.filter((n) => isKept(n.node_id)).map((n) => n.node_id);
  const keys = new Map<string, string>();
  for (const { node_id, name } of template.nodes) {
    if (isKept(node_id)) continue;
    const key = idFor(name, taken);
    taken.push(key);
    keys.set(node_id, key);
  }
  const key = (id: string): string => keys.get(id) ?? id;
  return { nodes: template.nodes.map((n) => ({ ...n, node_id: key(n.node_id) })), edges: template.edges.map(([a, b]) => [key(a), key(b)] as const) };
}
