/** Cuts a patch out of the decoded picture, off the main thread where the browser can. */
import type { Frame } from "../../engine/geometry";
import type { Patch } from "../../engine/assist/raster";

/** @param image The decoded picture; its size may differ from the frame's where a preview is shown. */
export async function cutPatch(image: ImageBitmap, frame: Frame, patch: Patch): Promise<ImageBitmap> {
  const kx = image.width / frame.width;
  const ky = image.height / frame.height;
  const x = Math.round(patch.x0 * kx);
  const y = Math.round(patch.y0 * ky);
  const w = Math.max(1, Math.min(image.width - x, Math.round((patch.width / patch.scale) * kx)));
  const h = Math.max(1, Math.min(image.height - y, Math.round((patch.height / patch.scale) * ky)));
  return createImageBitmap(image, x, y, w, h, { resizeWidth: patch.width, resizeHeight: patch.height, resizeQuality: "medium" });
}
