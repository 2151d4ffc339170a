/**
 * Fingers on the picture. One finger draws with a drawing tool; with the others it moves what it meets and pans on empty
 * ground. Two fingers zoom and pan. A long press is what a right or an alt click is with a mouse. A finger does nothing
 * until it is clear what it means, so that the first of two fingers leaves no trace.
 */
import { type Point, distance } from "./geometry";

/** A finger moves at least this far before it is more than a tap, in screen pixels. */
export const TOUCH_SLOP_PX = 8;
export const LONG_PRESS_MS = 500;

export interface TouchPorts<Raw> {
  /** Whether one finger that starts here pans, rather than working with the tool. */
  readonly pansFrom: (at: Point) => boolean;
  readonly press: (raw: Raw) => void;
  readonly drag: (raw: Raw) => void;
  readonly release: (raw: Raw) => void;
  readonly tap: (raw: Raw) => void;
  readonly longPress: (raw: Raw) => void;
  /** A second finger came, or a pen: what the first began is to be as if it had not been. */
  readonly giveUp: () => void;
  readonly pan: (dx: number, dy: number) => void;
  readonly zoom: (at: Point, factor: number) => void;
  readonly later: (ms: number, run: () => void) => () => void;
}

interface RawTouch {
  readonly pointerId: number;
  readonly screen: Point;
}

/** idle: no finger. unclear: one, which has not moved. spent: fingers are still down, but they mean nothing more. */
type Gesture = "idle" | "unclear" | "working" | "panning" | "pinching" | "spent";

export class Fingers<Raw extends RawTouch> {
  #gesture: Gesture = "idle";
  #first: Raw | null = null;
  readonly #at = new Map<number, Point>();
  #cancelTimer: (() => void) | null = null;

  constructor(private readonly ports: TouchPorts<Raw>) {}

  get gesture(): Gesture {
    return this.#gesture;
  }

  get isPanning(): boolean {
    return this.#gesture === "panning" || this.#gesture === "pinching";
  }

  down(raw: Raw): void {
    this.#at.set(raw.pointerId, raw.screen);
    this.#stopTimer();
    if (this.#at.size === 1) {
      this.#first = raw;
      this.#gesture = "unclear";
      this.#cancelTimer = this.ports.later(LONG_PRESS_MS, () => this.#pressedLong());
    } else if (this.#at.size === 2 && this.#gesture !== "spent") {
      if (this.#gesture === "working") this.ports.giveUp();
      this.#gesture = "pinching";
    } else this.#gesture = "spent";
  }

  move(raw: Raw): void {
    const from = this.#at.get(raw.pointerId);
    if (!from || !this.#first) return;
    if (this.#gesture === "pinching") return this.#pinch(raw);
    if (this.#gesture === "unclear") {
      if (distance(raw.screen, this.#first.screen) < TOUCH_SLOP_PX) return;
      this.#stopTimer();
      this.#gesture = this.ports.pansFrom(this.#first.screen) ? "panning" : "working";
      if (this.#gesture === "working") this.ports.press(this.#first);
    }
    this.#at.set(raw.pointerId, raw.screen);
    if (this.#gesture === "working") this.ports.drag(raw);
    if (this.#gesture === "panning") this.ports.pan(raw.screen[0] - from[0], raw.screen[1] - from[1]);
  }

  up(raw: Raw): void {
    if (!this.#at.delete(raw.pointerId)) return;
    this.#stopTimer();
    const gesture = this.#gesture;
    this.#gesture = this.#at.size ? "spent" : "idle";
    if (gesture === "unclear") this.ports.tap(raw);
    if (gesture === "working") this.ports.release(raw);
  }

  /** The fingers are no fingers but the palm of a hand with a pen, or the browser took them. */
  forget(): void {
    this.#stopTimer();
    if (this.#gesture === "working") this.ports.giveUp();
    this.#at.clear();
    this.#gesture = "idle";
  }

  #pressedLong(): void {
    if (this.#gesture !== "unclear" || !this.#first) return;
    this.#gesture = "spent";
    this.ports.longPress(this.#first);
  }

  #pinch(raw: Raw): void {
    const before = [...this.#at.values()] as [Point, Point];
    this.#at.set(raw.pointerId, raw.screen);
    const after = [...this.#at.values()] as [Point, Point];
    const [from, to] = [middle(before), middle(after)];
    this.ports.pan(to[0] - from[0], to[1] - from[1]);
    this.ports.zoom(to, distance(...after) / Math.max(1, distance(...before)));
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}

function middle([a, b]: readonly [Point, Point]): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
