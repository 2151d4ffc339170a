/**
 * Which tiles a huge picture has. The Python twin is `items/tiling/pyramid.py`; both read the same vectors.
 * Level 0 is the picture itself, each next level half as wide and high (rounded up), down to the first that is one tile.
 */
import { type Bounds, type Frame, clamp } from "../geometry";

export const TILE_PX = 512;

export interface Tile {
  readonly level: number;
  readonly x: number;
  readonly y: number;
}

export const keyOf = ({ level, x, y }: Tile): string => `${level}/${x}/${y}`;

export class Pyramid {
  readonly levels: number;

  constructor(readonly frame: Frame) {
    let longest = Math.max(frame.width, frame.height);
    let levels = 1;
    while (longest > TILE_PX) {
      longest = Math.ceil(longest / 2);
      levels += 1;
    }
    this.levels = levels;
  }

  /** Width and height of a level in its own pixels. */
  size(level: number): Frame {
    return { width: Math.ceil(this.frame.width / 2 ** level), height: Math.ceil(this.frame.height / 2 ** level) };
  }

  grid(level: number): { readonly columns: number; readonly rows: number } {
    const { width, height } = this.size(level);
    return { columns: Math.ceil(width / TILE_PX), rows: Math.ceil(height / TILE_PX) };
  }

  /** The coarsest level that has a pixel for each of the screen's, when a picture pixel is `scale` screen pixels. */
  levelFor(scale: number): number {
    return clamp(Math.floor(Math.log2(1 / scale) + 1e-6), 0, this.levels - 1);
  }

  /** The part of the picture that a tile shows. */
  areaOf({ level, x, y }: Tile): Bounds {
    const side = TILE_PX * 2 ** level;
    return { x0: x * side, y0: y * side, x1: Math.min((x + 1) * side, this.frame.width), y1: Math.min((y + 1) * side, this.frame.height) };
  }

  /** Tiles of a level that touch an area, those nearest to its middle first. */
  within(level: number, area: Bounds): Tile[] {
    const side = TILE_PX * 2 ** level;
    const { columns, rows } = this.grid(level);
    const x0 = Math.max(0, Math.floor(area.x0 / side));
    const y0 = Math.max(0, Math.floor(area.y0 / side));
    const x1 = Math.min(columns - 1, Math.floor(area.x1 / side));
    const y1 = Math.min(rows - 1, Math.floor(area.y1 / side));
    const tiles: Tile[] = [];
    for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) tiles.push({ level, x, y });
    const [mx, my] = [(area.x0 + area.x1) / 2 / side - 0.5, (area.y0 + area.y1) / 2 / side - 0.5];
    return tiles.sort((a, b) => Math.hypot(a.x - mx, a.y - my) - Math.hypot(b.x - mx, b.y - my));
  }

  /** The tile of a coarser level that shows the same place. */
  parent({ level, x, y }: Tile): Tile | null {
    return level + 1 < this.levels ? { level: level + 1, x: x >> 1, y: y >> 1 } : null;
  }
}
