/** Loads a task's picture and decodes it off the main thread, ahead of need. */
import type { Http } from "../api/http";
import { API_BASE } from "../api/http";
import type { TaskItem } from "../api/types";
import type { Tile } from "../engine/render/pyramid";
import { markDecoded } from "./view/milestones";

export interface Picture {
  /** What there is of it: the whole, or a preview while the whole is on its way. */
  readonly image: ImageBitmap;
  /** The preview stands in place of an original that cannot be decoded here. */
  readonly isPreview: boolean;
  /** Loads the tiles of a huge picture, of which the image is a small preview; null for ordinary ones. */
  readonly loadTile: LoadTile | null;
  /** Called once when a better image has taken the place of the one so far, which is given back right after, or none will. */
  onBetter: (() => void) | null;
  /** Gives all of it back. */
  close(): void;
}

export type LoadTile = (tile: Tile, signal: AbortSignal) => Promise<ImageBitmap | null>;

/** Browsers decode a picture whole, four bytes a pixel; beyond this it is shown by tiles. */
const MOST_PIXELS = 48e6;
/** Larger ones have a preview on the server, which is there sooner. */
const PREVIEW_SIDE_PX = 2560;
const TILES_AGAIN_MS = 1000;

export async function loadPicture(http: Http, item: TaskItem, signal: AbortSignal): Promise<Picture> {
  const picture = await load(http, item, signal);
  markDecoded();
  return picture;
}

async function load(http: Http, item: TaskItem, signal: AbortSignal): Promise<Picture> {
  if (item.kind === "document") return (await import("./document/page-pictures")).loadPages(http, item, signal);
  const decode = async (url: string): Promise<ImageBitmap> => createImageBitmap(await http.blob(url, signal));
  if (item.width * item.height > MOST_PIXELS) {
    const loadTile = tileLoader(http, item);
    // The first to ask has the tiles made; asked ahead, they are there when the task is opened.
    void loadTile({ level: 0, x: 0, y: 0 }, signal).then((tile) => tile?.close(), () => undefined);
    return new LoadedPicture(await decode(item.media.preview), false, loadTile);
  }
  if (Math.max(item.width, item.height) > PREVIEW_SIDE_PX) {
    const picture = new LoadedPicture(await decode(item.media.preview), false, null);
    decode(item.media.original).then((image) => picture.improve(image), () => picture.stay());
    return picture;
  }
  try {
    return new LoadedPicture(await decode(item.media.original), false, null);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name === "AbortError") throw error;
  }
  return new LoadedPicture(await decode(item.media.preview), true, null);
}

class LoadedPicture implements Picture {
  onBetter: (() => void) | null = null;

  constructor(public image: ImageBitmap, public isPreview: boolean, readonly loadTile: LoadTile | null) {}

  improve(image: ImageBitmap): void {
    const before = this.image;
    // The task was put down meanwhile, and the picture with it.
    if (before.width === 0) return image.close();
    this.image = image;
    this.onBetter?.();
    before.close();
  }

  close(): void {
    this.image.close();
  }

  /** There will be nothing better than the preview. */
  stay(): void {
    this.isPreview = true;
    this.onBetter?.();
  }
}

/** An empty answer says that the tiles are still being made; an error, that there are none. */
function tileLoader(http: Http, item: TaskItem): LoadTile {
  return async ({ level, x, y }, signal) => {
    for (;;) {
      const blob = await http.blob(`${API_BASE}/items/${item.item_id}/media/tiles/${level}/${x}/${y}`, signal).catch((error: unknown) => {
        if (signal.aborted || !(error as { status?: number }).status) throw error;
        return null;
      });
      if (!blob) return null;
      if (blob.size > 0) return createImageBitmap(blob);
      await rest(TILES_AGAIN_MS, signal);
    }
  };
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(new DOMException("No longer wanted.", "AbortError"))), { once: true });
  });
}
