/** One picture for two canvases: each is told when a better one has come. */
import type { Picture } from "../../workbench/picture";

export function twins(picture: Picture): readonly [Picture, Picture] {
  const listeners: ((() => void) | null)[] = [null, null];
  picture.onBetter = () => listeners.forEach((told) => told?.());
  const make = (index: number): Picture => ({
    get image() {
      return picture.image;
    },
    get isPreview() {
      return picture.isPreview;
    },
    loadTile: picture.loadTile,
    close: () => picture.close(),
    get onBetter() {
      return listeners[index] ?? null;
    },
    set onBetter(told) {
      listeners[index] = told;
    },
  });
  return [make(0), make(1)];
}
