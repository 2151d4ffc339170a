/**
 * A huge picture: only the tiles in view are loaded, at the level that the zoom asks for. Where a tile is not there yet,
 * the next coarser one stands in for it, and under all of them a small preview of the whole.
 */
import { type Bounds, type Frame, intersects } from "../geometry";
import type { Surface } from "./paint";
import type { Picture, SizedImage } from "./picture";
import { Pyramid, TILE_PX, type Tile, keyOf } from "./pyramid";
import { type Stage, areaOf } from "./stage";

export interface TilePorts {
  /** A tile's image; null when there is none at that level. Waits while the server still makes the tiles. */
  readonly load: (tile: Tile, signal: AbortSignal) => Promise<SizedImage | null>;
  /** Called when something more can be painted. */
  readonly onChange: () => void;
}

/** About a mebibyte each. */
const MOST_KEPT = 192;
const AT_ONCE = 6;
/** A tile that was not asked for in so many paintings is not worth loading any more. */
const FORGET_AFTER = 6;
const CRISP_SCALE = 6;

interface Kept {
  readonly image: SizedImage | null;
  usedAt: number;
}

export class TilePicture implements Picture {
  readonly pyramid: Pyramid;
  readonly #kept = new Map<string, Kept>();
  readonly #loading = new Map<string, AbortController>();
  readonly #wanted = new Map<string, { readonly tile: Tile; askedAt: number }>();
  #paintings = 0;
  #isClosed = false;

  constructor(private readonly frame: Frame, private readonly preview: SizedImage, private readonly ports: TilePorts) {
    this.pyramid = new Pyramid(frame);
  }

  /** Gives back all that was loaded. */
  close(): void {
    this.#isClosed = true;
    for (const controller of this.#loading.values()) controller.abort();
    for (const { image } of this.#kept.values()) release(image);
    this.#kept.clear();
  }

  paint(to: Surface, stage: Stage, margin: number): void {
    const { view, ratio } = stage;
    const scale = view.scale * ratio;
    this.#paintings += 1;
    to.imageSmoothingEnabled = view.scale < CRISP_SCALE;
    to.imageSmoothingQuality = "low";
    to.drawImage(this.preview, view.tx, view.ty, this.frame.width * view.scale, this.frame.height * view.scale);
    const level = this.pyramid.levelFor(scale);
    // Where the preview is as fine as the tiles would be, it is enough.
    if (2 ** level >= this.frame.width / this.preview.width) return this.#load();
    const area = areaOf(stage, margin);
    const tiles = this.pyramid.within(level, area);
    for (const tile of tiles) this.#wanted.set(keyOf(tile), { tile, askedAt: this.#paintings });
    for (const standIn of this.#standIns(tiles, area)) this.#put(to, standIn, stage);
    for (const tile of tiles) this.#put(to, tile, stage);
    this.#load();
  }

  /** Coarser tiles at hand for those that are missing, coarsest first. */
  #standIns(tiles: readonly Tile[], area: Bounds): Tile[] {
    const found = new Map<string, Tile>();
    for (const tile of tiles) {
      if (this.#kept.get(keyOf(tile))?.image) continue;
      let coarser = this.pyramid.parent(tile);
      while (coarser && !this.#kept.get(keyOf(coarser))?.image) coarser = this.pyramid.parent(coarser);
      if (coarser && intersects(this.pyramid.areaOf(coarser), area)) found.set(keyOf(coarser), coarser);
    }
    return [...found.values()].sort((a, b) => b.level - a.level);
  }

  #put(to: Surface, tile: Tile, { view, turn }: Stage): void {
    const kept = this.#kept.get(keyOf(tile));
    if (!kept?.image) return;
    kept.usedAt = this.#paintings;
    const { x0, y0 } = this.pyramid.areaOf(tile);
    // By its own pixels: the last tile of a row may stand for less than a whole pixel of the picture.
    const k = view.scale * 2 ** tile.level;
    const sheet = (at: number, offset: number): number => (turn % 90 === 0 ? Math.round(at * view.scale + offset) : at * view.scale + offset);
    const x = sheet(x0, view.tx);
    const y = sheet(y0, view.ty);
    const isFull = (side: number): boolean => side === TILE_PX;
    const w = isFull(kept.image.width) ? sheet(x0 + TILE_PX * 2 ** tile.level, view.tx) - x : kept.image.width * k;
    const h = isFull(kept.image.height) ? sheet(y0 + TILE_PX * 2 ** tile.level, view.ty) - y : kept.image.height * k;
    // Neighbours that lie askew overlap by a hair, so that no seam shows.
    const lap = turn % 90 === 0 ? 0 : 0.5;
    to.drawImage(kept.image, x, y, w + lap, h + lap);
  }

  #load(): void {
    for (const [key, { askedAt }] of this.#wanted) {
      if (this.#paintings - askedAt < FORGET_AFTER) continue;
      this.#wanted.delete(key);
      this.#loading.get(key)?.abort();
    }
    // The newest painting knows best what is looked at; its tiles come nearest first.
    const next = [...this.#wanted].filter(([key]) => !this.#kept.has(key) && !this.#loading.has(key)).sort(([, a], [, b]) => b.askedAt - a.askedAt);
    for (const [key, { tile }] of next) {
      if (this.#loading.size >= AT_ONCE) return;
      void this.#fetch(key, tile);
    }
  }

  async #fetch(key: string, tile: Tile): Promise<void> {
    const controller = new AbortController();
    this.#loading.set(key, controller);
    try {
      const image = await this.ports.load(tile, controller.signal);
      if (this.#isClosed || controller.signal.aborted) return release(image);
      this.#kept.set(key, { image, usedAt: this.#paintings });
      this.#wanted.delete(key);
      this.#forget();
    } catch {
      // Asked for again by the next painting, if it is still in view then.
      this.#wanted.delete(key);
    } finally {
      this.#loading.delete(key);
    }
    if (this.#isClosed) return;
    this.#load();
    this.ports.onChange();
  }

  /** The longest unused give way. */
  #forget(): void {
    if (this.#kept.size <= MOST_KEPT) return;
    const oldest = [...this.#kept].sort(([, a], [, b]) => a.usedAt - b.usedAt).slice(0, this.#kept.size - MOST_KEPT);
    for (const [key, { image }] of oldest) {
      this.#kept.delete(key);
      release(image);
    }
  }
}

function release(image: SizedImage | null): void {
  (image as { close?: () => void } | null)?.close?.();
}
