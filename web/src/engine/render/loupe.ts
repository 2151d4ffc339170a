/** A circle at the pointer in which picture and objects are larger; what is under the pointer stays there. */
import type { Bounds, Point } from "../geometry";
import type { Surface } from "./paint";
import type { Picture } from "./picture";
import type { SettledItem } from "./settled-layer";
import { type Stage, areaOf, between, onScreen, onSheet } from "./stage";

const RADIUS_PX = 110;

export interface LoupeContent {
  /** On screen. */
  readonly at: Point;
  readonly zoom: number;
  readonly picture: Picture | null;
  readonly itemsIn: (area: Bounds) => readonly SettledItem[];
}

/** The stage as seen through the loupe: enlarged about the pointer. */
export function magnified(stage: Stage, [x, y]: Point, zoom: number): Stage {
  const { view, width, height } = stage;
  const scale = view.scale * zoom;
  const about = (tx: number, ty: number): Stage => ({ ...stage, view: { scale, tx, ty } });
  // Any offset will do to learn how far the pointer's place is off; then it is corrected along the turned axes.
  const first = about(width / 2 + (view.tx - width / 2) * zoom, height / 2 + (view.ty - height / 2) * zoom);
  const m = between(stage, first);
  const dx = x - (m.a * x + m.c * y + m.e);
  const dy = y - (m.b * x + m.d * y + m.f);
  const [cos, sin] = unturned(stage);
  return about(first.view.tx + dx * cos + dy * sin, first.view.ty + dy * cos - dx * sin);
}

function unturned({ turn }: Stage): readonly [number, number] {
  const angle = (turn * Math.PI) / 180;
  return [Math.cos(angle), Math.sin(angle)];
}

export function paintLoupe(to: Surface, stage: Stage, { at, zoom, picture, itemsIn }: LoupeContent): void {
  const near = magnified(stage, at, zoom);
  onScreen(to, stage.ratio);
  to.save();
  circle(to, at, RADIUS_PX);
  to.clip();
  to.clearRect(at[0] - RADIUS_PX, at[1] - RADIUS_PX, 2 * RADIUS_PX, 2 * RADIUS_PX);
  to.fillStyle = "#000";
  to.fillRect(at[0] - RADIUS_PX, at[1] - RADIUS_PX, 2 * RADIUS_PX, 2 * RADIUS_PX);
  onSheet(to, near);
  picture?.paint(to, near, 0);
  for (const item of itemsIn(seenThrough(near, at))) item.paint(to, near.view);
  onScreen(to, stage.ratio);
  to.restore();
  paintRim(to, at);
}

/** The part of the image in the circle. */
function seenThrough(near: Stage, [x, y]: Point): Bounds {
  const inner: Stage = { ...near, width: 2 * RADIUS_PX, height: 2 * RADIUS_PX };
  // A window of the circle's size, moved to the pointer: turned about its own middle it shows the same as before.
  const [cos, sin] = unturned(near);
  const [ox, oy] = [x - near.width / 2, y - near.height / 2];
  const tx = near.view.tx - near.width / 2 + RADIUS_PX - (ox * cos + oy * sin);
  const ty = near.view.ty - near.height / 2 + RADIUS_PX - (oy * cos - ox * sin);
  return areaOf({ ...inner, view: { ...near.view, tx, ty } });
}

function paintRim(to: Surface, at: Point): void {
  to.setLineDash([]);
  for (const [color, width] of [["rgba(0,0,0,.6)", 4], ["rgba(255,255,255,.95)", 2]] as const) {
    to.strokeStyle = color;
    to.lineWidth = width;
    circle(to, at, RADIUS_PX);
    to.stroke();
    to.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
      to.moveTo(at[0] + dx * 5, at[1] + dy * 5);
      to.lineTo(at[0] + dx * 12, at[1] + dy * 12);
    }
    to.stroke();
  }
}

function circle(to: Surface, [x, y]: Point, radius: number): void {
  to.beginPath();
  to.arc(x, y, radius, 0, 2 * Math.PI);
}
