/** Skeletons to begin with: the person of COCO and the hand of COCO-WholeBody, in the order of their key points. */
import type { Point } from "../../engine/geometry";
import type { SkeletonTemplate, TemplateNode } from "../../engine/types";
import { msg } from "../../engine/text";

export interface SkeletonPreset {
  readonly id: string;
  readonly name: string;
  readonly template: SkeletonTemplate;
}

const node = (name: string, x: number, y: number): TemplateNode => ({ node_id: name.toLowerCase().replaceAll(" ", "_"), name, at: [x, y] });

function joined(nodes: readonly TemplateNode[], pairs: readonly (readonly [number, number])[]): SkeletonTemplate {
  return { nodes, edges: pairs.map(([a, b]) => [nodes[a]!.node_id, nodes[b]!.node_id] as const) };
}

// Seen from the front, so that the person's left is on the right.
const person = joined(
  [
    node("Nose", 0.5, 0.08), node("Left eye", 0.55, 0.05), node("Right eye", 0.45, 0.05), node("Left ear", 0.6, 0.07), node("Right ear", 0.4, 0.07),
    node("Left shoulder", 0.68, 0.2), node("Right shoulder", 0.32, 0.2), node("Left elbow", 0.82, 0.35), node("Right elbow", 0.18, 0.35),
    node("Left wrist", 0.92, 0.5), node("Right wrist", 0.08, 0.5), node("Left hip", 0.62, 0.52), node("Right hip", 0.38, 0.52),
    node("Left knee", 0.64, 0.74), node("Right knee", 0.36, 0.74), node("Left ankle", 0.66, 0.97), node("Right ankle", 0.34, 0.97),
  ],
  [
    [15, 13], [13, 11], [16, 14], [14, 12], [11, 12], [5, 11], [6, 12], [5, 6], [5, 7], [6, 8], [7, 9], [8, 10],
    [1, 2], [0, 1], [0, 2], [1, 3], [2, 4], [3, 5], [4, 6],
  ],
);

/** From the wrist through a finger to its tip. */
const FINGERS: readonly (readonly [name: string, root: Point, tip: Point])[] = [
  [msg`Thumb`, [0.28, 0.8], [0.02, 0.42]], [msg`Index finger`, [0.3, 0.5], [0.22, 0.08]], [msg`Middle finger`, [0.47, 0.46], [0.45, 0.0]],
  [msg`Ring finger`, [0.63, 0.5], [0.68, 0.06]], [msg`Little finger`, [0.77, 0.58], [0.92, 0.24]],
];
const fingerNodes = FINGERS.flatMap(([name, [rx, ry], [tx, ty]]) =>
  [0, 1, 2, 3].map((i) => node(`${name} ${i + 1}`, Math.round((rx + ((tx - rx) * i) / 3) * 100) / 100, Math.round((ry + ((ty - ry) * i) / 3) * 100) / 100)),
);
const hand = joined(
  [node("Wrist", 0.5, 1), ...fingerNodes],
  FINGERS.flatMap((_, f) => [[0, 1 + 4 * f], ...[1, 2, 3].map((i) => [4 * f + i, 4 * f + i + 1])] as [number, number][]),
);

export const skeletonPresets: readonly SkeletonPreset[] = [
  { id: "person", name: msg`Person (17 nodes, COCO)`, template: person },
  { id: "hand", name: msg`Hand (21 nodes)`, template: hand },
];

/** The one that a class of this name would want. */
export function presetFor(name: string): SkeletonPreset {
  return /\bhands?\b/i.test(name) ? skeletonPresets[1]! : skeletonPresets[0]!;
}
