/** Intelligent scissors: the line from the last click to the pointer keeps to the edges; a click fixes it. */
import { type Point, boundsOf, distance, signedArea } from "../geometry";
import type { Editor } from "../editor";
import type { Assistants } from "../assist/port";
import { type Wire, strongestNear, wayTo } from "../assist/live-wire";
import { thinned, thinnedLine } from "../assist/outcome";
import { type Patch, nearestPixel, patchBounds, toImage } from "../assist/raster";
import type { WireAnswer } from "../assist/workshop";
import { maskOfSpans } from "../raster/runs";
import { spansOfRings } from "../raster/scan";
import type { Handle } from "../shapes/shape";
import type { Geometry, GeometryKind } from "../types";
import { Candidate, inFrame, patchInView } from "./candidate";
import { type PointerInput, REACH_PX, type Sketch, type Tool } from "./tool";
import { msg } from "../text";

/** A click and the line that leads to it from the click before. */
interface Anchor {
  readonly at: Point;
  readonly line: readonly Point[];
}

interface Lead extends WireAnswer {
  readonly patch: Patch;
}

const MOST_WIRE_PX = 700;
/** How far from the pointer an edge draws the line, in screen pixels. */
const PULL_PX = 7;
const LOOSENESS_PX = 0.75;

export class ScissorsTool implements Tool {
  readonly id = "scissors";
  readonly cursor = "crosshair";
  #anchors: readonly Anchor[] = [];
  #pointer: Point = [0, 0];
  #isStraight = false;
  #lead: Lead | null = null;
  #asked = 0;
  #beganMs = 0;
  readonly #candidate: Candidate;

  constructor(private readonly editor: Editor, private readonly assistants: Assistants) {
    this.#candidate = new Candidate(editor, assistants, () => "assist:scissors");
  }

  get draws(): GeometryKind {
    return this.#isOpenLine ? "polyline" : this.#candidate.kind;
  }

  get state(): string {
    return !this.#anchors.length ? "idle" : this.#lead ? "drawing" : "searching";
  }

  get sketch(): Sketch | null {
    const first = this.#anchors[0];
    if (!first) return null;
    const points = [...this.#path(), ...this.#lineTo(this.#pointer, this.#isStraight).slice(1)];
    const handles = this.#anchors.map(({ at }, i): Handle => ({ id: String(i), at, cursor: "crosshair", role: "vertex" }));
    const hotId = this.#isAtStart(this.#pointer) ? "0" : null;
    return { kind: "geometry", geometry: { kind: "polyline", points: points.length > 1 ? points : [first.at, this.#pointer] }, handles, hotId };
  }

  down(input: PointerInput): void {
    if (input.button === 2) return void this.back();
    if (input.button !== 0) return;
    const at = inFrame(this.editor, input.at);
    if (input.clicks > 1 && this.#anchors.length > 1) return void this.confirm();
    if (this.#isAtStart(at)) return void this.#finish();
    if (!this.#anchors.length) this.#beganMs = this.editor.now();
    const line = this.#anchors.length ? this.#lineTo(at, input.shift) : [at];
    this.#fix({ at: line.at(-1)!, line });
  }

  move(input: PointerInput): void {
    this.#pointer = inFrame(this.editor, input.at);
    this.#isStraight = input.shift;
    this.editor.changed("live");
  }

  up(): void {
    // Points are fixed on press.
  }

  cancel(): boolean {
    const wasBusy = this.#anchors.length > 0;
    this.#clear();
    return wasBusy;
  }

  confirm(): boolean {
    if (!this.#anchors.length) return false;
    this.#finish();
    return true;
  }

  back(): boolean {
    if (!this.#anchors.length) return false;
    this.#anchors = this.#anchors.slice(0, -1);
    if (this.#anchors.length) this.#search();
    else this.#clear();
    this.editor.changed("live");
    return true;
  }

  restyle(): void {
    // Nothing of the options shows before the end.
  }

  /** The class in hand is drawn as an open line and as nothing that encloses an area. */
  get #isOpenLine(): boolean {
    const kinds = this.editor.currentClass?.geometry_kinds ?? [];
    return kinds.includes("polyline") && !kinds.some((kind) => ["mask", "polygon", "box"].includes(kind));
  }

  #fix(anchor: Anchor): void {
    this.#anchors = [...this.#anchors, anchor];
    this.#pointer = anchor.at;
    this.#search();
    this.editor.changed("live");
  }

  /** Asks for the ways from the newest anchor; until they are there the line is straight. */
  #search(): void {
    const last = this.#anchors.at(-1)!;
    const number = ++this.#asked;
    this.#lead = null;
    const patch = patchInView(this.editor, MOST_WIRE_PX);
    const b = patchBounds(patch);
    const [x, y] = last.at;
    if (x < b.x0 || y < b.y0 || x > b.x1 || y > b.y1) return;
    const reach = this.#anchors.length === 1 ? PULL_PX / this.editor.viewport.scale : 0;
    void this.assistants.ask("wire", patch, { anchor: last.at, reach }).then((found) => {
      if (!found || number !== this.#asked) return;
      this.#lead = { ...found, patch };
      // The first click is drawn onto the edge near it.
      if (this.#anchors.length === 1) {
        const at = this.#placeOf(found.anchor, patch);
        this.#anchors = [{ at, line: [at] }];
      }
      this.editor.changed("live");
    });
  }

  /** The line from the last anchor to a place: along edges where the ways are known, else straight. */
  #lineTo(to: Point, isStraight: boolean): Point[] {
    const last = this.#anchors.at(-1)!;
    const lead = this.#lead;
    const straight = [last.at, to];
    if (isStraight || !lead) return straight;
    const b = patchBounds(lead.patch);
    if (to[0] < b.x0 || to[1] < b.y0 || to[0] > b.x1 || to[1] > b.y1) return straight;
    const { width, height, scale } = lead.patch;
    const reach = Math.round((PULL_PX / this.editor.viewport.scale) * scale);
    const pixel = strongestNear({ width, height, strength: lead.strength }, nearestPixel(lead.patch, to), reach);
    const wire: Wire = { width, height, anchor: lead.anchor, towards: lead.towards };
    const way = thinnedLine(wayTo(wire, pixel), LOOSENESS_PX).map((p) => toImage(lead.patch, p));
    return way.length > 1 ? [last.at, ...way.slice(1)] : straight;
  }

  #placeOf(pixel: number, patch: Patch): Point {
    const x = pixel % patch.width;
    return toImage(patch, [x + 0.5, (pixel - x) / patch.width + 0.5]);
  }

  #path(): Point[] {
    return this.#anchors.flatMap(({ line }, i) => (i === 0 ? [...line] : line.slice(1)));
  }

  #isAtStart(at: Point): boolean {
    const first = this.#anchors[0];
    return first !== undefined && this.#anchors.length > 1 && !this.#isOpenLine && distance(first.at, at) * this.editor.viewport.scale <= REACH_PX * 1.4;
  }

  #finish(): void {
    const first = this.#anchors[0]!;
    const path = this.#path();
    const closing = this.#anchors.length > 1 ? this.#lineTo(first.at, false).slice(1, -1) : [];
    const geometry = this.#isOpenLine ? openLine(path) : this.#enclosed(thinned([...path, ...closing], LOOSENESS_PX / 2));
    if (!geometry) return this.editor.say(msg`Click along the border all the way round first.`);
    const { suggestions, keepsDrawing } = this.editor;
    const [made] = suggestions.offer([{ source: "assist:scissors", geometry, shownMs: this.#beganMs }]);
    this.#clear();
    const ids = suggestions.accept([made!.id]);
    if (!ids.length) suggestions.withdraw([made!.id]);
    else if (!keepsDrawing) {
      this.editor.setTool("select");
      this.editor.select(ids);
    }
  }

  #enclosed(ring: readonly Point[]): Geometry | null {
    if (ring.length < 3 || Math.abs(signedArea(ring)) < 4) return null;
    switch (this.#candidate.kind) {
      case "mask":
        return maskOfSpans(spansOfRings([ring], this.editor.frame));
      case "polygon":
        return { kind: "polygon", rings: [ring] };
      case "box": {
        const b = boundsOf(ring);
        return { kind: "box", box_xyxy: [b.x0, b.y0, b.x1, b.y1] };
      }
    }
  }

  #clear(): void {
    this.#asked += 1;
    this.#anchors = [];
    this.#lead = null;
    this.editor.changed("live");
  }
}

function openLine(points: readonly Point[]): Geometry | null {
  return points.length > 1 ? { kind: "polyline", points } : null;
}
