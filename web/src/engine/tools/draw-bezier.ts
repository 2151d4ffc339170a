/** Draw a curved path: a click sets a corner, a drag a smooth node with its handles; the first node closes the path. */
import { type Point, distance } from "../geometry";
import { LEAST_NODES, bezierShape, cornerAt, smoothAt } from "../shapes/bezier";
import type { Handle } from "../shapes/shape";
import type { Editor } from "../editor";
import type { BezierGeometry, BezierNode } from "../types";
import { placed, placedFreely } from "./place";
import { DRAG_SLOP_PX, type PointerInput, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

type State =
  | { readonly name: "idle" }
  | { readonly name: "drawing"; readonly nodes: readonly BezierNode[]; readonly cursor: Point }
  /** The button is down: a drag pulls the handles out of the newest node, or of the first one when that closes the path. */
  | { readonly name: "bending"; readonly nodes: readonly BezierNode[]; readonly screen: Point; readonly isClosing: boolean };

const IDLE: State = { name: "idle" };

export class DrawBezierTool implements Tool {
  readonly id = "bezier";
  readonly draws = "bezier";
  readonly cursor = "crosshair";
  #state: State = IDLE;

  constructor(private readonly editor: Editor) {}

  get state(): string {
    return this.#state.name;
  }

  get sketch(): Sketch | null {
    const s = this.#state;
    if (s.name === "idle") return null;
    const canClose = s.name === "drawing" && this.#isAtStart(s.nodes, s.cursor);
    const isClosed = canClose || (s.name === "bending" && s.isClosing);
    const nodes = s.name === "drawing" && !canClose ? [...s.nodes, cornerAt(s.cursor)] : s.nodes;
    const handles = bezierShape.handles({ kind: "bezier", nodes: s.nodes, is_closed: false }).filter((h) => isShown(h, s.nodes.length, isClosed));
    const path: BezierGeometry = { kind: "bezier", nodes: nodes.length < LEAST_NODES ? [...nodes, ...nodes] : nodes, is_closed: isClosed };
    return { kind: "geometry", geometry: path, handles, hotId: isClosed ? "n:0" : null };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const at = placed(this.editor, input);
    const nodes = this.#state.name === "idle" ? [] : this.#state.nodes;
    if (input.clicks > 1 && nodes.length >= LEAST_NODES) return this.#finish(nodes, false);
    if (this.#isAtStart(nodes, at)) return this.#enter({ name: "bending", nodes, screen: input.screen, isClosing: true });
    const last = nodes.at(-1);
    if (last && distance(last.at, at) * this.editor.viewport.scale < 2) return;
    this.#enter({ name: "bending", nodes: [...nodes, cornerAt(at)], screen: input.screen, isClosing: false });
  }

  move(input: PointerInput): void {
    const s = this.#state;
    if (s.name === "idle") return this.editor.changed("live");
    if (s.name === "drawing") return this.#enter({ ...s, cursor: placed(this.editor, input) });
    if (distance(s.screen, input.screen) < DRAG_SLOP_PX) return;
    const to = placedFreely(this.editor, input);
    const index = s.isClosing ? 0 : s.nodes.length - 1;
    this.#enter({ ...s, nodes: s.nodes.with(index, pulled(s.nodes[index]!, to, input.alt, s.isClosing)) });
  }

  up(input: PointerInput): void {
    const s = this.#state;
    if (s.name !== "bending") return;
    if (s.isClosing) this.#finish(s.nodes, true);
    else this.#enter({ name: "drawing", nodes: s.nodes, cursor: placed(this.editor, input) });
  }

  cancel(): boolean {
    const wasBusy = this.#state.name !== "idle";
    this.#enter(IDLE);
    return wasBusy;
  }

  confirm(): boolean {
    if (this.#state.name === "idle") return false;
    this.#finish(this.#state.nodes, false);
    return true;
  }

  back(): boolean {
    const s = this.#state;
    if (s.name === "idle") return false;
    const nodes = s.nodes.slice(0, -1);
    this.#enter(nodes.length ? { name: "drawing", nodes, cursor: s.name === "drawing" ? s.cursor : nodes.at(-1)!.at } : IDLE);
    return true;
  }

  /** Makes the newest node a corner: its handles are put back. */
  flip(): boolean {
    const s = this.#state;
    if (s.name !== "drawing") return false;
    this.#enter({ ...s, nodes: s.nodes.with(-1, cornerAt(s.nodes.at(-1)!.at)) });
    return true;
  }

  #isAtStart(nodes: readonly BezierNode[], at: Point): boolean {
    return nodes.length >= LEAST_NODES && distance(nodes[0]!.at, at) * this.editor.viewport.scale <= this.editor.reachPx * 1.4;
  }

  #enter(state: State): void {
    this.#state = state;
    this.editor.changed("live");
  }

  #finish(nodes: readonly BezierNode[], is_closed: boolean): void {
    const path: BezierGeometry = { kind: "bezier", nodes, is_closed };
    const fault = nodes.length < LEAST_NODES ? msg`A curve needs two nodes.` : bezierShape.fault(path, this.editor.frame);
    if (fault) {
      this.#enter({ name: "drawing", nodes, cursor: nodes.at(-1)!.at });
      return this.editor.say(fault);
    }
    this.#enter(IDLE);
    this.editor.addDrawn(path);
  }
}

/** The node with a handle at the pointer: both in line, or with alt only the one that is pulled. */
function pulled(node: BezierNode, to: Point, isBroken: boolean, isClosing: boolean): BezierNode {
  const mirror: Point = [2 * node.at[0] - to[0], 2 * node.at[1] - to[1]];
  if (isClosing) return { ...node, handle_in: mirror, ...(isBroken ? {} : { handle_out: to }) };
  return isBroken ? { ...node, handle_out: to } : smoothAt(node.at, to);
}

/** All nodes, but only the arms that are being pulled. */
function isShown({ id, role }: Handle, count: number, isClosing: boolean): boolean {
  return role === "vertex" || id.endsWith(`:${isClosing ? 0 : count - 1}`);
}
