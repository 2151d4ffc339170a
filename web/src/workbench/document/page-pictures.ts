/**
 * The pictures of a document's pages as one picture: its tiles are cut here out of the pages in view, which are fetched as they
 * are looked at, so that a document of two hundred pages costs no more than one of three.
 */
import { ApiError, type Http, isOffline } from "../../api/http";
import type { PageArea, TaskItem } from "../../api/types";
import { Pyramid, type Tile } from "../../engine/render/pyramid";
import type { Picture } from "../picture";

/** Decoded pages that are kept; ten megabytes each. */
const MOST_KEPT = 6;
/** Of documents with more pages than this no small pictures are fetched ahead. */
const MOST_SMALL = 40;
const SMALL_PX = 256;
const BARE_SHARE = 1 / 64;

interface Page {
  readonly area: PageArea;
  readonly url: string;
}

export async function loadPages(http: Http, item: TaskItem, signal: AbortSignal): Promise<Picture> {
  const pages = (item.parts ?? []).map((part): Page => ({ area: part.page!, url: part.url! }));
  const fetched = new PageFiles(http, pages);
  const pyramid = new Pyramid(item);
  const image = await previewOf(http, item, pages, signal);
  return {
    image, isPreview: false, onBetter: null,
    loadTile: (tile, stop) => fetched.cut(pyramid, tile, stop),
    close: () => {
      image.close();
      fetched.close();
    },
  };
}

/** All pages as small pictures, where they are few; else as white sheets. */
async function previewOf(http: Http, item: TaskItem, pages: readonly Page[], signal: AbortSignal): Promise<ImageBitmap> {
  const isBare = pages.length > MOST_SMALL;
  const longest = Math.max(...pages.map(({ area }) => Math.max(area.width, area.height)));
  const share = isBare ? BARE_SHARE : Math.min(1, SMALL_PX / longest);
  const sheet = sheetOf(item.width * share, item.height * share);
  const fetchSmall = async ({ url }: Page): Promise<ImageBitmap> => createImageBitmap(await http.blob(`${url}?variant=thumbnail`, signal));
  const small = isBare ? [] : await Promise.all(pages.map((page) => fetchSmall(page).catch(() => null)));
  pages.forEach(({ area }, i) => {
    const at = [0, area.top * share, area.width * share, area.height * share] as const;
    sheet.fillRect(...at);
    if (small[i]) sheet.drawImage(small[i], ...at);
    small[i]?.close();
  });
  return createImageBitmap(sheet.canvas);
}

class PageFiles {
  readonly #kept = new Map<string, Promise<ImageBitmap | null>>();

  constructor(private readonly http: Http, private readonly pages: readonly Page[]) {}

  async cut(pyramid: Pyramid, tile: Tile, signal: AbortSignal): Promise<ImageBitmap> {
    const { x0, y0, x1, y1 } = pyramid.areaOf(tile);
    const k = 2 ** tile.level;
    const sheet = sheetOf((x1 - x0) / k, (y1 - y0) / k);
    sheet.imageSmoothingQuality = "high";
    for (const page of this.pages) {
      const { top, width, height } = page.area;
      if (top >= y1 || top + height <= y0 || x0 >= width) continue;
      const image = await this.#decoded(page);
      signal.throwIfAborted();
      if (image) sheet.drawImage(image, -x0 / k, (top - y0) / k, width / k, height / k);
    }
    return createImageBitmap(sheet.canvas);
  }

  /** Gives back all that is kept. */
  close(): void {
    for (const page of this.#kept.values()) release(page);
    this.#kept.clear();
  }

  /** Null where there is no such page, which is not asked for again and again. */
  #decoded({ url }: Page): Promise<ImageBitmap | null> {
    const found = this.#kept.get(url) ?? this.http.blob(url).then((blob) => createImageBitmap(blob)).catch(nullUnlessAway);
    // The newest stand last; the longest unused gives way.
    this.#kept.delete(url);
    this.#kept.set(url, found);
    found.catch(() => this.#kept.delete(url));
    const [oldest] = this.#kept;
    if (this.#kept.size <= MOST_KEPT || !oldest) return found;
    this.#kept.delete(oldest[0]);
    release(oldest[1]);
    return found;
  }
}

/** Once those who wait for it have drawn it. */
const release = (page: Promise<ImageBitmap | null>): void => void page.then((image) => image?.close(), () => undefined);

function nullUnlessAway(error: unknown): null {
  if (isOffline(error) || (error instanceof ApiError && error.isTransient)) throw error;
  return null;
}

function sheetOf(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  const sheet = canvas.getContext("2d")!;
  sheet.fillStyle = "#fff";
  return sheet;
}
