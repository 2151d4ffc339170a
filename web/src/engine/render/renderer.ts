/** Draws an editor onto two stacked canvases: picture and settled objects below, what is in hand above. */
import { type Bounds, type Point, union } from "../geometry";
import { boundsOfGeometry, shapeOf } from "../shapes/registry";
import { byStack } from "../edits/document";
import type { Entry } from "../edits/delta";
import type { Aspect, Editor } from "../editor";
import { linksIn } from "../ontology";
import type { Annotation } from "../types";
import { Backdrop } from "./backdrop";
import { paintLive } from "./live-layer";
import type { Look } from "./look";
import { paintLoupe } from "./loupe";
import { type Stroke, type Surface, paintShape, paintTag, tagWidth } from "./paint";
import type { Picture } from "./picture";
import { type Plate, paintPlates, plateArea } from "./plates";
import { paintCrosshair, paintGrid } from "./screen-marks";
import { type Bitmap, type SettledItem, SettledLayer } from "./settled-layer";
import { type Stage, areaOf, onScreen, onScreenBounds, onSheet, stageOf } from "./stage";

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

export interface RendererPorts {
  readonly base: Surface;
  readonly live: Surface;
  readonly makeBitmap: () => Bitmap;
  /** Colour around the picture. */
  readonly ground: () => string;
  /** Asks for one call of `render` at the next frame. */
  readonly requestFrame: (run: () => void) => void;
  readonly now: () => number;
  readonly pointer: () => Point | null;
}

const FRAME_BUDGET_MS = 7;
/** More objects in view than this are too many to be named. */
const MOST_PLATES = 1000;
/** The plate of the selected object lies a little higher, clear of its handles. */
const ACTIVE_LIFT_PX = 7;

export class Renderer {
  readonly options: RenderOptions;
  #ratio = 1;
  #isAsked = false;
  #baseIsDirty = true;
  #isAlone = false;
  #isGone = false;
  #shownPreview = new Map<string, Bounds>();
  #lastBounds = new Map<string, Bounds>();
  readonly #backdrop: Backdrop;
  readonly #settled: SettledLayer;
  readonly #unsubscribe: () => void;

  constructor(private readonly editor: Editor, private readonly ports: RendererPorts, options: RenderOptions) {
    this.options = options;
    const frame = { x0: 0, y0: 0, x1: editor.frame.width, y1: editor.frame.height };
    this.#backdrop = new Backdrop(ports.makeBitmap, ports.ground);
    this.#settled = new SettledLayer({ itemsIn: (area) => this.#itemsIn(area) }, ports.makeBitmap, frame);
    this.#unsubscribe = editor.subscribe((aspect, ids) => this.#onChange(aspect, ids));
  }

  destroy(): void {
    this.#isGone = true;
    this.#unsubscribe();
  }

  setPicture(picture: Picture | null): void {
    this.#backdrop.picture = picture;
    this.refresh();
  }

  /** More of the picture has come, or the colour around it is another. */
  pictureChanged(): void {
    this.#backdrop.invalidate();
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
    this.#isAlone = this.#showsSelectedAlone;
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
    if (aspect === "selection" && this.#isAlone !== this.#showsSelectedAlone) return this.restyle();
    if (aspect === "view" || (aspect === "selection" && this.options.look.tags === "always")) this.#baseIsDirty = true;
    this.#ask();
  }

  get #showsSelectedAlone(): boolean {
    return this.options.look.isOnlySelected && this.editor.selection.size > 0;
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
    // The picture may have been given back by now.
    if (this.#isGone) return;
    const stage = stageOf(this.editor.viewport, this.#ratio);
    const { showsShapes } = this.options;
    if (showsShapes && this.#settled.work(stage, { now: this.ports.now, budgetMs: FRAME_BUDGET_MS })) this.#baseIsDirty = true;
    if (this.#baseIsDirty) this.#renderBase(stage);
    this.#renderLive(stage);
    if (showsShapes && this.#settled.isUnfinished) this.#ask();
  }

  #renderLive(stage: Stage): void {
    const { live } = this.ports;
    const { look } = this.options;
    const pointer = this.ports.pointer();
    clear(live, stage);
    const isDrawing = this.editor.tool.draws !== null && this.editor.tool.cursor !== "none";
    if (pointer && isDrawing && look.hasCrosshair) paintCrosshair(live, pointer, stage.width, stage.height);
    onSheet(live, stage);
    paintLive(live, this.editor, this.options);
    if (pointer && look.loupe !== null) paintLoupe(live, stage, { at: pointer, zoom: look.loupe, picture: this.#backdrop.picture, itemsIn: (area) => this.#loupeItems(area) });
    onScreen(live, stage.ratio);
  }

  #renderBase(stage: Stage): void {
    const { base, now } = this.ports;
    const { look, showsShapes } = this.options;
    this.#baseIsDirty = false;
    this.#backdrop.draw(base, stage);
    if (look.gridPx !== null) {
      onSheet(base, stage);
      paintGrid(base, stage.view, areaOf(stage), this.editor.frame, look.gridPx);
      onScreen(base, stage.ratio);
    }
    if (!showsShapes) return;
    this.#settled.draw(base, stage, now());
    if (look.tags === "always") this.#paintPlates(stage);
  }

  #paintPlates(stage: Stage): void {
    const { editor, options, ports: { base } } = this;
    const entries = this.#entriesIn(areaOf(stage));
    if (entries.length > MOST_PLATES) return;
    const plateOf = ({ annotation }: Entry): Plate => {
      const { x0, y0 } = onScreenBounds(stage, editor.scene.boundsOf(annotation.annotation_id) ?? boundsOfGeometry(annotation.geometry));
      return { text: options.tagOf(annotation), color: options.colorOf(annotation), x: x0, y: y0 };
    };
    const { active } = editor;
    // That of the selected object is painted with what is in hand.
    const rest = entries.filter((e) => e.annotation !== active).reverse();
    const own = active && plateOf({ annotation: active, z: 0 });
    onScreen(base, stage.ratio);
    paintPlates(base, rest.map(plateOf), own ? [plateArea(own.x, own.y - ACTIVE_LIFT_PX, tagWidth(base, own.text))] : []);
  }

  /** What lies in an area, with what is in hand on top. */
  #loupeItems(area: Bounds): SettledItem[] {
    const { editor, options } = this;
    if (!options.showsShapes) return [];
    const inHand = [...new Set([...editor.selection, ...editor.previewed.keys()])].flatMap((id) => editor.shown(id) ?? []);
    return [...this.#itemsIn(area), ...inHand.filter((e) => !editor.isHidden(e.annotation.annotation_id)).map((e) => this.#item(e))];
  }

  #itemsIn(area: Bounds): SettledItem[] {
    const overlays = this.options.overlays.map((o) => this.#overlayItem(o));
    return [...overlays, ...this.#entriesIn(area).map((e) => this.#item(e))];
  }

  /** The document's objects in an area as they are settled, lowest first. */
  #entriesIn(area: Bounds): Entry[] {
    const { editor, options } = this;
    const entries: Entry[] = [];
    for (const id of options.showsLabels && !this.#showsSelectedAlone ? editor.scene.within(area) : []) {
      if (editor.isHidden(id) || editor.previewed.has(id)) continue;
      const entry = editor.document.find(id);
      if (!entry) continue;
      this.#lastBounds.set(id, editor.scene.boundsOf(id)!);
      entries.push(entry);
    }
    return entries.sort(byStack);
  }

  #item({ annotation }: Entry): SettledItem {
    const { options, editor } = this;
    const bounds = editor.scene.boundsOf(annotation.annotation_id) ?? boundsOfGeometry(annotation.geometry);
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

function clear(surface: Surface, { width, height, ratio }: Stage): void {
  onScreen(surface, ratio);
  surface.clearRect(0, 0, width, height);
}
