/** Turns raw pointer, wheel and key-hold events into tool calls, panning and zooming. The page feeds it plain numbers. */
import type { Point } from "./geometry";
import type { Editor } from "./editor";
import type { PointerInput } from "./tools/tool";

export interface RawPointer {
  readonly pointerId: number;
  readonly screen: Point;
  readonly button: number;
  readonly shift: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly timeMs: number;
}

export interface RawWheel {
  readonly screen: Point;
  readonly dx: number;
  readonly dy: number;
  readonly shift: boolean;
}

const DOUBLE_CLICK_MS = 350;
const DOUBLE_CLICK_PX = 6;
const WHEEL_ZOOM = 0.0015;
const MIDDLE = 1;

export class InputRouter {
  /** Space is held: any drag moves the view. */
  isHandHeld = false;
  pointerAt: Point | null = null;
  #pan: Point | null = null;
  #touches = new Map<number, Point>();
  #lastDown: { at: Point; timeMs: number } | null = null;

  constructor(private readonly editor: Editor) {}

  get cursor(): string {
    if (this.#pan) return "grabbing";
    return this.isHandHeld ? "grab" : this.editor.tool.cursor;
  }

  down(raw: RawPointer, isTouch: boolean): void {
    this.pointerAt = raw.screen;
    if (isTouch) {
      this.#touches.set(raw.pointerId, raw.screen);
      if (this.#touches.size === 2) return void this.editor.tool.cancel();
    }
    if (raw.button === MIDDLE || this.isHandHeld) {
      this.#pan = raw.screen;
      return;
    }
    this.editor.tool.down(this.#input(raw, this.#clicks(raw)));
  }

  move(raw: RawPointer): void {
    this.pointerAt = raw.screen;
    if (this.#touches.has(raw.pointerId) && this.#pinch(raw)) return;
    if (this.#pan) {
      this.editor.viewport.panBy(raw.screen[0] - this.#pan[0], raw.screen[1] - this.#pan[1]);
      this.#pan = raw.screen;
      return this.editor.changed("view");
    }
    this.editor.tool.move(this.#input(raw, 1));
  }

  up(raw: RawPointer): void {
    const wasPinch = this.#touches.size > 1;
    this.#touches.delete(raw.pointerId);
    if (this.#pan) {
      this.#pan = null;
      return this.editor.changed("live");
    }
    if (!wasPinch) this.editor.tool.up(this.#input(raw, 1));
  }

  leave(): void {
    this.pointerAt = null;
    this.editor.setHover(null);
    this.editor.changed("live");
  }

  /** The browser took the pointer away: nothing half-done may stay. */
  lost(): void {
    this.#touches.clear();
    this.#pan = null;
    this.editor.tool.cancel();
  }

  wheel({ screen, dx, dy, shift }: RawWheel): void {
    if (shift) this.editor.viewport.panBy(-(dx || dy), 0);
    else this.editor.viewport.zoomAt(screen, Math.exp(-dy * WHEEL_ZOOM));
    this.editor.changed("view");
  }

  #pinch(raw: RawPointer): boolean {
    const before = [...this.#touches.values()];
    this.#touches.set(raw.pointerId, raw.screen);
    if (before.length < 2) return false;
    const after = [...this.#touches.values()];
    const span = (p: Point[]): number => Math.hypot(p[0]![0] - p[1]![0], p[0]![1] - p[1]![1]);
    const mid = (p: Point[]): Point => [(p[0]![0] + p[1]![0]) / 2, (p[0]![1] + p[1]![1]) / 2];
    const to = mid(after);
    const from = mid(before);
    this.editor.viewport.panBy(to[0] - from[0], to[1] - from[1]);
    this.editor.viewport.zoomAt(to, span(after) / Math.max(1, span(before)));
    this.editor.changed("view");
    return true;
  }

  #clicks({ screen, timeMs }: RawPointer): number {
    const last = this.#lastDown;
    const isSecond =
      last !== null &&
      timeMs - last.timeMs <= DOUBLE_CLICK_MS &&
      Math.hypot(screen[0] - last.at[0], screen[1] - last.at[1]) <= DOUBLE_CLICK_PX;
    this.#lastDown = isSecond ? null : { at: screen, timeMs };
    return isSecond ? 2 : 1;
  }

  #input(raw: RawPointer, clicks: number): PointerInput {
    return {
      screen: raw.screen,
      at: this.editor.viewport.toImage(raw.screen),
      button: raw.button,
      shift: raw.shift,
      ctrl: raw.ctrl,
      alt: raw.alt,
      clicks,
    };
  }
}
