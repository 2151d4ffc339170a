/** The next task, drawn before it is opened: what takes longest on the screen is done while nobody waits. */
import type { BitmapPicture } from "../../engine/render/picture";
import type { Scenery } from "../../engine/render/renderer";
import type { Stage } from "../../engine/render/stage";
import { whenIdle } from "../../shell/idle";
import type { Bench } from "../bench.svelte";

export interface Drawn {
  readonly scenery: Scenery;
  /** What the backdrop shows; null where the picture is not drawn as it is. */
  readonly plain: BitmapPicture | null;
  /** All that decided how it looks, in words. */
  readonly style: string;
}

const REST_MS = 250;
/** Of a slice of idle time. */
const SLICE_MS = 8;

const drawn = new WeakMap<Bench, Drawn>();

/** Runs a step once nothing has happened for a moment; gives back how to call it off, or to stop what it began. */
export function whenRested(run: () => () => void): () => void {
  let stop: (() => void) | null = null;
  const timer = setTimeout(() => {
    stop = whenIdle(() => (stop = run()));
  }, REST_MS);
  return () => {
    clearTimeout(timer);
    stop?.();
  };
}

/** Draws the picture at once, as it may be given back for a better one, and the objects slice by slice; gives back how to stop. */
export function drawAhead(bench: Bench, ahead: Drawn, stage: Stage): () => void {
  const { backdrop, settled } = ahead.scenery;
  if (ahead.plain) {
    backdrop.picture = ahead.plain;
    backdrop.prepare(stage);
  }
  const slice = (): void => {
    if (settled.prepare(stage, { now: () => performance.now(), budgetMs: SLICE_MS })) drawn.set(bench, ahead);
    else stop = whenIdle(slice);
  };
  let stop = whenIdle(slice);
  return () => stop();
}

/** What was drawn ahead, if it is just what is to be shown. */
export function drawnAhead(bench: Bench, stage: Stage, style: string): Drawn | null {
  const found = drawn.get(bench);
  drawn.delete(bench);
  return found && found.style === style && found.scenery.settled.isReadyFor(stage) ? found : null;
}
