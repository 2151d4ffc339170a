/** What the assistants' drawing tools share: one suggestion under way, asked for again as the person goes on. */
import { type Bounds, type Point, clampPoint } from "../geometry";
import type { Editor } from "../editor";
import type { Assistants } from "../assist/port";
import { type Found, type OutcomeKind, outcomeKindFor, outcomeKinds } from "../assist/outcome";
import { type Patch, patchOver } from "../assist/raster";
import type { Suggestion } from "../assist/suggestions";

/** The longer side of what a view-wide assistant looks at, in pixels. */
export const MOST_VIEW_PX = 1000;

export class Candidate {
  #suggestion: Suggestion | null = null;
  #asked = 0;

  constructor(private readonly editor: Editor, private readonly assistants: Assistants, private readonly source: () => string) {}

  get isThere(): boolean {
    return this.#suggestion !== null;
  }

  /** The kind of shape that is made for the class in hand. */
  get kind(): OutcomeKind {
    const { editor } = this;
    const own = outcomeKindFor(editor.currentClass, this.assistants.options.kind);
    return own ?? outcomeKinds.find((kind) => editor.ontology.classes.some((c) => c.geometry_kinds.includes(kind))) ?? "polygon";
  }

  /**
   * Asks and shows the answer in place of the last one, unless something newer was asked meanwhile.
   *
   * @param nothing What is said when nothing was found.
   */
  async show(ask: () => Promise<Found | null>, nothing: string): Promise<void> {
    const number = ++this.#asked;
    const found = await ask();
    if (number !== this.#asked) return;
    if (found) this.put(found);
    else {
      this.withdraw();
      this.editor.say(nothing);
    }
  }

  put(found: Found): void {
    const { suggestions } = this.editor;
    const [made] = this.#suggestion ? [] : suggestions.offer([{ source: this.source(), ...found }]);
    if (made) {
      this.#suggestion = made;
      suggestions.setCurrent(made.id);
    } else suggestions.reshape(this.#suggestion!.id, found);
  }

  /** Takes it into the labels; goes on drawing or selects it, as every drawing tool does. */
  accept(): boolean {
    const suggestion = this.#take();
    if (!suggestion) return false;
    const { editor } = this;
    const ids = editor.suggestions.accept([suggestion.id]);
    // No class takes it: it goes, or it would stay on screen for ever.
    if (!ids.length) editor.suggestions.withdraw([suggestion.id]);
    else if (!editor.keepsDrawing) {
      editor.setTool("select");
      editor.select(ids);
    }
    return true;
  }

  refuse(): boolean {
    const suggestion = this.#take();
    if (suggestion) this.editor.suggestions.refuse([suggestion.id]);
    return suggestion !== null;
  }

  withdraw(): void {
    const suggestion = this.#take();
    if (suggestion) this.editor.suggestions.withdraw([suggestion.id]);
  }

  #take(): Suggestion | null {
    const suggestion = this.#suggestion;
    this.#asked += 1;
    this.#suggestion = null;
    return suggestion;
  }
}

/** What the person sees, with some room around it, at the resolution at which they see it. */
export function patchInView(editor: Editor, most = MOST_VIEW_PX): Patch {
  const { viewport, frame } = editor;
  const v = viewport.visible();
  const room = 0.1 * Math.max(v.x1 - v.x0, v.y1 - v.y0);
  return patchOver({ x0: v.x0 - room, y0: v.y0 - room, x1: v.x1 + room, y1: v.y1 + room }, frame, most, roundScale(viewport.scale));
}

/** The patch around a shape, at most so many pixels on its longer side. */
export function patchAround(editor: Editor, area: Bounds, most: number): Patch {
  return patchOver(area, editor.frame, most);
}

/** In steps, so that a little zooming asks for no new pixels. */
function roundScale(scale: number): number {
  return Math.min(1, 2 ** (Math.ceil(Math.log2(scale) * 2) / 2));
}

export function isInFrame(editor: Editor, [x, y]: Point): boolean {
  return x >= 0 && y >= 0 && x <= editor.frame.width && y <= editor.frame.height;
}

export function inFrame(editor: Editor, at: Point): Point {
  return clampPoint(at, editor.frame);
}
