/** Changes pictures off the main thread, so that a slider never holds up the hand. */
import { type Place, type Prepared, type Recipe, adjust, eveningOf, toneTable } from "./pixels";

export interface Request {
  readonly id: number;
  readonly recipe: Recipe;
  /** The whole picture, or a smaller copy of it: what an evened-out histogram learns from. Sent when it changes. */
  readonly whole: ImageBitmap | null;
  readonly image: ImageBitmap;
  readonly place: Place;
}

export interface Reply {
  readonly id: number;
  readonly image: ImageBitmap | null;
}

/** Enough to learn a histogram from. */
const LEARN_PX = 512;

let learnt: { pixels: Uint8ClampedArray; width: number; height: number } | null = null;
let prepared: { key: string; value: Prepared } | null = null;

function pixelsOf(image: ImageBitmap, width: number, height: number): ImageData {
  const surface = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  surface.drawImage(image, 0, 0, width, height);
  return surface.getImageData(0, 0, width, height);
}

function prepare(recipe: Recipe): Prepared {
  const key = JSON.stringify(recipe);
  if (prepared?.key !== key) {
    const { equalize } = recipe;
    const evening = equalize !== "none" && learnt ? eveningOf(learnt.pixels, learnt.width, learnt.height, equalize) : null;
    prepared = { key, value: { tone: toneTable(recipe), saturation: recipe.saturation, evening } };
  }
  return prepared.value;
}

async function serve({ recipe, whole, image, place }: Request): Promise<ImageBitmap> {
  if (whole) {
    const k = Math.min(1, LEARN_PX / Math.max(whole.width, whole.height));
    const [width, height] = [Math.max(1, Math.round(whole.width * k)), Math.max(1, Math.round(whole.height * k))];
    learnt = { pixels: pixelsOf(whole, width, height).data, width, height };
    prepared = null;
    whole.close();
  }
  const data = pixelsOf(image, image.width, image.height);
  image.close();
  adjust(data.data, data.width, data.height, prepare(recipe), place);
  return createImageBitmap(data);
}

addEventListener("message", (event: MessageEvent<Request>) => {
  const { id } = event.data;
  const answer = (image: ImageBitmap | null): void => (postMessage as (reply: Reply, transfer: Transferable[]) => void)({ id, image }, image ? [image] : []);
  serve(event.data).then(answer, () => answer(null));
});
