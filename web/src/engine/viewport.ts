/**
 * Where the picture lies on the screen, in CSS pixels. Two steps: the picture is laid on a sheet that is never turned
 * (sheet = image * scale + offset), and the sheet is turned about the middle of the view. Painters work on the sheet and
 * need to know nothing of turns; what is turned is the surface under them.
 */
import { type Bounds, type Frame, type Point, boundsOf, centre, clamp, inflated } from "./geometry";

const MOST_SCALE = 64;
const FIT_MARGIN_PX = 24;
/** Context around an object that is looked at, in image pixels. */
const LEAST_ROOM_PX = 40;
const MOST_FOCUS_SCALE = 6;
/** At least this much of the picture stays in view, so that it cannot be lost. */
const KEEP_IN_VIEW_PX = 60;

/** From the image to the sheet. */
export interface View {
  readonly scale: number;
  readonly tx: number;
  readonly ty: number;
}

export class Viewport {
  #view: View = { scale: 1, tx: 0, ty: 0 };
  #turn = 0;
  #cos = 1;
  #sin = 0;
  #width = 1;
  #height = 1;
  /** Told of places that are to be seen, where the item is no picture and something else shows it; close where it is to be looked at. */
  follower: ((area: Bounds, isClose: boolean) => void) | null = null;
  /** The part that fills the view when it is fitted, such as the page that is looked at; null for all. */
  home: Bounds | null = null;

  constructor(readonly frame: Frame) {}

  get view(): View {
    return this.#view;
  }

  get scale(): number {
    return this.#view.scale;
  }

  /** How far the sheet is turned, clockwise on screen, in degrees from 0 up to 360. */
  get turn(): number {
    return this.#turn;
  }

  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  /** Tells the size of the canvas; keeps the middle of the view where it is. */
  resize(width: number, height: number): void {
    const { scale, tx, ty } = this.#view;
    const shiftX = (width - this.#width) / 2;
    const shiftY = (height - this.#height) / 2;
    this.#width = Math.max(1, width);
    this.#height = Math.max(1, height);
    this.#set(scale, tx + shiftX, ty + shiftY);
  }

  toImage(at: Point): Point {
    const { scale, tx, ty } = this.#view;
    const [x, y] = this.#toSheet(at);
    return [(x - tx) / scale, (y - ty) / scale];
  }

  toScreen([x, y]: Point): Point {
    const { scale, tx, ty } = this.#view;
    return this.#fromSheet([x * scale + tx, y * scale + ty]);
  }

  /** The part of the image plane in view; when it is turned, the upright box around that part. */
  visible(): Bounds {
    return boundsOf(this.corners());
  }

  /** The corners of the view on the image plane, clockwise from the top left of the screen. */
  corners(): Point[] {
    const [w, h] = [this.#width, this.#height];
    return ([[0, 0], [w, 0], [w, h], [0, h]] as const).map((corner) => this.toImage(corner));
  }

  zoomAt(at: Point, factor: number): void {
    const { scale, tx, ty } = this.#view;
    const next = clamp(scale * factor, this.#leastScale(), MOST_SCALE);
    const k = next / scale;
    const [x, y] = this.#toSheet(at);
    this.#set(next, x - (x - tx) * k, y - (y - ty) * k);
  }

  zoomBy(factor: number): void {
    this.zoomAt([this.#width / 2, this.#height / 2], factor);
  }

  /** Moves by a step on the screen. */
  panBy(dx: number, dy: number): void {
    const { scale, tx, ty } = this.#view;
    this.#set(scale, tx + dx * this.#cos + dy * this.#sin, ty + dy * this.#cos - dx * this.#sin);
  }

  /** A step along the screen as a step along the picture: by the quarter turn that the view is nearest to. */
  alongPicture(dx: number, dy: number): [number, number] {
    const { cos, sin } = turning((Math.round(this.#turn / 90) * 90) % 360);
    // Adding nothing turns -0 into 0.
    return [dx * cos + dy * sin + 0, dy * cos - dx * sin + 0];
  }

  /** Brings a place of the image to the middle. */
  moveTo([x, y]: Point): void {
    this.#set(this.scale, this.#width / 2 - x * this.scale, this.#height / 2 - y * this.scale);
  }

  /** Turns by degrees, clockwise on screen; the place under `at` (the middle, when not given) stays. */
  turnBy(degrees: number, at: Point = [this.#width / 2, this.#height / 2]): void {
    const kept = this.toImage(at);
    this.#turnTo(this.#turn + degrees);
    const [x, y] = this.toScreen(kept);
    this.panBy(at[0] - x, at[1] - y);
  }

  fit(): void {
    this.show(this.home ?? { x0: 0, y0: 0, x1: this.frame.width, y1: this.frame.height }, FIT_MARGIN_PX);
  }

  get fitScale(): number {
    const { home, frame } = this;
    return this.#scaleFor(home ? home.x1 - home.x0 : frame.width, home ? home.y1 - home.y0 : frame.height, FIT_MARGIN_PX);
  }

  oneToOne(): void {
    const { scale } = this.#view;
    this.zoomBy(1 / scale);
  }

  /** Zooms and moves so that the area fills the view. */
  show(area: Bounds, margin: number): void {
    const scale = clamp(this.#scaleFor(area.x1 - area.x0, area.y1 - area.y0, margin), this.#leastScale(), MOST_SCALE);
    const [cx, cy] = centre(area);
    this.#set(scale, this.#width / 2 - cx * scale, this.#height / 2 - cy * scale);
  }

  /** Shows an object with its surroundings, near enough to judge it. */
  focus(area: Bounds): void {
    if (this.follower) return this.follower(area, true);
    const room = Math.max(LEAST_ROOM_PX, (area.x1 - area.x0 + area.y1 - area.y0) / 2);
    this.show(inflated(area, room), 0);
    if (this.scale > MOST_FOCUS_SCALE) this.zoomBy(MOST_FOCUS_SCALE / this.scale);
  }

  /** Moves just far enough that the area is in view; zooms only when it would not fit. */
  reveal(area: Bounds): void {
    if (this.follower) return this.follower(area, false);
    const seen = boundsOf([[area.x0, area.y0], [area.x1, area.y0], [area.x1, area.y1], [area.x0, area.y1]].map(([x, y]) => this.toScreen([x!, y!])));
    if (seen.x0 >= 0 && seen.y0 >= 0 && seen.x1 <= this.#width && seen.y1 <= this.#height) return;
    if (seen.x1 - seen.x0 > this.#width || seen.y1 - seen.y0 > this.#height) return this.show(area, 80);
    this.moveTo(centre(area));
  }

  restore(view: View, turn = this.#turn): void {
    this.#turnTo(turn);
    this.#set(view.scale, view.tx, view.ty);
  }

  #turnTo(degrees: number): void {
    this.#turn = ((degrees % 360) + 360) % 360;
    ({ cos: this.#cos, sin: this.#sin } = turning(this.#turn));
  }

  #toSheet([x, y]: Point): Point {
    if (this.#turn === 0) return [x, y];
    const dx = x - this.#width / 2;
    const dy = y - this.#height / 2;
    return [this.#width / 2 + dx * this.#cos + dy * this.#sin, this.#height / 2 + dy * this.#cos - dx * this.#sin];
  }

  #fromSheet([x, y]: Point): Point {
    if (this.#turn === 0) return [x, y];
    const dx = x - this.#width / 2;
    const dy = y - this.#height / 2;
    return [this.#width / 2 + dx * this.#cos - dy * this.#sin, this.#height / 2 + dx * this.#sin + dy * this.#cos];
  }

  #scaleFor(width: number, height: number, margin: number): number {
    const [c, s] = [Math.abs(this.#cos), Math.abs(this.#sin)];
    const w = Math.max(1, this.#width - 2 * margin);
    const h = Math.max(1, this.#height - 2 * margin);
    return Math.min(w / Math.max(width * c + height * s, 1e-6), h / Math.max(width * s + height * c, 1e-6));
  }

  #leastScale(): number {
    return Math.min(1, this.fitScale) / 4;
  }

  /** Takes a new view, held back so far that some of the picture stays on screen. */
  #set(scale: number, tx: number, ty: number): void {
    this.#view = { scale, tx, ty };
    if (this.#turn % 90 !== 0) return this.#holdMiddle();
    const { width, height } = this.frame;
    const b = boundsOf(([[0, 0], [width, 0], [width, height], [0, height]] as const).map((corner) => this.toScreen(corner)));
    const dx = heldBack(b.x0, b.x1, this.#width);
    const dy = heldBack(b.y0, b.y1, this.#height);
    if (dx === 0 && dy === 0) return;
    this.#view = { scale, tx: tx + dx * this.#cos + dy * this.#sin, ty: ty + dy * this.#cos - dx * this.#sin };
  }

  /** A picture that lies askew is kept within the circle that fits the view. */
  #holdMiddle(): void {
    const { scale, tx, ty } = this.#view;
    const reach = Math.max(0, Math.min(this.#width, this.#height) / 2 - KEEP_IN_VIEW_PX) / Math.SQRT2 / scale;
    const [x, y] = [(this.#width / 2 - tx) / scale, (this.#height / 2 - ty) / scale];
    const dx = x - clamp(x, -reach, this.frame.width + reach);
    const dy = y - clamp(y, -reach, this.frame.height + reach);
    if (dx !== 0 || dy !== 0) this.#view = { scale, tx: tx + dx * scale, ty: ty + dy * scale };
  }
}

const SIZING_CURSORS = ["ns-resize", "nesw-resize", "ew-resize", "nwse-resize"] as const;

/** A cursor that shows a direction, as it has to look on a view that is turned. */
export function turnedCursor(cursor: string, degrees: number): string {
  const at = (SIZING_CURSORS as readonly string[]).indexOf(cursor);
  return at < 0 ? cursor : SIZING_CURSORS[(at + Math.round(degrees / 45)) % SIZING_CURSORS.length]!;
}

/** Cosine and sine of a turn in degrees; quarter turns are exact, so that an upright picture stays sharp. */
export function turning(degrees: number): { readonly cos: number; readonly sin: number } {
  const angle = (degrees * Math.PI) / 180;
  const isQuarter = degrees % 90 === 0;
  return { cos: isQuarter ? Math.round(Math.cos(angle)) : Math.cos(angle), sin: isQuarter ? Math.round(Math.sin(angle)) : Math.sin(angle) };
}

/** The step that brings a stretch from `low` to `high` far enough into a view of this size. */
function heldBack(low: number, high: number, size: number): number {
  const most = size - KEEP_IN_VIEW_PX;
  if (low > most) return most - low;
  return high < KEEP_IN_VIEW_PX ? KEEP_IN_VIEW_PX - high : 0;
}
