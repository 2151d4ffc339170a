import type { Overlay } from "../../engine/render/objects";
import type { Bench } from "../bench.svelte";
import type { Upcoming } from "../laying-out.svelte";
import type { Picture } from "../picture";
import type { WorkbenchSettings } from "../settings.svelte";

/** What a task is drawn on; it stays while one task follows another, so that nothing is laid out anew. */
export interface Layers {
  /** Around the two, of the same size. */
  readonly box: HTMLElement;
  /** Picture and settled objects. */
  readonly base: HTMLCanvasElement;
  /** What is in hand; it hears the pointer. */
  readonly live: HTMLCanvasElement;
  /** Colour around the picture. */
  readonly ground: () => string;
}

/** A task on the layers, and how it is to be shown. */
export interface ShownTask {
  readonly bench: Bench;
  readonly picture: Picture | null;
  /** The next task's, drawn ahead while nobody waits. */
  readonly upcoming?: Upcoming | null;
  readonly settings: WorkbenchSettings;
  /** Space is held. */
  readonly isHandHeld: boolean;
  readonly showsShapes?: boolean;
  readonly showsLabels?: boolean;
  readonly overlays?: readonly Overlay[];
}

/** In CSS pixels, with the device's pixels for each of them. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** Made here, so that what is drawn ahead for the next task holds nothing of this one. */
export const makeBitmap = (): HTMLCanvasElement => document.createElement("canvas");

/** Gives the layers the size of their box, which wipes them, and tells it; null where they have it. */
export function sized({ box, base, live }: Layers): Size | null {
  const { clientWidth: width, clientHeight: height } = box;
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (base.width === w && base.height === h) return null;
  for (const canvas of [base, live]) [canvas.width, canvas.height] = [w, h];
  return { width, height, ratio };
}
