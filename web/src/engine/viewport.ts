/** Where the picture lies on the screen: screen = image * scale + offset, in CSS pixels. */
import { type Bounds, type Frame, type Point, centre, clamp, inflated } from "./geometry";

const MOST_SCALE = 64;
const FIT_MARGIN_PX = 24;
/** Context around an object that is looked at, in image pixels. */
const LEAST_ROOM_PX = 40;
const MOST_FOCUS_SCALE = 6;
/** At least this much of the picture stays in view, so that it cannot be lost. */
const KEEP_IN_VIEW_PX = 60;

export interface View {
  readonly scale: number;
  readonly tx: number;
  readonly ty: number;
}

export class Viewport {
  #view: View = { scale: 1, tx: 0, ty: 0 };
  #width = 1;
  #height = 1;

  constructor(readonly frame: Frame) {}

  get view(): View {
    return this.#view;
  }

  get scale(): number {
    return this.#view.scale;
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

  toImage([x, y]: Point): Point {
    const { scale, tx, ty } = this.#view;
    return [(x - tx) / scale, (y - ty) / scale];
  }

  toScreen([x, y]: Point): Point {
    const { scale, tx, ty } = this.#view;
    return [x * scale + tx, y * scale + ty];
  }

  /** The part of the image plane in view. */
  visible(): Bounds {
    const [x0, y0] = this.toImage([0, 0]);
    const [x1, y1] = this.toImage([this.#width, this.#height]);
    return { x0, y0, x1, y1 };
  }

  zoomAt(at: Point, factor: number): void {
    const { scale, tx, ty } = this.#view;
    const next = clamp(scale * factor, this.#leastScale(), MOST_SCALE);
    const k = next / scale;
    this.#set(next, at[0] - (at[0] - tx) * k, at[1] - (at[1] - ty) * k);
  }

  zoomBy(factor: number): void {
    this.zoomAt([this.#width / 2, this.#height / 2], factor);
  }

  panBy(dx: number, dy: number): void {
    const { scale, tx, ty } = this.#view;
    this.#set(scale, tx + dx, ty + dy);
  }

  fit(): void {
    this.show({ x0: 0, y0: 0, x1: this.frame.width, y1: this.frame.height }, FIT_MARGIN_PX);
  }

  get fitScale(): number {
    return this.#scaleFor(this.frame.width, this.frame.height, FIT_MARGIN_PX);
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
    const room = Math.max(LEAST_ROOM_PX, (area.x1 - area.x0 + area.y1 - area.y0) / 2);
    this.show(inflated(area, room), 0);
    if (this.scale > MOST_FOCUS_SCALE) this.zoomBy(MOST_FOCUS_SCALE / this.scale);
  }

  /** Moves just far enough that the area is in view; zooms only when it would not fit. */
  reveal(area: Bounds): void {
    const v = this.visible();
    if (area.x0 >= v.x0 && area.y0 >= v.y0 && area.x1 <= v.x1 && area.y1 <= v.y1) return;
    if (area.x1 - area.x0 > v.x1 - v.x0 || area.y1 - area.y0 > v.y1 - v.y0) return this.show(area, 80);
    const [cx, cy] = centre(area);
    this.#set(this.scale, this.#width / 2 - cx * this.scale, this.#height / 2 - cy * this.scale);
  }

  restore(view: View): void {
    this.#set(view.scale, view.tx, view.ty);
  }

  #scaleFor(width: number, height: number, margin: number): number {
    const w = Math.max(1, this.#width - 2 * margin);
    const h = Math.max(1, this.#height - 2 * margin);
    return Math.min(w / Math.max(width, 1e-6), h / Math.max(height, 1e-6));
  }

  #leastScale(): number {
    return Math.min(1, this.fitScale) / 4;
  }

  #set(scale: number, tx: number, ty: number): void {
    const { width, height } = this.frame;
    this.#view = {
      scale,
      tx: clamp(tx, KEEP_IN_VIEW_PX - width * scale, this.#width - KEEP_IN_VIEW_PX),
      ty: clamp(ty, KEEP_IN_VIEW_PX - height * scale, this.#height - KEEP_IN_VIEW_PX),
    };
  }
}
