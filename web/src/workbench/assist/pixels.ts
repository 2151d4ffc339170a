/** Cuts a patch out of the decoded picture, off the main thread; of a huge picture, out of its tiles. */
import type { Frame } from "../../engine/geometry";
import { Pyramid } from "../../engine/render/pyramid";
import { type Patch, patchBounds } from "../../engine/assist/raster";
import type { LoadTile, Picture } from "../picture";

/** Tiles may still be made when they are asked for first; nobody waits longer for them than this. */
const TILE_WAIT_MS = 8_000;

export function cutPatch({ image, loadTile }: Picture, frame: Frame, patch: Patch): Promise<ImageBitmap> {
  // The preview of a huge picture is enough as long as it is at least as fine as the patch.
  const isFine = image.width / frame.width >= patch.scale * 0.99;
  return loadTile && !isFine ? cutTiles(image, loadTile, frame, patch) : cutImage(image, frame, patch);
}

/** The picture's size may differ from the frame's where a preview is shown. */
function cutImage(image: ImageBitmap, frame: Frame, patch: Patch): Promise<ImageBitmap> {
  const kx = image.width / frame.width;
  const ky = image.height / frame.height;
  const x = Math.round(patch.x0 * kx);
  const y = Math.round(patch.y0 * ky);
  const w = Math.max(1, Math.min(image.width - x, Math.round((patch.width / patch.scale) * kx)));
  const h = Math.max(1, Math.min(image.height - y, Math.round((patch.height / patch.scale) * ky)));
  return createImageBitmap(image, x, y, w, h, { resizeWidth: patch.width, resizeHeight: patch.height, resizeQuality: "medium" });
}

async function cutTiles(image: ImageBitmap, loadTile: LoadTile, frame: Frame, patch: Patch): Promise<ImageBitmap> {
  const pyramid = new Pyramid(frame);
  const canvas = new OffscreenCanvas(patch.width, patch.height);
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "medium";
  const under = await cutImage(image, frame, patch);
  context.drawImage(under, 0, 0);
  under.close();
  const signal = AbortSignal.timeout(TILE_WAIT_MS);
  const tiles = pyramid.within(pyramid.levelFor(patch.scale), patchBounds(patch));
  await Promise.all(tiles.map(async (tile) => {
    const bitmap = await loadTile(tile, signal).catch(() => null);
    if (!bitmap) return;
    const area = pyramid.areaOf(tile);
    const { scale } = patch;
    context.drawImage(bitmap, (area.x0 - patch.x0) * scale, (area.y0 - patch.y0) * scale, (area.x1 - area.x0) * scale, (area.y1 - area.y0) * scale);
    bitmap.close();
  }));
  return canvas.transferToImageBitmap();
}
