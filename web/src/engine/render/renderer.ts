/** Draws an editor onto two stacked canvases: picture and settled objects below, what is in hand above. */
import { type Bounds, type Point, union } from "../geometry";
import type { Entry } from "../edits/delta";
import type { Aspect, Editor } from "../editor";
import { Backdrop } from "./backdrop";
import { paintLive } from "./live-layer";
import { paintLoupe } from "./loupe";
import { Objects, type RenderOptions } from "./objects";
import { type Surface, tagWidth } from "./paint";
import type { Picture } from "./picture";
import { type Plate, paintPlates, plateArea } from "./plates";
import { paintCrosshair, paintGrid } from "./screen-marks";
import { type Bitmap, SettledLayer } from "./settled-layer";
import { type Stage, areaOf, onScreen, onScreenBounds, onSheet, stageOf } from "./stage";

export interface RendererPorts {
  readonly base: Surface;
  readonly live: Surface;
  readonly makeBitmap: () => Bitmap;
  /** Colour around the picture. */
  readonly ground: () => string;
  /** Asks for one call of `render` at the next frame. */
  readonly requestFrame: (run: () => void) => void;
  readonly later: (ms: number, run: () => void) => void;
  readonly now: () => number;
  readonly pointer: () => Point | null;
}

/** The objects of an editor, and the bitmaps that they and the picture stand on; made ahead, its first frame has nothing left to draw. */
export interface Scenery {
  readonly objects: Objects;
  readonly settled: SettledLayer;
  readonly backdrop: Backdrop;
}

export function sceneryFor(editor: Editor, options: RenderOptions, { makeBitmap, ground }: Pick<RendererPorts, "makeBitmap" | "ground">): Scenery {
  const objects = new Objects(editor, options);
  const frameArea = { x0: 0, y0: 0, x1: editor.frame.width, y1: editor.frame.height };
  return { objects, settled: new SettledLayer(objects, makeBitmap, frameArea), backdrop: new Backdrop(makeBitmap, ground) };
}

const FRAME_BUDGET_MS = 7;
/** More objects in view than this are too many to be named. */
const MOST_PLATES = 1000;
/** The plate of the selected object lies a little higher, clear of its handles. */
const ACTIVE_LIFT_PX = 7;

export class Renderer {
  #ratio = 1;
  #isAsked = false;
  #baseIsDirty = true;
  #liveIsDirty = true;
  #isAlone = false;
  #isResting = false;
  #isGone = false;
  #hasDrawn = false;
  #shownPreview = new Map<string, Bounds>();
  readonly #backdrop: Backdrop;
  readonly #objects: Objects;
  readonly #settled: SettledLayer;
  readonly #unsubscribe: () => void;

  constructor(private readonly editor: Editor, private readonly ports: RendererPorts, scenery: Scenery) {
    this.#backdrop = scenery.backdrop;
    this.#objects = scenery.objects;
    this.#settled = scenery.settled;
    this.#isAlone = this.#objects.showsSelectedAlone;
    this.#unsubscribe = editor.subscribe((aspect, ids) => this.#onChange(aspect, ids));
  }

  get options(): RenderOptions {
    return this.#objects.options;
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

  /** Tells the device pixel ratio; the caller has sized the canvases, which wiped them: what was there is drawn at once. */
  resized(ratio: number): void {
    this.#ratio = ratio;
    this.refresh();
    if (this.#hasDrawn) this.#render();
  }

  /** Options changed: draw all anew. */
  restyle(): void {
    this.#isAlone = this.#objects.showsSelectedAlone;
    this.#settled.invalidate();
    this.refresh();
  }

  refresh(): void {
    this.#baseIsDirty = true;
    this.#liveIsDirty = true;
    this.#ask();
  }

  #onChange(aspect: Aspect, ids: ReadonlySet<string>): void {
    this.#liveIsDirty = true;
    if (aspect === "document" || aspect === "flags") this.#repaint(ids);
    if (aspect === "live" && (ids.size || this.#shownPreview.size)) this.#syncPreview();
    if (aspect === "selection" && this.#isAlone !== this.#objects.showsSelectedAlone) return this.restyle();
    if (aspect === "view" || (aspect === "selection" && this.options.look.tags === "always")) this.#baseIsDirty = true;
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
    const { lastBounds } = this.#objects;
    for (const id of ids) {
      const now = this.editor.scene.boundsOf(id);
      const before = lastBounds.get(id) ?? null;
      const area = now && before ? union(now, before) : (now ?? before);
      if (now) lastBounds.set(id, now);
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
    const { now, later } = this.ports;
    const stage = stageOf(this.editor.viewport, this.#ratio);
    const { showsShapes } = this.options;
    if (showsShapes && this.#settled.work(stage, { now, budgetMs: FRAME_BUDGET_MS })) this.#baseIsDirty = true;
    if (this.#baseIsDirty) this.#renderBase(stage);
    if (this.#liveIsDirty) this.#renderLive(stage);
    if (!showsShapes || !this.#settled.isUnfinished) return;
    const restMs = this.#settled.restMs(now());
    if (restMs <= 0) return this.#ask();
    if (this.#isResting) return;
    this.#isResting = true;
    later(restMs, () => {
      this.#isResting = false;
      this.#ask();
    });
  }

  #renderLive(stage: Stage): void {
    const { live } = this.ports;
    const { look } = this.options;
    const pointer = this.ports.pointer();
    this.#liveIsDirty = false;
    clear(live, stage);
    const isDrawing = this.editor.tool.draws !== null && this.editor.tool.cursor !== "none";
    if (pointer && isDrawing && look.hasCrosshair) paintCrosshair(live, pointer, stage.width, stage.height);
    onSheet(live, stage);
    paintLive(live, this.editor, this.options);
    if (pointer && look.loupe !== null) paintLoupe(live, stage, { at: pointer, zoom: look.loupe, picture: this.#backdrop.picture, itemsIn: (area) => this.#objects.allIn(area) });
    onScreen(live, stage.ratio);
  }

  #renderBase(stage: Stage): void {
    const { base, now } = this.ports;
    const { look, showsShapes } = this.options;
    this.#baseIsDirty = false;
    this.#hasDrawn = true;
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
    const { options, ports: { base } } = this;
    const entries = this.#objects.entriesIn(areaOf(stage));
    if (entries.length > MOST_PLATES) return;
    const plateOf = ({ annotation }: Entry): Plate => {
      const { x0, y0 } = onScreenBounds(stage, this.#objects.boundsOf(annotation));
      return { text: options.tagOf(annotation), color: options.colorOf(annotation), x: x0, y: y0 };
    };
    const { active } = this.editor;
    // That of the selected object is painted with what is in hand.
    const rest = entries.filter((e) => e.annotation !== active).reverse();
    const own = active && plateOf({ annotation: active, z: 0 });
    onScreen(base, stage.ratio);
    paintPlates(base, rest.map(plateOf), own ? [plateArea(own.x, own.y - ACTIVE_LIFT_PX, tagWidth(base, own.text))] : []);
  }
}

function clear(surface: Surface, { width, height, ratio }: Stage): void {
  onScreen(surface, ratio);
  surface.clearRect(0, 0, width, height);
}
