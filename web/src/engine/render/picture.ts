/** The picture under the objects. Ordinary ones are one bitmap; huge ones bring tiles and implement the same. */
import type { Frame } from "../geometry";
import type { Surface } from "./paint";
import type { Stage } from "./stage";

export interface Picture {
  /** Paints what the stage shows of it, on the sheet. */
  paint(to: Surface, stage: Stage): void;
}

/** From this scale on single pixels are shown as they are. */
const CRISP_SCALE = 6;

/** How a picture's pixels become the screen's. */
export function smoothFor(to: Surface, scale: number): void {
  to.imageSmoothingEnabled = scale < CRISP_SCALE;
  to.imageSmoothingQuality = scale < 0.5 ? "medium" : "low";
}

/** A bitmap of the whole frame, whatever its own size: a preview lies where the original would. */
export function bitmapPicture(image: CanvasImageSource, frame: Frame): Picture {
  return {
    paint(to, { view }) {
      smoothFor(to, view.scale);
      to.drawImage(image, view.tx, view.ty, frame.width * view.scale, frame.height * view.scale);
    },
  };
}
