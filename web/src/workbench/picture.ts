/** Loads a task's picture and decodes it off the main thread, ahead of need. */
import type { Http } from "../api/http";
import type { TaskItem } from "../api/types";

export interface Picture {
  readonly image: ImageBitmap;
  /** The preview is shown in place of an original that is too large or cannot be decoded here. */
  readonly isPreview: boolean;
}

/** Browsers decode a picture whole; beyond this the preview is the better choice. */
const MOST_PIXELS = 80e6;

export async function loadPicture(http: Http, item: TaskItem, signal: AbortSignal): Promise<Picture> {
  const decode = async (url: string): Promise<ImageBitmap> => createImageBitmap(await http.blob(url, signal));
  if (item.width * item.height <= MOST_PIXELS) {
    try {
      return { image: await decode(item.media.original), isPreview: false };
    } catch (error) {
      if (!(error instanceof DOMException) || error.name === "AbortError") throw error;
    }
  }
  return { image: await decode(item.media.preview), isPreview: true };
}
