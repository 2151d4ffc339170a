/**
 * The picture as it is to be shown: one bitmap or tiles, as it is or adjusted. While a slider moves, a small copy follows the
 * hand; the whole picture comes when it rests.
 */
import type { Frame } from "../../engine/geometry";
import { BitmapPicture, type Picture as Paintable } from "../../engine/render/picture";
import { type Tile, Pyramid } from "../../engine/render/pyramid";
import { TilePicture } from "../../engine/render/tiles";
import type { Picture } from "../picture";
import { Adjuster, smaller } from "./adjust/adjuster";
import { markWhole } from "./milestones";
import { PLAIN, type Recipe, isPlain } from "./adjust/pixels";

const REST_MS = 180;
const QUICK_PX = 1400;

export interface ShownPorts {
  /** Told of another picture to paint. */
  readonly show: (picture: Paintable) => void;
  /** Told when more of the same picture can be painted. */
  readonly changed: () => void;
  readonly makeBitmap: () => HTMLCanvasElement;
  /** Told that only the preview can be shown. */
  readonly previewOnly: () => void;
}

export class ShownPicture {
  readonly #adjuster: Adjuster;
  #recipe: Recipe = PLAIN;
  #plain: Paintable | null = null;
  #quick: Promise<ImageBitmap> | null = null;
  #made: ImageBitmap | null = null;
  #tiles: TilePicture | null = null;
  #wish = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly picture: Picture, private readonly frame: Frame, private readonly ports: ShownPorts) {
    this.#adjuster = new Adjuster(picture);
    picture.onBetter = () => this.#improve();
  }

  /** Shows what was made ahead of the picture as it is, unless there is a better one by now. */
  begin(plain: BitmapPicture): void {
    if (plain.image === this.picture.image) this.#plain = plain;
  }

  /** Shows the picture by this recipe from now on; as it is where it cannot be adjusted. */
  adjust(recipe: Recipe): void {
    const wish = ++this.#wish;
    this.#recipe = recipe;
    clearTimeout(this.#timer);
    if (isPlain(recipe)) this.#showPlain();
    else this.#begin(recipe, wish).catch(() => wish === this.#wish && this.#showPlain());
  }

  async #begin(recipe: Recipe, wish: number): Promise<void> {
    this.#quick ??= smaller(this.picture.image, QUICK_PX);
    const quick = await this.#adjuster.apply(recipe, await this.#quick);
    if (wish !== this.#wish) return quick?.close();
    if (!quick) return this.#showPlain();
    if (this.picture.loadTile) return this.#showTiles(quick, recipe);
    this.#showBitmap(quick);
    if (quick.width === this.picture.image.width) return;
    this.#timer = setTimeout(() => void this.#finish(recipe, wish).catch(() => undefined), REST_MS);
  }

  close(): void {
    this.picture.onBetter = null;
    this.#wish += 1;
    clearTimeout(this.#timer);
    this.#tiles?.close();
    this.#adjuster.close();
    this.#made?.close();
    void this.#quick?.then((image) => image.close(), () => undefined);
  }

  /** The whole picture is there in place of its preview. */
  #improve(): void {
    if (this.picture.isPreview) return this.ports.previewOnly();
    this.#plain = null;
    void this.#quick?.then((image) => image.close(), () => undefined);
    this.#quick = null;
    this.adjust(this.#recipe);
    markWhole();
  }

  async #finish(recipe: Recipe, wish: number): Promise<void> {
    const whole = await this.#adjuster.apply(recipe, this.picture.image);
    if (!whole || wish !== this.#wish) return whole?.close();
    this.#showBitmap(whole);
  }

  #showPlain(): void {
    if (this.picture.loadTile) return this.#showTiles(this.picture.image, null);
    this.ports.show((this.#plain ??= new BitmapPicture(this.picture.image, this.frame, this.ports.makeBitmap)));
  }

  #showBitmap(image: ImageBitmap): void {
    const before = this.#made;
    this.#made = image;
    this.ports.show(new BitmapPicture(image, this.frame, this.ports.makeBitmap));
    before?.close();
  }

  /** Tiles are adjusted one by one as they come. */
  #showTiles(preview: ImageBitmap, recipe: Recipe | null): void {
    const pyramid = new Pyramid(this.frame);
    const load = async (tile: Tile, signal: AbortSignal): Promise<ImageBitmap | null> => {
      const image = await this.picture.loadTile!(tile, signal);
      if (!image || !recipe) return image;
      const { x0, y0, x1, y1 } = pyramid.areaOf(tile);
      const { width, height } = this.frame;
      const adjusted = await this.#adjuster.apply(recipe, image, { x0: x0 / width, y0: y0 / height, x1: x1 / width, y1: y1 / height });
      if (adjusted) image.close();
      return adjusted ?? image;
    };
    this.#tiles?.close();
    this.#tiles = new TilePicture(this.frame, preview, { load, onChange: this.ports.changed });
    this.ports.show(this.#tiles);
    if (preview === this.picture.image) return;
    this.#made?.close();
    this.#made = preview;
  }
}
