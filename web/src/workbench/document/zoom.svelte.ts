/** How a picture is looked at: its scale and the place in the middle of its window. Pictures of one size may share it. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

const STEP = 1.25;
const MOST = 32;
const LEAST_OF_FIT = 0.5;

export class Zoom {
  /** Screen pixels for a pixel of the picture; null fits it into its window. */
  scale = $state<number | null>(null);
  /** What is in the middle of the window, as shares of the picture. */
  centre = $state.raw<readonly [x: number, y: number]>([0.5, 0.5]);

  /** The scale at which a picture fits its window; small ones are not blown up further than four times. */
  static fitting(picture: Size, view: Size): number {
    return Math.min(view.width / picture.width, view.height / picture.height, 4);
  }

  scaleIn(picture: Size, view: Size): number {
    return this.scale ?? Zoom.fitting(picture, view);
  }

  /** Where the picture's top left corner lies in its window. */
  originIn(picture: Size, view: Size): readonly [x: number, y: number] {
    const scale = this.scaleIn(picture, view);
    const [cx, cy] = this.#held(picture, view, scale);
    return [view.width / 2 - cx * picture.width * scale, view.height / 2 - cy * picture.height * scale];
  }

  fit(): void {
    this.scale = null;
    this.centre = [0.5, 0.5];
  }

  oneToOne(): void {
    this.scale = 1;
  }

  /** Zooms about a place of the window, which stays where it is; about its middle, where none is named. */
  by(factor: number, picture: Size, view: Size, at: readonly [x: number, y: number] = [view.width / 2, view.height / 2]): void {
    const before = this.scaleIn(picture, view);
    const fit = Zoom.fitting(picture, view);
    const after = Math.min(MOST, Math.max(fit * LEAST_OF_FIT, before * factor));
    const [x, y] = this.originIn(picture, view);
    const [px, py] = [(at[0] - x) / before, (at[1] - y) / before];
    this.scale = after;
    this.#look([(view.width / 2 - at[0]) / after + px, (view.height / 2 - at[1]) / after + py], picture, view, after);
  }

  /** Moves the picture by pixels of the screen. */
  pan(dx: number, dy: number, picture: Size, view: Size): void {
    const scale = this.scaleIn(picture, view);
    const [cx, cy] = this.#held(picture, view, scale);
    this.#look([cx * picture.width - dx / scale, cy * picture.height - dy / scale], picture, view, scale);
  }

  step(by: 1 | -1, picture: Size, view: Size): void {
    this.by(by === 1 ? STEP : 1 / STEP, picture, view);
  }

  #look([px, py]: readonly [number, number], picture: Size, view: Size, scale: number): void {
    this.centre = [px / picture.width, py / picture.height];
    this.centre = this.#held(picture, view, scale);
  }

  /** A picture that is smaller than its window stands in the middle; a larger one leaves no gap at its borders. */
  #held(picture: Size, view: Size, scale: number): readonly [number, number] {
    const hold = (centre: number, size: number, room: number): number => {
      const half = room / 2 / (size * scale);
      return half >= 0.5 ? 0.5 : Math.min(1 - half, Math.max(half, centre));
    };
    return [hold(this.centre[0], picture.width, view.width), hold(this.centre[1], picture.height, view.height)];
  }
}
