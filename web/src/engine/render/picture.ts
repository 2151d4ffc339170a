/** The picture under the objects. Ordinary ones are one bitmap; huge ones bring tiles and implement the same. */
import type { Frame } from "../geometry";
import type { Surface } from "./paint";
import type { Bitmap } from "./settled-layer";
import type { Stage } from "./stage";

export interface Picture {
  /** Paints what the stage shows of it, with a margin around in CSS pixels, on the sheet. */
  paint(to: Surface, stage: Stage, margin: number): void;
}

/** An image that knows its size, such as an ImageBitmap. */
export type SizedImage = CanvasImageSource & { readonly width: number; readonly height: number };

/** From this scale on single pixels are shown as they are. */
const CRISP_SCALE = 6;
/** An image shown at 0.45 of its size or less is halved first; between that and a half smoothing does as well. */
const WORTH_HALVING = 0.9;

/** A picture of the whole frame, whatever its own size: a preview lies where the original would. */
export class BitmapPicture implements Picture {
  /** The image, its half, its quarter ...: drawing from one that is near in size is smooth and costs what is seen. */
  readonly #levels: SizedImage[];

  constructor(image: SizedImage, private readonly frame: Frame, private readonly makeBitmap: () => Bitmap) {
    this.#levels = [image];
  }

  get image(): SizedImage {
    return this.#levels[0]!;
  }

  paint(to: Surface, { view, ratio }: Stage): void {
    const { width, height } = this.frame;
    const shown = (view.scale * ratio * width) / this.#levels[0]!.width;
    to.imageSmoothingEnabled = view.scale < CRISP_SCALE;
    to.imageSmoothingQuality = "low";
    to.drawImage(this.#level(shown), view.tx, view.ty, width * view.scale, height * view.scale);
  }

  /** The smallest level that has a pixel for each of the screen's, and a few to spare before it is worth making one. */
  #level(scale: number): SizedImage {
    let level = 0;
    while (scale * 2 ** (level + 1) <= (this.#levels[level + 1] ? 1.001 : WORTH_HALVING) && this.#half(level)) level += 1;
    return this.#levels[level]!;
  }

  #half(level: number): boolean {
    if (this.#levels[level + 1]) return true;
    const from = this.#levels[level]!;
    if (Math.min(from.width, from.height) < 64) return false;
    const bitmap = this.makeBitmap();
    bitmap.width = Math.ceil(from.width / 2);
    bitmap.height = Math.ceil(from.height / 2);
    const surface = bitmap.getContext("2d");
    if (!surface) return false;
    // At exactly half the size smoothing is the mean of four pixels.
    surface.imageSmoothingEnabled = true;
    surface.imageSmoothingQuality = "low";
    surface.drawImage(from, 0, 0, bitmap.width, bitmap.height);
    this.#levels.push(bitmap as unknown as SizedImage);
    return true;
  }
}
