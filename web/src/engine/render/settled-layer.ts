/**
 * Everything that is not in hand, drawn once into a bitmap with a margin and then only moved.
 * Few objects are painted straight onto the screen until their bitmap is ready. Many are shown by the bitmap they had,
 * moved and stretched as the view zooms or turns, until a sharp one has been drawn over several frames.
 */
import { type Bounds, inflated, intersects } from "../geometry";
import type { View } from "../viewport";
import type { Surface } from "./paint";
import { type Stage, areaOf, between, isSameLay, onScreen, onScreenBounds, onSheet } from "./stage";

export interface Bitmap {
  width: number;
  height: number;
  getContext(kind: "2d", options?: { readonly alpha: boolean }): Surface | null;
}

/** Browsers put drawing off until somebody looks. */
export function drawNow(bitmap: Bitmap, makeBitmap: () => Bitmap): void {
  makeBitmap().getContext("2d")?.drawImage(bitmap as unknown as CanvasImageSource, 0, 0, 1, 1, 0, 0, 1, 1);
}

export interface SettledSource {
  /** Things to draw in an area of the image, lowest first. */
  itemsIn(area: Bounds): readonly SettledItem[];
}

export interface SettledItem {
  readonly bounds: Bounds;
  /** Paints on the sheet: image * scale + offset. The surface may be turned, so its transform is never set here. */
  paint(to: Surface, view: View): void;
}

/** What a frame may cost. */
export interface Pace {
  readonly now: () => number;
  readonly budgetMs: number;
}

interface Plate {
  readonly bitmap: Bitmap;
  readonly surface: Surface;
  /** What it was drawn for. */
  readonly stage: Stage;
  /** The part of the image plane it shows. */
  readonly area: Bounds;
}

interface Build {
  readonly plate: Plate;
  readonly items: readonly SettledItem[];
  next: number;
}

const MARGIN_PX = 320;
/** Up to so many objects are painted straight onto the screen: when there is no bitmap yet, and while the view zooms. */
const FEW = 1500;
const FEW_IN_MOTION = 300;
/** Painted into a bitmap in one frame; the browser rasters them after the script, where no clock of ours sees it. */
const A_FRAME = 400;
/** A view that still zooms or turns is not worth a sharp bitmap. */
const STILL_MS = 90;
/** Outlines, dashes and tags reach beyond the bounds by this much on screen. */
const BLEED_PX = 20;
/** Shapes may overhang the picture by this share of it. */
const OVERHANG = 0.25;

export class SettledLayer {
  #plate: Plate | null = null;
  #build: Build | null = null;
  #spare: Bitmap | null = null;
  #isStale = true;
  #dirty: Bounds[] = [];
  #last: Stage | null = null;
  #laidAt = 0;
  /** Objects in view when they were last looked up. */
  #count = 0;
  #isSharp = false;
  readonly #populated: Bounds;

  constructor(private readonly source: SettledSource, private readonly makeBitmap: () => Bitmap, frameArea: Bounds) {
    this.#populated = inflated(frameArea, OVERHANG * Math.max(frameArea.x1 - frameArea.x0, frameArea.y1 - frameArea.y0));
  }

  /** Everything may look different now. */
  invalidate(): void {
    this.#isStale = true;
    this.#build = null;
  }

  /** Only this area changed. */
  repaint(area: Bounds): void {
    if (this.#build) this.#dirty.push(area);
    if (this.#plate) this.#patch(this.#plate, area);
  }

  /** Draws the layer for this stage as well as it can at once. */
  draw(to: Surface, stage: Stage, now: number): void {
    this.#note(stage, now);
    this.#isSharp = true;
    if (this.isReadyFor(stage)) return this.#blit(to, this.#plate!, stage);
    if (this.#paintDirectly(to, stage)) return;
    this.#isSharp = false;
    const shown = this.#plate ?? this.#build?.plate;
    if (shown) this.#blit(to, shown, stage);
  }

  /** Whether there is work left on the bitmap for the stage last drawn. */
  get isUnfinished(): boolean {
    return this.#last !== null && !this.isReadyFor(this.#last);
  }

  /** Works on the bitmap for one frame; true when the layer can be drawn better than it is. */
  work(stage: Stage, pace: Pace): boolean {
    // The first look is not made to wait.
    if (!this.#last || this.isReadyFor(stage)) return false;
    const started = pace.now();
    this.#note(stage, started);
    if (this.restMs(started) > 0) return false;
    if (this.#build && !this.#serves(this.#build.plate, stage)) this.#build = null;
    this.#build ??= this.#begun(stage);
    const build = this.#build;
    const end = Math.min(build.items.length, build.next + A_FRAME);
    while (build.next < end) {
      build.items[build.next++]!.paint(build.plate.surface, build.plate.stage.view);
      if (build.next % 64 === 0 && pace.now() - started > pace.budgetMs) break;
    }
    if (build.next >= build.items.length) this.#swap(build.plate);
    return !this.#isSharp && (this.isReadyFor(stage) || this.#plate === null);
  }

  /** How long the view must still rest before `work` does anything, in ms; 0 when it would now. */
  restMs(now: number): number {
    return this.#isSharp || !this.#isStale ? Math.max(0, STILL_MS - (now - this.#laidAt)) : 0;
  }

  /** Works on the bitmap for one slice of time before anything is on screen; true when it is ready. */
  prepare(stage: Stage, pace: Pace): boolean {
    if (!this.#last || !isSameLay(this.#last, stage)) [this.#last, this.#laidAt] = [stage, -Infinity];
    this.work(stage, pace);
    if (!this.isReadyFor(stage)) return false;
    drawNow(this.#plate!.bitmap, this.makeBitmap);
    return true;
  }

  #note(stage: Stage, now: number): void {
    if (!this.#last || !isSameLay(this.#last, stage)) this.#laidAt = now;
    this.#last = stage;
  }

  /** Whether the bitmap shows all of this stage, pixel for pixel. */
  isReadyFor(stage: Stage): boolean {
    return !this.#isStale && this.#plate !== null && this.#serves(this.#plate, stage);
  }

  #begun(stage: Stage): Build {
    const area = areaOf(stage, MARGIN_PX);
    const items = this.source.itemsIn(area);
    this.#count = items.length;
    this.#dirty = [];
    return { plate: this.#newPlate(stage, area), items, next: 0 };
  }

  /** Paints what is in view onto the screen itself; false when that is too much. */
  #paintDirectly(to: Surface, stage: Stage): boolean {
    const most = this.#plate && !this.#isStale ? FEW_IN_MOTION : FEW;
    // What was counted last only says when looking is not worth it: that may have been a larger area.
    if (this.#count > most * 8) return false;
    const items = this.source.itemsIn(areaOf(stage));
    this.#count = items.length;
    if (items.length > most) return false;
    onSheet(to, stage);
    to.lineJoin = "round";
    for (const item of items) item.paint(to, stage.view);
    onScreen(to, stage.ratio);
    return true;
  }

  /** Whether the plate shows all that is in view, pixel for pixel. */
  #serves(plate: Plate, stage: Stage): boolean {
    if (!isSameLay(plate.stage, stage)) return false;
    const { e, f } = between(plate.stage, stage);
    const b = onScreenBounds(stage, this.#populated);
    const has = { x0: e - MARGIN_PX, y0: f - MARGIN_PX, x1: e + stage.width + MARGIN_PX, y1: f + stage.height + MARGIN_PX };
    return Math.max(b.x0, 0) >= has.x0 && Math.max(b.y0, 0) >= has.y0 && Math.min(b.x1, stage.width) <= has.x1 && Math.min(b.y1, stage.height) <= has.y1;
  }

  #swap(plate: Plate): void {
    this.#spare = this.#plate?.bitmap ?? null;
    this.#plate = plate;
    this.#build = null;
    this.#isStale = false;
    for (const area of this.#dirty) this.#patch(plate, area);
    this.#dirty = [];
  }

  #newPlate(stage: Stage, area: Bounds): Plate {
    const bitmap = this.#spare ?? this.makeBitmap();
    this.#spare = null;
    const w = Math.ceil((stage.width + 2 * MARGIN_PX) * stage.ratio);
    const h = Math.ceil((stage.height + 2 * MARGIN_PX) * stage.ratio);
    if (bitmap.width !== w || bitmap.height !== h) {
      bitmap.width = w;
      bitmap.height = h;
    }
    const surface = bitmap.getContext("2d");
    if (!surface) throw new Error("This browser gives no 2D canvas.");
    surface.setTransform(1, 0, 0, 1, 0, 0);
    surface.clearRect(0, 0, w, h);
    onSheet(surface, stage, MARGIN_PX);
    surface.lineJoin = "round";
    return { bitmap, surface, stage, area };
  }

  #patch(plate: Plate, area: Bounds): void {
    const { surface, stage: { view } } = plate;
    const reach = inflated(area, BLEED_PX / view.scale);
    if (!intersects(reach, plate.area)) return;
    // Whole pixels, so that the seam of a patch does not show.
    const x = Math.floor(reach.x0 * view.scale + view.tx);
    const y = Math.floor(reach.y0 * view.scale + view.ty);
    const w = Math.ceil(reach.x1 * view.scale + view.tx) - x;
    const h = Math.ceil(reach.y1 * view.scale + view.ty) - y;
    surface.save();
    surface.beginPath();
    surface.rect(x, y, w, h);
    surface.clip();
    surface.clearRect(x, y, w, h);
    for (const item of this.source.itemsIn(inflated(reach, BLEED_PX / view.scale))) item.paint(surface, view);
    surface.restore();
  }

  #blit(to: Surface, plate: Plate, stage: Stage): void {
    const { a, b, c, d, e, f } = between(plate.stage, stage);
    const { ratio } = stage;
    // From the plate's pixels to the screen's: the margin off, then where the old stage has gone.
    const k = ratio / plate.stage.ratio;
    const margin = MARGIN_PX * plate.stage.ratio;
    const at = (x: number, shift: number): number => (isSameLay(plate.stage, stage) ? Math.round(x * ratio + shift) : x * ratio + shift);
    to.setTransform(a * k, b * k, c * k, d * k, at(e, -(a * k + c * k) * margin), at(f, -(b * k + d * k) * margin));
    // Stretched only while the view zooms or turns: speed matters more than smoothness then.
    to.imageSmoothingEnabled = false;
    to.drawImage(plate.bitmap as unknown as CanvasImageSource, 0, 0);
    onScreen(to, ratio);
  }
}
