/** Simplify or smooth what is selected while looking: the keys for more and less change the tolerance, Enter or a click keeps it. */
import { intersects } from "../geometry";
import type { Entry } from "../edits/delta";
import type { Editor } from "../editor";
import type { Rings } from "../ops/clip";
import { withGeometry } from "../ops/commands";
import { simplifiedLine, simplifiedPolygons } from "../ops/simplify";
import { smoothedLine, smoothedPolygons, smoothedSpans } from "../ops/smooth";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import { boundsOfGeometry } from "../shapes/registry";
import type { PolygonGeometry } from "../types";
import type { PointerInput, Sketch, Tool } from "./tool";
import { msg } from "../text";

export type Refinement = "simplify" | "smooth";

export class RefineTool implements Tool {
  readonly draws = null;
  readonly keepsSelection = true;
  readonly cursor = "default";
  readonly sketch: Sketch | null = null;
  readonly #entries: readonly Entry[];
  readonly #fixed: Rings;
  #caption: string | null = null;

  constructor(
    private readonly editor: Editor,
    readonly id: Refinement,
  ) {
    this.#entries = editor.editableSelection().filter((e) => canRefine(e, id));
    this.#fixed = neighboursOf(editor, this.#entries);
  }

  get caption(): string | null {
    return this.#caption;
  }

  begin(): void {
    this.#show();
  }

  get state(): string {
    return this.#entries.length ? "showing" : "idle";
  }

  down(input: PointerInput): void {
    if (input.button === 0) this.confirm();
  }

  move(): void {
    // Only keys and the wheel change what is shown.
  }

  up(): void {
    // A press keeps what is shown.
  }

  /** Nothing is left half-done: the preview goes, and the caller may leave the tool. */
  cancel(): boolean {
    this.editor.dropPreview();
    return false;
  }

  confirm(): boolean {
    const name = this.id === "simplify" ? msg`Simplify` : msg`Smooth`;
    this.editor.commitPreview(this.#entries.length > 1 ? msg`${name} ${this.#entries.length} objects` : name);
    this.editor.setTool("select");
    return true;
  }

  back(): boolean {
    this.editor.setTool("select");
    return true;
  }

  adjust(steps: number): boolean {
    const { refining } = this.editor;
    if (this.id === "simplify") refining.adjustTolerance(steps);
    else refining.adjustStrength(steps);
    this.#show();
    return true;
  }

  #show(): void {
    const { editor } = this;
    const { tolerancePx, strength } = editor.refining;
    if (!this.#entries.length) return editor.say(msg`Select a polygon, a line or a mask first.`);
    const next = this.id === "simplify" ? this.#simplified() : this.#smoothed();
    editor.preview(next);
    const [before, after] = [pointsOf(this.#entries), pointsOf(next)];
    const what = this.id === "simplify" ? msg`Tolerance ${tolerancePx.toFixed(1)} px` : msg`Smoothed ${strength} ${strength === 1 ? "time" : "times"}`;
    this.#caption = before ? msg`${what}: ${after} of ${before} points` : what;
    editor.changed("tool");
  }

  #simplified(): Entry[] {
    return this.#withPolygons(simplifiedPolygons(this.#rings(), this.editor.refining.tolerancePx, this.#fixed)).map((e) => {
      const { geometry } = e.annotation;
      return geometry.kind === "polyline" ? withGeometry(e, { kind: "polyline", points: simplifiedLine(geometry.points, this.editor.refining.tolerancePx) }) : e;
    });
  }

  #smoothed(): Entry[] {
    return this.#withPolygons(smoothedPolygons(this.#rings(), this.editor.refining.strength, this.#fixed)).map((e) => {
      const { geometry } = e.annotation;
      if (geometry.kind === "polyline") return withGeometry(e, { kind: "polyline", points: smoothedLine(geometry.points, this.editor.refining.strength) });
      if (geometry.kind !== "mask") return e;
      return withGeometry(e, maskOfSpans(smoothedSpans(spansOfMask(geometry), this.editor.refining.strength, this.editor.frame)) ?? geometry);
    });
  }

  #rings(): Rings[] {
    return this.#entries.flatMap(({ annotation: { geometry } }) => (geometry.kind === "polygon" ? [geometry.rings] : []));
  }

  #withPolygons(polygons: readonly Rings[]): Entry[] {
    let at = 0;
    return this.#entries.map((e) => (e.annotation.geometry.kind === "polygon" ? withGeometry(e, { kind: "polygon", rings: polygons[at++]! }) : e));
  }
}

export function canRefine({ annotation: { geometry } }: Entry, how: Refinement): boolean {
  return geometry.kind === "polygon" || geometry.kind === "polyline" || (geometry.kind === "mask" && how === "smooth");
}

/** Rings of polygons that are not changed but may share a border. */
function neighboursOf(editor: Editor, entries: readonly Entry[]): Rings {
  const own = new Set(entries.map((e) => e.annotation.annotation_id));
  const boxes = entries.map((e) => boundsOfGeometry(e.annotation.geometry));
  return editor.document.inOrder().flatMap(({ annotation: { annotation_id, geometry } }) =>
    geometry.kind === "polygon" && !own.has(annotation_id) && boxes.some((b) => intersects(b, boundsOfGeometry(geometry))) ? geometry.rings : [],
  );
}

function pointsOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { annotation: { geometry } }) => {
    if (geometry.kind === "polygon") return sum + (geometry as PolygonGeometry).rings.reduce((n, ring) => n + ring.length, 0);
    return geometry.kind === "polyline" ? sum + geometry.points.length : sum;
  }, 0);
}
