/** Draws an editor onto two stacked canvases: picture and settled objects below, what is in hand above. */
import { type Bounds, union } from "../geometry";
import { boundsOfGeometry, shapeOf } from "../shapes/registry";
import { byStack } from "../edits/document";
import type { Entry } from "../edits/delta";
import type { Aspect, Editor } from "../editor";
import type { Annotation } from "../types";
import { paintLive } from "./live-layer";
import { type Stroke, type Surface, paintShape, paintTag } from "./paint";
import { type Bitmap, type SettledItem, SettledLayer } from "./settled-layer";

/** A shape shown for comparison: it cannot be picked or changed. */
export interface Overlay {
  readonly annotation: Annotation;
  readonly color: string;
  readonly tag: string | null;
}

export interface RenderOptions {
  showsTags: boolean;
  showsCrosshair: boolean;
  /** Off for a look at the bare picture. */
  showsShapes: boolean;
  /** The document's own objects; overlays are drawn regardless. */
  showsLabels: boolean;
  /** Objects drawn with dashes, such as pre-labels that nobody has touched. */
  isTentative: (id: string) => boolean;
  colorOf: (annotation: Annotation) => string;
  tagOf: (annotation: Annotation) => string;
  overlays: readonly Overlay[];
}

export interface RendererPorts {
  readonly base: Surface;
  readonly live: Surface;
  readonly makeBitmap: () => Bitmap;
  /** Asks for one call of `render` at the next frame. */
  readonly requestFrame: (run: () => void) => void;
  readonly now: () => number;
  readonly pointer: () => readonly [number, number] | null;
}

/** Above this scale single pixels are shown as they are. */
const CRISP_SCALE = 6;
const FRAME_BUDGET_MS = 7;
const MOST_TAGS = 400;

export class Renderer {
  readonly options: RenderOptions;
  #image: CanvasImageSource | null = null;
  #ratio = 1;
  #isAsked = false;
  #baseIsDirty = true;
  #shownPreview = new Map<string, Bounds>();
  #lastBounds = new Map<string, Bounds>();
  readonly #settled: SettledLayer;
  readonly #unsubscribe: () => void;

  constructor(private readonly editor: Editor, private readonly ports: RendererPorts, options: RenderOptions) {
    this.options = options;
    const frame = { x0: 0, y0: 0, x1: editor.frame.width, y1: editor.frame.height };
    this.#settled = new SettledLayer({ itemsIn: (area) => this.#itemsIn(area) }, ports.makeBitmap, frame);
    this.#unsubscribe = editor.subscribe((aspect, ids) => this.#onChange(aspect, ids));
  }

  destroy(): void {
    this.#unsubscribe();
  }

  setImage(image: CanvasImageSource | null): void {
    this.#image = image;
    this.refresh();
  }

  /** Tells the size in CSS pixels and the device pixel ratio; the caller has sized the canvases. */
  resized(ratio: number): void {
    this.#ratio = ratio;
    this.#settled.invalidate();
    this.refresh();
  }

  /** Options changed: draw all anew. */
  restyle(): void {
    this.#settled.invalidate();
    this.refresh();
  }

  refresh(): void {
    this.#baseIsDirty = true;
    this.#ask();
  }

  #onChange(aspect: Aspect, ids: ReadonlySet<string>): void {
    if (aspect === "document" || aspect === "flags") this.#repaint(ids);
    if (aspect === "live" && (ids.size || this.#shownPreview.size)) this.#syncPreview();
    if (aspect === "view") this.#baseIsDirty = true;
    this.#ask();
  }

  /** Takes objects under change out of the settled bitmap, and puts them back afterwards. */
  #syncPreview(): void {
    const { previewed } = this.editor;
    for (const [id, bounds] of this.#shownPreview) {
      if (previewed.has(id)) continue;
      this.#shownPreview.delete(id);
      this.#repaintArea(bounds);
    }
    for (const id of previewed.keys()) {
      if (this.#shownPreview.has(id)) continue;
      const bounds = this.editor.scene.boundsOf(id);
      if (!bounds) continue;
      this.#shownPreview.set(id, bounds);
      this.#repaintArea(bounds);
    }
  }

  #repaint(ids: ReadonlySet<string>): void {
    if (ids.size > 200) {
      this.#settled.invalidate();
      this.#baseIsDirty = true;
      return;
    }
    for (const id of ids) {
      const now = this.editor.scene.boundsOf(id);
      const before = this.#lastBounds.get(id) ?? null;
      const area = now && before ? union(now, before) : (now ?? before);
      if (now) this.#lastBounds.set(id, now);
      if (area) this.#repaintArea(area);
    }
  }

  #repaintArea(area: Bounds): void {
    this.#settled.repaint(area);
    this.#baseIsDirty = true;
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.ports.requestFrame(() => this.#render());
  }

  #render(): void {
    this.#isAsked = false;
    if (this.#baseIsDirty) this.#renderBase();
    const { live } = this.ports;
    this.#clear(live);
    paintLive(live, this.editor, this.options, this.ports.pointer());
  }

  #renderBase(): void {
    const { base, now } = this.ports;
    const { viewport, frame } = this.editor;
    const { view } = viewport;
    this.#clear(base);
    if (this.#image) {
      base.imageSmoothingEnabled = view.scale < CRISP_SCALE;
      base.imageSmoothingQuality = view.scale < 0.5 ? "medium" : "low";
      base.drawImage(this.#image, view.tx, view.ty, frame.width * view.scale, frame.height * view.scale);
    }
    this.#baseIsDirty = false;
    if (!this.options.showsShapes) return;
    this.#baseIsDirty = this.#settled.draw(base, view, viewport.width, viewport.height, this.#ratio, now, FRAME_BUDGET_MS);
    if (this.#baseIsDirty) this.#ask();
  }

  #clear(to: Surface): void {
    to.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    to.clearRect(0, 0, this.editor.viewport.width, this.editor.viewport.height);
  }

  #itemsIn(area: Bounds): SettledItem[] {
    const { editor, options } = this;
    const entries: Entry[] = [];
    for (const id of options.showsLabels ? editor.scene.within(area) : []) {
      if (editor.isHidden(id) || editor.previewed.has(id)) continue;
      const entry = editor.document.find(id);
      if (!entry) continue;
      this.#lastBounds.set(id, editor.scene.boundsOf(id)!);
      entries.push(entry);
    }
    entries.sort(byStack);
    const hasTags = options.showsTags && entries.length <= MOST_TAGS;
    const overlays = options.overlays.map((o) => this.#overlayItem(o));
    return [...overlays, ...entries.map((e) => this.#item(e, hasTags))];
  }

  #item({ annotation }: Entry, hasTag: boolean): SettledItem {
    const { options, editor } = this;
    const bounds = boundsOfGeometry(annotation.geometry);
    const color = options.colorOf(annotation);
    const isTentative = options.isTentative(annotation.annotation_id);
    const stroke: Stroke = {
      color,
      width: 1.75,
      dash: isTentative ? [6, 4] : annotation.is_occluded ? [10, 3] : [],
      fillAlpha: isTentative ? 0.05 : 0.13,
      alpha: editor.isLocked(annotation.annotation_id) ? 0.6 : 1,
    };
    return {
      bounds,
      paint: (to, view) => {
        paintShape(to, annotation, view, bounds, stroke);
        if (hasTag) paintTag(to, options.tagOf(annotation), bounds.x0 * view.scale + view.tx, bounds.y0 * view.scale + view.ty, color);
      },
    };
  }

  #overlayItem({ annotation, color, tag }: Overlay): SettledItem {
    const bounds = shapeOf(annotation.geometry).bounds(annotation.geometry);
    const stroke: Stroke = { color, width: 1.5, dash: [], fillAlpha: 0, alpha: 0.95 };
    return {
      bounds,
      paint: (to, view) => {
        paintShape(to, annotation, view, bounds, stroke);
        if (tag) paintTag(to, tag, bounds.x0 * view.scale + view.tx, bounds.y1 * view.scale + view.ty + 16, color);
      },
    };
  }
}
