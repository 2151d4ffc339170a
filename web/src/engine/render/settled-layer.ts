/**
 * Everything that is not in hand, drawn once into a bitmap with a margin and then only moved.
 * Zooming stretches the bitmap until a sharp one is ready; a sharp one for many objects is drawn over several frames.
 */
import { type Bounds, inflated, intersects } from "../geometry";
import type { View } from "../viewport";
import type { Surface } from "./paint";

export interface Bitmap {
  width: number;
  height: number;
  getContext(kind: "2d"): Surface | null;
}

export interface SettledSource {
  /** Things to draw in an area of the image, lowest first. */
  itemsIn(area: Bounds): readonly SettledItem[];
}

export interface SettledItem {
  readonly bounds: Bounds;
  paint(to: Surface, view: View): void;
}

interface Plate {
  readonly bitmap: Bitmap;
  readonly surface: Surface;
  /** Maps image to plate pixels (CSS). */
  readonly view: View;
  /** The part of the image plane it shows. */
  readonly area: Bounds;
}

interface Build {
  readonly plate: Plate;
  readonly items: readonly SettledItem[];
  next: number;
}

const MARGIN_PX = 320;
/** Up to this many objects a fresh bitmap is drawn at once. */
const AT_ONCE = 600;
/** A view that still zooms is not worth a sharp bitmap. */
const STILL_MS = 90;
/** Outlines, dashes and tags reach beyond the bounds by this much on screen. */
const BLEED_PX = 20;

export class SettledLayer {
  #plate: Plate | null = null;
  #build: Build | null = null;
  #spare: Bitmap | null = null;
  #isStale = true;
  #dirty: Bounds[] = [];
  #lastScale = 0;
  #scaledAt = 0;

  constructor(
    private readonly source: SettledSource,
    private readonly makeBitmap: () => Bitmap,
    private readonly frameArea: Bounds,
  ) {}

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

  /**
   * Draws the layer for this view and works on a better bitmap for at most `budgetMs`.
   * Returns true while another frame is wanted.
   */
  draw(to: Surface, view: View, width: number, height: number, ratio: number, now: () => number, budgetMs: number): boolean {
    const started = now();
    if (view.scale !== this.#lastScale) {
      this.#lastScale = view.scale;
      this.#scaledAt = started;
    }
    const wants = this.#wants(view, width, height);
    let isUnfinished = false;
    if (wants) isUnfinished = this.#work(view, width, height, ratio, now, started, budgetMs);
    this.#blit(to, view, ratio);
    return isUnfinished;
  }

  #wants(view: View, width: number, height: number): boolean {
    if (this.#isStale || !this.#plate || this.#plate.view.scale !== view.scale) return true;
    return !covers(this.#plate.area, clipped(areaOf(view, width, height, 0), this.frameArea));
  }

  #work(view: View, width: number, height: number, ratio: number, now: () => number, started: number, budgetMs: number): boolean {
    if (this.#build && !this.#serves(this.#build.plate, view, width, height)) this.#build = null;
    if (!this.#build) {
      const area = areaOf(view, width, height, MARGIN_PX);
      const items = this.source.itemsIn(clipped(area, this.frameArea));
      const isStill = started - this.#scaledAt >= STILL_MS;
      if (items.length > AT_ONCE && !isStill && this.#plate && !this.#isStale) return true;
      this.#build = { plate: this.#newPlate(view, width, height, ratio, area), items, next: 0 };
      this.#dirty = [];
    }
    const build = this.#build;
    const isBig = build.items.length > AT_ONCE && this.#plate !== null && !this.#isStale;
    while (build.next < build.items.length) {
      build.items[build.next++]!.paint(build.plate.surface, build.plate.view);
      if (isBig && build.next % 64 === 0 && now() - started > budgetMs) return true;
    }
    this.#swap(build.plate);
    return false;
  }

  #serves(plate: Plate, view: View, width: number, height: number): boolean {
    return plate.view.scale === view.scale && covers(plate.area, clipped(areaOf(view, width, height, 0), this.frameArea));
  }

  #swap(plate: Plate): void {
    this.#spare = this.#plate?.bitmap ?? null;
    this.#plate = plate;
    this.#build = null;
    this.#isStale = false;
    for (const area of this.#dirty) this.#patch(plate, area);
    this.#dirty = [];
  }

  #newPlate(view: View, width: number, height: number, ratio: number, area: Bounds): Plate {
    const bitmap = this.#spare ?? this.makeBitmap();
    this.#spare = null;
    const w = Math.ceil((width + 2 * MARGIN_PX) * ratio);
    const h = Math.ceil((height + 2 * MARGIN_PX) * ratio);
    if (bitmap.width !== w || bitmap.height !== h) {
      bitmap.width = w;
      bitmap.height = h;
    }
    const surface = bitmap.getContext("2d");
    if (!surface) throw new Error("This browser gives no 2D canvas.");
    surface.setTransform(1, 0, 0, 1, 0, 0);
    surface.clearRect(0, 0, w, h);
    surface.setTransform(ratio, 0, 0, ratio, 0, 0);
    surface.lineJoin = "round";
    return { bitmap, surface, view: { scale: view.scale, tx: view.tx + MARGIN_PX, ty: view.ty + MARGIN_PX }, area };
  }

  #patch(plate: Plate, area: Bounds): void {
    const { surface, view } = plate;
    const reach = inflated(area, BLEED_PX / view.scale);
    if (!intersects(reach, plate.area)) return;
    const x = reach.x0 * view.scale + view.tx;
    const y = reach.y0 * view.scale + view.ty;
    const w = (reach.x1 - reach.x0) * view.scale;
    const h = (reach.y1 - reach.y0) * view.scale;
    surface.save();
    surface.beginPath();
    surface.rect(x, y, w, h);
    surface.clip();
    surface.clearRect(x, y, w, h);
    for (const item of this.source.itemsIn(inflated(reach, BLEED_PX / view.scale))) item.paint(surface, view);
    surface.restore();
  }

  #blit(to: Surface, view: View, ratio: number): void {
    const plate = this.#plate;
    if (!plate) return;
    const k = view.scale / plate.view.scale;
    const x = view.tx - plate.view.tx * k;
    const y = view.ty - plate.view.ty * k;
    // Stretched only while the view zooms: speed matters more than smoothness then.
    to.imageSmoothingEnabled = false;
    to.drawImage(plate.bitmap as unknown as CanvasImageSource, x, y, (plate.bitmap.width / ratio) * k, (plate.bitmap.height / ratio) * k);
  }
}

function areaOf({ scale, tx, ty }: View, width: number, height: number, margin: number): Bounds {
  return {
    x0: (-margin - tx) / scale,
    y0: (-margin - ty) / scale,
    x1: (width + margin - tx) / scale,
    y1: (height + margin - ty) / scale,
  };
}

function clipped(a: Bounds, to: Bounds): Bounds {
  return { x0: Math.max(a.x0, to.x0), y0: Math.max(a.y0, to.y0), x1: Math.min(a.x1, to.x1), y1: Math.min(a.y1, to.y1) };
}

function covers(outer: Bounds, inner: Bounds): boolean {
  return outer.x0 <= inner.x0 && outer.y0 <= inner.y0 && outer.x1 >= inner.x1 && outer.y1 >= inner.y1;
}
