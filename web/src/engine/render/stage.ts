/** What is seen of the image plane, as one value: painters and cached bitmaps are made for a stage and compared by it. */
import { type Bounds, type Point, boundsOf } from "../geometry";
import { type View, type Viewport, turning } from "../viewport";
import type { Surface } from "./paint";

export interface Stage {
  readonly view: View;
  /** Of the sheet about the middle, clockwise, in degrees. */
  readonly turn: number;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
}

export function stageOf({ view, turn, width, height }: Viewport, ratio: number): Stage {
  return { view, turn, width, height, ratio };
}

export function isSameLay(a: Stage, b: Stage): boolean {
  return a.view.scale === b.view.scale && a.turn === b.turn && a.width === b.width && a.height === b.height && a.ratio === b.ratio;
}

/** A map of the plane: (x, y) goes to (a x + c y + e, b x + d y + f). */
export interface Matrix {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** From the sheet to the screen. */
function turned({ turn, width, height }: Stage): Matrix {
  const { cos, sin } = turning(turn);
  const [mx, my] = [width / 2, height / 2];
  return { a: cos, b: sin, c: -sin, d: cos, e: mx - cos * mx + sin * my, f: my - sin * mx - cos * my };
}

/** From what was on screen at one stage to where it is at another. */
export function between(from: Stage, to: Stage): Matrix {
  const g = to.view.scale / from.view.scale;
  const { cos, sin } = turning((to.turn - from.turn + 360) % 360);
  const [a, b] = [g * cos, g * sin];
  // Where the middle of the old stage has gone.
  const { a: ca, b: cb, c: cc, d: cd, e: ce, f: cf } = turned(to);
  const sx = g * (from.width / 2 - from.view.tx) + to.view.tx;
  const sy = g * (from.height / 2 - from.view.ty) + to.view.ty;
  const [mx, my] = [from.width / 2, from.height / 2];
  return { a, b, c: -b, d: a, e: ca * sx + cc * sy + ce - a * mx + b * my, f: cb * sx + cd * sy + cf - b * mx - a * my };
}

/** Lets a surface take coordinates of the screen, shifted by a margin. */
export function onScreen(to: Surface, ratio: number, margin = 0): void {
  to.setTransform(ratio, 0, 0, ratio, margin * ratio, margin * ratio);
}

/** Lets a surface take coordinates of the sheet. */
export function onSheet(to: Surface, stage: Stage, margin = 0): void {
  const { ratio } = stage;
  const m = turned(stage);
  to.setTransform(m.a * ratio, m.b * ratio, m.c * ratio, m.d * ratio, (m.e + margin) * ratio, (m.f + margin) * ratio);
}

/** Where an area of the image lies on screen: the upright box around it. */
export function onScreenBounds(stage: Stage, area: Bounds): Bounds {
  const m = turned(stage);
  const { scale, tx, ty } = stage.view;
  return boundsOf(cornersOf(area).map(([x, y]): Point => {
    const sx = x * scale + tx;
    const sy = y * scale + ty;
    return [m.a * sx + m.c * sy + m.e, m.b * sx + m.d * sy + m.f];
  }));
}

/** The part of the image in view with a margin around it, in CSS pixels: the upright box around that part. */
export function areaOf(stage: Stage, margin = 0): Bounds {
  const { cos, sin } = turning(stage.turn);
  const { scale, tx, ty } = stage.view;
  const [mx, my] = [stage.width / 2, stage.height / 2];
  return boundsOf(cornersOf({ x0: -margin, y0: -margin, x1: stage.width + margin, y1: stage.height + margin }).map(([x, y]): Point => {
    const dx = x - mx;
    const dy = y - my;
    return [(mx + dx * cos + dy * sin - tx) / scale, (my + dy * cos - dx * sin - ty) / scale];
  }));
}

function cornersOf({ x0, y0, x1, y1 }: Bounds): Point[] {
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
}
