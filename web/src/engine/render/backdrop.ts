/**
 * The picture as it lies, with a margin, in an opaque bitmap that is only moved while the view pans. While it zooms or
 * turns the picture is drawn anew in each frame, so that it is never blurred.
 */
import type { Surface } from "./paint";
import type { Picture } from "./picture";
import { type Bitmap, drawNow } from "./settled-layer";
import { type Stage, between, isSameLay, onScreen, onSheet } from "./stage";

const MARGIN_PX = 320;

export class Backdrop {
  #picture: Picture | null = null;
  #plate: { readonly surface: Surface; readonly stage: Stage } | null = null;
  #bitmap: Bitmap | null = null;
  #last: Stage | null = null;

  constructor(private readonly makeBitmap: () => Bitmap, private readonly ground: () => string) {}

  get picture(): Picture | null {
    return this.#picture;
  }

  set picture(picture: Picture | null) {
    if (picture === this.#picture) return;
    this.#picture = picture;
    this.invalidate();
  }

  /** The picture or the ground has changed, and may soon change again. */
  invalidate(): void {
    this.#plate = null;
    this.#last = null;
  }

  /** Draws what will be shown before anything is on screen. */
  prepare(stage: Stage): void {
    this.#last = stage;
    this.#plate = this.#made(stage);
    drawNow(this.#bitmap!, this.makeBitmap);
  }

  /** Covers the whole surface. */
  draw(to: Surface, stage: Stage): void {
    const isSteady = this.#last !== null && isSameLay(this.#last, stage);
    this.#last = stage;
    if (this.#plate && !this.#serves(this.#plate.stage, stage)) this.#plate = null;
    if (!this.#plate && isSteady) this.#plate = this.#made(stage);
    if (this.#plate) return this.#blit(to, this.#plate.stage, stage);
    onScreen(to, stage.ratio);
    this.#paint(to, stage, 0);
  }

  #serves(from: Stage, stage: Stage): boolean {
    if (!isSameLay(from, stage)) return false;
    const { e, f } = between(from, stage);
    return Math.abs(e) <= MARGIN_PX && Math.abs(f) <= MARGIN_PX;
  }

  #made(stage: Stage): { surface: Surface; stage: Stage } {
    const bitmap = (this.#bitmap ??= this.makeBitmap());
    const w = Math.ceil((stage.width + 2 * MARGIN_PX) * stage.ratio);
    const h = Math.ceil((stage.height + 2 * MARGIN_PX) * stage.ratio);
    if (bitmap.width !== w || bitmap.height !== h) {
      bitmap.width = w;
      bitmap.height = h;
    }
    const surface = bitmap.getContext("2d", { alpha: false });
    if (!surface) throw new Error("This browser gives no 2D canvas.");
    this.#paint(surface, stage, MARGIN_PX);
    return { surface, stage };
  }

  #paint(to: Surface, stage: Stage, margin: number): void {
    onScreen(to, stage.ratio);
    to.fillStyle = this.ground();
    to.fillRect(0, 0, stage.width + 2 * margin, stage.height + 2 * margin);
    onSheet(to, stage, margin);
    this.#picture?.paint(to, stage, margin);
    onScreen(to, stage.ratio);
  }

  #blit(to: Surface, from: Stage, stage: Stage): void {
    const { e, f } = between(from, stage);
    const { ratio } = stage;
    // Whole pixels: nothing is resampled.
    to.setTransform(1, 0, 0, 1, Math.round((e - MARGIN_PX) * ratio), Math.round((f - MARGIN_PX) * ratio));
    to.imageSmoothingEnabled = false;
    to.drawImage(this.#bitmap as unknown as CanvasImageSource, 0, 0);
    onScreen(to, ratio);
  }
}
