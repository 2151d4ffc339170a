/** What every contender is given: the same polygons over the same picture, and the same gestures. */
import type { Point } from "../../../web/src/engine/geometry";

export const POLYGONS = 10_000;
export const POINTS = 20;
export const PICTURE = { width: 3840, height: 2160 } as const;
export const CLASS_COLORS = ["#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#a855f7", "#14b8a6", "#f43f5e", "#84cc16"] as const;

export interface ScenePolygon {
  readonly id: string;
  readonly kind: number;
  readonly ring: readonly Point[];
}

/** A contender. Places and steps are in CSS pixels of its host. */
export interface Contender {
  readonly name: string;
  setUp(host: HTMLElement, polygons: readonly ScenePolygon[], picture: HTMLCanvasElement): void | Promise<void>;
  /** The whole picture in view. */
  fit(): void;
  pan(dx: number, dy: number): void;
  zoom(at: Point, factor: number): void;
  hover(at: Point): void;
  grab(at: Point): void;
  drag(at: Point): void;
  drop(at: Point): void;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Blobs of 10 to 45 px radius, all over the picture. */
export function makePolygons(count = POLYGONS): ScenePolygon[] {
  const random = seeded(3);
  return Array.from({ length: count }, (_, n) => {
    const radius = 10 + random() * 35;
    const cx = radius + random() * (PICTURE.width - 2 * radius);
    const cy = radius + random() * (PICTURE.height - 2 * radius);
    const ring = Array.from({ length: POINTS }, (_, i): Point => {
      const angle = (i / POINTS) * 2 * Math.PI;
      const r = radius * (0.7 + 0.3 * random());
      return [Math.round((cx + r * Math.cos(angle)) * 100) / 100, Math.round((cy + r * Math.sin(angle)) * 100) / 100];
    });
    return { id: `ann_${String(n).padStart(6, "0")}`, kind: n % CLASS_COLORS.length, ring };
  });
}

export function makePicture(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = PICTURE.width;
  canvas.height = PICTURE.height;
  const to = canvas.getContext("2d")!;
  const random = seeded(5);
  to.fillStyle = "#20303c";
  to.fillRect(0, 0, PICTURE.width, PICTURE.height);
  for (let i = 0; i < 400; i++) {
    to.fillStyle = `hsl(${Math.round(random() * 360)} 30% ${Math.round(20 + random() * 50)}%)`;
    to.fillRect(random() * PICTURE.width, random() * PICTURE.height, 40 + random() * 300, 40 + random() * 200);
  }
  return canvas;
}
