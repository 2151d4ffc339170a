/** One picture and the wish how to show it: asks the worker, and forgets answers that came too late. */
import type { Reply, Request } from "./adjust.worker";
import { type Place, type Recipe, WHOLE } from "./pixels";

export class Adjuster {
  #worker: Worker | null = null;
  #count = 0;
  readonly #waiting = new Map<number, (image: ImageBitmap | null) => void>();
  #isTaught = false;

  constructor(private readonly picture: { readonly image: ImageBitmap }) {}

  /** A changed copy of the picture or of a part of it; null when it cannot be had. */
  async apply(recipe: Recipe, image: ImageBitmap, place: Place = WHOLE): Promise<ImageBitmap | null> {
    const copies = [createImageBitmap(image), ...(this.#isTaught ? [] : [smaller(this.picture.image, 1024)])];
    this.#isTaught = true;
    const [copy, whole] = await Promise.all(copies).catch(() => []);
    if (!copy) return null;
    const worker = (this.#worker ??= this.#started());
    const id = ++this.#count;
    const request: Request = { id, recipe, image: copy, place, whole: whole ?? null };
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      worker.postMessage(request, [copy, ...(whole ? [whole] : [])]);
    });
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }

  #started(): Worker {
    const worker = new Worker(new URL("./adjust.worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data: { id, image } }: MessageEvent<Reply>) => {
      this.#waiting.get(id)?.(image);
      this.#waiting.delete(id);
    });
    worker.addEventListener("error", () => this.close());
    return worker;
  }
}

/** A copy whose longer side is at most this. */
export function smaller(image: ImageBitmap, longestPx: number): Promise<ImageBitmap> {
  const k = longestPx / Math.max(image.width, image.height);
  if (k >= 1) return createImageBitmap(image);
  return createImageBitmap(image, { resizeWidth: Math.max(1, Math.round(image.width * k)), resizeHeight: Math.max(1, Math.round(image.height * k)), resizeQuality: "low" });
}
