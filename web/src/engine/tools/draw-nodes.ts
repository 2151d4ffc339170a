/** Draw a skeleton node by node, in the order of the template; the pointer says which one comes next. Alt: it is hidden. */
import { type Point, clampPoint } from "../geometry";
import type { Editor } from "../editor";
import type { NodeState, SkeletonGeometry, SkeletonNode, SkeletonTemplate } from "../types";
import { placed } from "./place";
import type { PointerInput, Sketch, Tool } from "./tool";
import { msg } from "../text";

interface SetNode {
  readonly at: Point;
  readonly state: NodeState;
}

export class DrawNodesTool implements Tool {
  readonly id = "skeleton_nodes";
  readonly draws = "skeleton";
  readonly cursor = "crosshair";
  #set: readonly SetNode[] = [];
  #cursor: Point | null = null;
  #isHidden = false;

  constructor(private readonly editor: Editor) {}

  get state(): string {
    return this.#set.length ? "drawing" : "idle";
  }

  get sketch(): Sketch | null {
    const template = this.#template;
    const next = template?.nodes[this.#set.length];
    if (!template || !next || !this.#cursor) return null;
    const under: SetNode = { at: this.#cursor, state: this.#isHidden ? "occluded" : "visible" };
    const text = msg`${next.name} (${this.#set.length + 1} of ${template.nodes.length})${this.#isHidden ? ", occluded" : ""}`;
    return { kind: "geometry", geometry: skeletonOf(template, [...this.#set, under], this.editor), note: { at: this.#cursor, text } };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    this.#add({ at: placed(this.editor, input), state: input.alt ? "occluded" : "visible" });
  }

  move(input: PointerInput): void {
    this.#cursor = placed(this.editor, input);
    this.#isHidden = input.alt;
    this.editor.changed("live");
  }

  up(): void {
    // Nodes are set on press.
  }

  cancel(): boolean {
    const wasBusy = this.#set.length > 0;
    this.#enter([]);
    return wasBusy;
  }

  /** What was not set lies outside. */
  confirm(): boolean {
    const template = this.#template;
    if (!template || !this.#set.length) return false;
    if (this.#set.every((n) => n.state === "outside")) {
      this.editor.say(msg`A skeleton needs at least one node in the picture.`);
      return true;
    }
    const skeleton = skeletonOf(template, this.#set, this.editor);
    this.#enter([]);
    this.editor.addDrawn(skeleton);
    return true;
  }

  back(): boolean {
    if (!this.#set.length) return false;
    this.#enter(this.#set.slice(0, -1));
    return true;
  }

  /** The next node lies outside the picture. */
  flip(): boolean {
    if (this.#template) this.#add({ at: this.#cursor ?? [0, 0], state: "outside" });
    return true;
  }

  get #template(): SkeletonTemplate | null {
    return this.editor.currentClass?.skeleton ?? null;
  }

  #add(node: SetNode): void {
    const template = this.#template;
    if (!template) return;
    this.#enter([...this.#set, node]);
    if (this.#set.length < template.nodes.length) return;
    if (this.#set.some((n) => n.state !== "outside")) return void this.confirm();
    this.#enter(this.#set.slice(0, -1));
    this.editor.say(msg`A skeleton needs at least one node in the picture.`);
  }

  #enter(set: readonly SetNode[]): void {
    this.#set = set;
    this.editor.changed("live");
  }
}

/** Nodes that were not set are outside, where the template would have them beside those that were. */
function skeletonOf(template: SkeletonTemplate, set: readonly SetNode[], editor: Editor): SkeletonGeometry {
  const known = set.flatMap((n, i) => (n.state === "outside" ? [] : [{ at: n.at, from: template.nodes[i]!.at }]));
  const guess = fitted(known);
  return {
    kind: "skeleton",
    nodes: template.nodes.map(({ node_id, at }, i): SkeletonNode => {
      const node = set[i];
      return node && node.state !== "outside" ? { node_id, ...node } : { node_id, at: clampPoint(guess(at), editor.frame), state: "outside" };
    }),
  };
}

/** The scaling along each axis, and the shift, that take the template nearest to the nodes that are known. */
function fitted(known: readonly { readonly at: Point; readonly from: Point }[]): (p: Point) => Point {
  const [x, y] = ([0, 1] as const).map((axis) => line(known.map((k) => [k.from[axis], k.at[axis]])));
  // An axis along which the known nodes do not spread says nothing; the other one's scale serves.
  const [kx, ky] = [x!.slope ?? Math.abs(y!.slope ?? 0), y!.slope ?? Math.abs(x!.slope ?? 0)];
  return (p) => [x!.to + (p[0] - x!.from) * kx, y!.to + (p[1] - y!.from) * ky];
}

/** Least squares through pairs: the means, and the slope where there is one. */
function line(pairs: readonly Point[]): { from: number; to: number; slope: number | null } {
  const mean = (i: 0 | 1): number => pairs.reduce((sum, p) => sum + p[i], 0) / Math.max(1, pairs.length);
  const [from, to] = [mean(0), mean(1)];
  const spread = pairs.reduce((sum, [a]) => sum + (a - from) ** 2, 0);
  return { from, to, slope: spread < 1e-9 ? null : pairs.reduce((sum, [a, b]) => sum + (a - from) * (b - to), 0) / spread };
}
