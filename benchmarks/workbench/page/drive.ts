/** Makes a contender do what a person does, one step a frame, and counts what it costs. */
import type { Point } from "../../../web/src/engine/geometry";
import { KonvaScene } from "./konva";
import { Ours } from "./ours";
import { type Contender, makePicture, makePolygons, seeded } from "./scene";
import { Svg } from "./svg";

interface Gesture {
  readonly begin?: (c: Contender) => void;
  readonly step: (c: Contender, frame: number) => void;
  readonly end?: (c: Contender) => void;
}

interface Measured {
  /** Of the time between frames. */
  readonly fps: number;
  readonly frameP50Ms: number;
  readonly frameP95Ms: number;
  /** Time of all script in a frame. */
  readonly scriptP50Ms: number;
  readonly scriptP95Ms: number;
}

const MAKERS: Readonly<Record<string, () => Contender>> = { goldsmith: () => new Ours(), SVG: () => new Svg(), Konva: () => new KonvaScene() };
const MIDDLE: Point = [800, 450];

let scriptMs = 0;
const plainFrame = window.requestAnimationFrame.bind(window);
/** Every callback of a frame is counted, whoever asked for it. */
window.requestAnimationFrame = (run) =>
  plainFrame((at) => {
    const started = performance.now();
    run(at);
    scriptMs += performance.now() - started;
  });

const GESTURES: Readonly<Record<string, Gesture>> = {
  pan: { step: (c, n) => c.pan(9 * Math.cos(n / 20), 7 * Math.sin(n / 20)) },
  zoom: { step: (c, n) => c.zoom([700, 400], n % 60 < 30 ? 1.04 : 1 / 1.04) },
  hover: { step: (c, n) => c.hover(wander(n)) },
  drag: {
    begin: (c) => (c.hover(MIDDLE), c.grab(MIDDLE)),
    step: (c, n) => c.drag([MIDDLE[0] + 5 + 150 * Math.sin(n / 15), MIDDLE[1] + 100 * Math.sin(n / 9)]),
    end: (c) => c.drop(MIDDLE),
  },
};

const random = seeded(11);
let place: Point = MIDDLE;
function wander(_frame: number): Point {
  place = [Math.min(1500, Math.max(100, place[0] + (random() - 0.5) * 60)), Math.min(850, Math.max(50, place[1] + (random() - 0.5) * 60))];
  return place;
}

async function perform(contender: Contender, gesture: Gesture, frames: number): Promise<Measured> {
  gesture.begin?.(contender);
  const intervals: number[] = [];
  const scripts: number[] = [];
  let last = 0;
  for (let n = 0; n < frames; n++) {
    const at = await frame();
    if (last) {
      intervals.push(at - last);
      scripts.push(scriptMs);
    }
    last = at;
    scriptMs = 0;
    const started = performance.now();
    gesture.step(contender, n);
    scriptMs += performance.now() - started;
  }
  gesture.end?.(contender);
  await frame();
  const frameP50Ms = quantile(intervals, 0.5);
  return { fps: 1000 / frameP50Ms, frameP50Ms, frameP95Ms: quantile(intervals, 0.95), scriptP50Ms: quantile(scripts, 0.5), scriptP95Ms: quantile(scripts, 0.95) };
}

/** Resolves at the beginning of the next frame; its own work is not counted. */
const frame = (): Promise<number> => new Promise((resolve) => plainFrame(resolve));
const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

let current: Contender | null = null;

Object.assign(window, {
  /** Puts a contender on the page; answers how long it took until it stood still. */
  async prepare(name: string, count: number): Promise<number> {
    const host = document.getElementById("host")!;
    host.replaceChildren();
    const [polygons, picture] = [makePolygons(count), makePicture()];
    await nap(200);
    const started = performance.now();
    current = MAKERS[name]!();
    await current.setUp(host, polygons, picture);
    current.fit();
    await frame();
    await frame();
    const tookMs = performance.now() - started;
    await nap(600);
    return tookMs;
  },
  async gesture(name: string, frames: number): Promise<Measured> {
    current!.fit();
    await nap(400);
    await frame();
    return perform(current!, GESTURES[name]!, frames);
  },
});
