/** The place under the pointer and the colour of its pixel, as stored in the picture: adjustments of the view do not count. */
import type { Frame, Point } from "../../engine/geometry";
import type { Spot } from "../bench.svelte";

type Source = CanvasImageSource & { readonly width: number; readonly height: number };

/** Makes a reader; null outside the picture. */
export function spotReader(frame: Frame): (image: CanvasImageSource | null, at: Point) => Spot | null {
  let surface: CanvasRenderingContext2D | null = null;
  return (image, at) => {
    const [x, y] = [Math.floor(at[0]), Math.floor(at[1])];
    if (x < 0 || y < 0 || x >= frame.width || y >= frame.height) return null;
    if (!image) return { at, rgb: null };
    surface ??= pixelSurface();
    if (!surface) return { at, rgb: null };
    // A preview is smaller than the frame it stands for.
    const { width, height } = image as Source;
    // Given back already.
    if (width === 0) return { at, rgb: null };
    surface.drawImage(image, Math.floor((x * width) / frame.width), Math.floor((y * height) / frame.height), 1, 1, 0, 0, 1, 1);
    const [r, g, b] = surface.getImageData(0, 0, 1, 1).data;
    return { at, rgb: [r!, g!, b!] };
  };
}

function pixelSurface(): CanvasRenderingContext2D | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  return canvas.getContext("2d", { willReadFrequently: true });
}
