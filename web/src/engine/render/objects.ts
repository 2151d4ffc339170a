/** The objects of a document as things to paint: which lie in an area, and how each of them looks. */
import { type Bounds } from "../geometry";
import { boundsOfGeometry, shapeOf } from "../shapes/registry";
import { byStack } from "../edits/document";
import type { Entry } from "../edits/delta";
import type { Editor } from "../editor";
import { linksIn } from "../ontology";
import type { Annotation } from "../types";
import type { Look } from "./look";
import { type Stroke, paintShape, paintTag } from "./paint";
import type { SettledItem, SettledSource } from "./settled-layer";

/** A shape shown for comparison: it cannot be picked or changed. */
export interface Overlay {
  readonly annotation: Annotation;
  readonly color: string;
  readonly tag: string | null;
}

export interface RenderOptions {
  look: Look;
  /** Off for a look at the bare picture. */
  showsShapes: boolean;
  /** The document's own objects; overlays are drawn regardless. */
  showsLabels: boolean;
  /** Objects drawn with dashes, such as pre-labels that nobody has touched. */
  isTentative: (id: string) => boolean;
  colorOf: (annotation: Annotation) => string;
  /** Of what is being drawn. */
  sketchColor: () => string;
  /** Text of an object's plate; empty for none. */
  tagOf: (annotation: Annotation) => string;
  overlays: readonly Overlay[];
}

export class Objects implements SettledSource {
  /** Where an object was when it was last looked up, by id: what has moved away is painted over there. */
  readonly lastBounds = new Map<string, Bounds>();

  constructor(private readonly editor: Editor, readonly options: RenderOptions) {}

  get showsSelectedAlone(): boolean {
    return this.options.look.isOnlySelected && this.editor.selection.size > 0;
  }

  itemsIn(area: Bounds): SettledItem[] {
    const overlays = this.options.overlays.map((o) => this.#overlayItem(o));
    return [...overlays, ...this.entriesIn(area).map((e) => this.#item(e))];
  }

  /** What lies in an area, with what is in hand on top. */
  allIn(area: Bounds): SettledItem[] {
    const { editor, options } = this;
    if (!options.showsShapes) return [];
    const inHand = [...new Set([...editor.selection, ...editor.previewed.keys()])].flatMap((id) => editor.shown(id) ?? []);
    return [...this.itemsIn(area), ...inHand.filter((e) => !editor.isHidden(e.annotation.annotation_id)).map((e) => this.#item(e))];
  }

  /** The document's objects in an area as they are settled, lowest first. */
  entriesIn(area: Bounds): Entry[] {
    const { editor, options } = this;
    const entries: Entry[] = [];
    for (const id of options.showsLabels && !this.showsSelectedAlone ? editor.scene.within(area) : []) {
      if (editor.isHidden(id) || editor.previewed.has(id)) continue;
      const entry = editor.document.find(id);
      if (!entry) continue;
      this.lastBounds.set(id, editor.scene.boundsOf(id)!);
      entries.push(entry);
    }
    return entries.sort(byStack);
  }

  boundsOf({ annotation_id, geometry }: Annotation): Bounds {
    return this.editor.scene.boundsOf(annotation_id) ?? boundsOfGeometry(geometry);
  }

  #item({ annotation }: Entry): SettledItem {
    const { options, editor } = this;
    const bounds = this.boundsOf(annotation);
    const color = options.colorOf(annotation);
    const isTentative = options.isTentative(annotation.annotation_id);
    const { lineWidth, fillAlpha } = options.look;
    const stroke: Stroke = {
      color,
      width: lineWidth,
      dash: isTentative ? [6, 4] : annotation.is_occluded ? [10, 3] : [],
      fillAlpha: isTentative ? fillAlpha * 0.4 : fillAlpha,
      alpha: editor.isLocked(annotation.annotation_id) ? 0.6 : 1,
      links: linksIn(editor.ontology, annotation),
    };
    return { bounds, paint: (to, view) => paintShape(to, annotation, view, bounds, stroke) };
  }

  #overlayItem({ annotation, color, tag }: Overlay): SettledItem {
    const bounds = shapeOf(annotation.geometry).bounds(annotation.geometry);
    const stroke: Stroke = { color, width: Math.max(1, this.options.look.lineWidth - 0.25), dash: [], fillAlpha: 0, alpha: 0.95, links: linksIn(this.editor.ontology, annotation) };
    return {
      bounds,
      paint: (to, view) => {
        paintShape(to, annotation, view, bounds, stroke);
        if (tag) paintTag(to, tag, bounds.x0 * view.scale + view.tx, bounds.y1 * view.scale + view.ty + 16, color, false);
      },
    };
  }
}
