/** The handles of the object in hand: one look for each role. */
import type { Point } from "../geometry";
import type { Handle } from "../shapes/shape";
import { HANDLE_PX, SMALL_HANDLE_PX, type Surface, paintHandle } from "./paint";
import type { View } from "../viewport";

/** On smaller objects the handles of the sides would hide the corners. */
const ROOM_FOR_SIDES_PX = 36;
const SMALL_PX = 26;
const DARK = "rgba(0,0,0,.75)";

export interface HandleRoom {
  readonly view: View;
  readonly color: string;
  /** The shorter side of the object on screen. */
  readonly leastSide: number;
  readonly hotId: string | null;
}

export function paintHandles(to: Surface, handles: readonly Handle[], room: HandleRoom): void {
  const { view, leastSide } = room;
  const screen = ([x, y]: Point): Point => [x * view.scale + view.tx, y * view.scale + view.ty];
  const shown = handles.filter((h) => h.role !== "side" || leastSide >= ROOM_FOR_SIDES_PX);
  for (const { stem, at, role } of shown) if (stem) paintStem(to, screen(stem), screen(at), role === "curve", room.color);
  for (const handle of shown) paintOne(to, handle, screen(handle.at), room);
}

function paintOne(to: Surface, handle: Handle, [x, y]: Point, { color, leastSide, hotId }: HandleRoom): void {
  const isHot = handle.id === hotId;
  const isSquare = handle.role === "corner" || handle.role === "side";
  const sizePx = isSquare && leastSide < SMALL_PX ? SMALL_HANDLE_PX : HANDLE_PX;
  if (handle.role === "turn") return paintTurn(to, x, y, isHot, color);
  if (handle.role === "face") return paintFace(to, x, y, isHot, color, handle.look === "hollow");
  if (handle.look === "crossed") return paintCross(to, x, y, isHot, color);
  if (handle.role === "curve") return paintHandle(to, x, y, { isRound: true, isHot, color, sizePx: HANDLE_PX - 2 });
  // A corner of a path is square, a smooth node round.
  const isRound = handle.role === "node" || (handle.role === "vertex" && handle.look !== "hollow");
  paintHandle(to, x, y, { isRound, isHot, color, sizePx });
  if (handle.look !== "hollow" || handle.role === "vertex" || isHot) return;
  to.beginPath();
  to.arc(x, y, 1.5, 0, Math.PI * 2);
  to.fillStyle = DARK;
  to.fill();
}

/** From a shape to a handle that stands off it. */
function paintStem(to: Surface, from: Point, at: Point, isDashed: boolean, color: string): void {
  for (const [ink, width] of [[DARK, 3], [color, 1.25]] as const) {
    to.setLineDash(isDashed ? [4, 3] : []);
    to.beginPath();
    to.moveTo(from[0], from[1]);
    to.lineTo(at[0], at[1]);
    to.strokeStyle = ink;
    to.lineWidth = width;
    to.stroke();
  }
  to.setLineDash([]);
}

/** An open ring: turn here. */
function paintTurn(to: Surface, x: number, y: number, isHot: boolean, color: string): void {
  paintHandle(to, x, y, { isRound: true, isHot, color, sizePx: HANDLE_PX + 4 });
  to.beginPath();
  to.arc(x, y, 3, -0.3 * Math.PI, 1.2 * Math.PI);
  to.strokeStyle = isHot ? "#fff" : DARK;
  to.lineWidth = 1.25;
  to.stroke();
}

/** A diamond in the middle of a face; the back one is hollow. */
function paintFace(to: Surface, x: number, y: number, isHot: boolean, color: string, isBack: boolean): void {
  const r = isHot ? 7.5 : 6;
  to.setLineDash([]);
  to.beginPath();
  to.moveTo(x, y - r);
  to.lineTo(x + r, y);
  to.lineTo(x, y + r);
  to.lineTo(x - r, y);
  to.closePath();
  to.fillStyle = isHot ? color : isBack ? "rgba(0,0,0,.55)" : "#fff";
  to.fill();
  to.strokeStyle = isBack && !isHot ? "#fff" : DARK;
  to.lineWidth = 1.5;
  to.stroke();
}

function paintCross(to: Surface, x: number, y: number, isHot: boolean, color: string): void {
  const r = isHot ? 5.5 : 4;
  for (const [ink, width] of [[DARK, 4], [isHot ? color : "#fff", 1.75]] as const) {
    to.setLineDash([]);
    to.beginPath();
    to.moveTo(x - r, y - r);
    to.lineTo(x + r, y + r);
    to.moveTo(x + r, y - r);
    to.lineTo(x - r, y + r);
    to.strokeStyle = ink;
    to.lineWidth = width;
    to.stroke();
  }
}
