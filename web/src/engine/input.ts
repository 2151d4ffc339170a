/** Turns raw pointer, wheel and key-hold events into tool calls, panning and zooming. The page feeds it plain numbers. */
import type { Point } from "./geometry";
import type { Editor } from "./editor";
import { type PointerInput, REACH_PX } from "./tools/tool";
import { type ToolId, toolIds } from "./tools/registry";
import { Fingers } from "./touch";

export type PointerKind = "mouse" | "touch" | "pen";

export interface RawPointer {
  readonly pointerId: number;
  readonly screen: Point;
  readonly button: number;
  readonly shift: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly timeMs: number;
  /** A mouse, when it is not said. */
  readonly kind?: PointerKind;
  /** The pen is turned round. */
  readonly isEraser?: boolean;
  /** Of a pen, from 0 to 1. */
  readonly pressure?: number | undefined;
}

export interface RawWheel {
  readonly screen: Point;
  readonly dx: number;
  readonly dy: number;
  readonly shift: boolean;
  readonly alt?: boolean;
}

export type Later = (ms: number, run: () => void) => () => void;

const DOUBLE_CLICK_MS = 350;
const DOUBLE_CLICK_PX = 6;
const DOUBLE_TAP_PX = 24;
const WHEEL_ZOOM = 0.0015;
const MIDDLE = 1;
const RIGHT = 2;
/** A touch this soon after the pen is the palm of the hand that holds it. */
const PALM_MS = 600;
const FINGER_REACH_PX = 18;
const PEN_REACH_PX = 10;
const ERASER = "eraser" as ToolId;

const byTimeout: Later = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

export class InputRouter {
  /** Space is held: any drag moves the view. */
  isHandHeld = false;
  pointerAt: Point | null = null;
  #pan: Point | null = null;
  #lastDown: { at: Point; timeMs: number } | null = null;
  readonly #fingers: Fingers<RawPointer>;
  #penMs = -Infinity;
  #isPenDown = false;
  /** The tool to go back to when the pen is lifted. */
  #beforeEraser: ToolId | null = null;
  /** Whether the tool was at rest before a finger pressed. */
  #wasIdle = true;

  constructor(private readonly editor: Editor, later: Later = byTimeout) {
    this.#fingers = new Fingers<RawPointer>({
      pansFrom: (at) => this.#pansFrom(at),
      press: (raw) => this.#press(raw),
      drag: (raw) => this.editor.tool.move(this.#input(raw, 1)),
      release: (raw) => this.editor.tool.up(this.#input(raw, 1)),
      tap: (raw) => this.#click(raw, {}),
      longPress: (raw) => this.#click(raw, this.editor.tool.draws === null ? { alt: true } : { button: RIGHT }),
      giveUp: () => this.#giveUp(),
      pan: (dx, dy) => {
        this.editor.viewport.panBy(dx, dy);
        this.editor.changed("view");
      },
      zoom: (at, factor) => {
        this.editor.viewport.zoomAt(at, factor);
        this.editor.changed("view");
      },
      later,
    });
  }

  get cursor(): string {
    if (this.#pan) return "grabbing";
    return this.isHandHeld ? "grab" : this.editor.tool.cursor;
  }

  down(raw: RawPointer, isTouch = false): void {
    const kind = raw.kind ?? (isTouch ? "touch" : "mouse");
    if (kind === "touch" && this.#isPalm(raw)) return;
    this.pointerAt = raw.screen;
    this.editor.reachPx = kind === "touch" ? FINGER_REACH_PX : kind === "pen" ? PEN_REACH_PX : REACH_PX;
    if (kind === "touch") return this.#fingers.down(raw);
    if (kind === "pen") this.#penDown(raw);
    if (raw.button === MIDDLE || this.isHandHeld) {
      this.#pan = raw.screen;
      return;
    }
    // With a shape under way the other end of the pen takes its last point back; otherwise it rubs out.
    if (raw.isEraser && !this.#takeEraser()) return void this.editor.tool.back();
    this.editor.tool.down(this.#input(raw.isEraser ? { ...raw, button: 0 } : raw, this.#clicks(raw, DOUBLE_CLICK_PX)));
  }

  move(raw: RawPointer): void {
    if (raw.kind === "touch" && this.#isPalm(raw)) return;
    if (raw.kind === "pen") this.#penMs = raw.timeMs;
    this.pointerAt = raw.screen;
    if (this.#fingers.gesture !== "idle") return this.#fingers.move(raw);
    if (raw.kind === "touch") return;
    if (this.#pan) {
      this.editor.viewport.panBy(raw.screen[0] - this.#pan[0], raw.screen[1] - this.#pan[1]);
      this.#pan = raw.screen;
      return this.editor.changed("view");
    }
    this.editor.tool.move(this.#input(raw, 1));
  }

  up(raw: RawPointer): void {
    if (this.#fingers.gesture !== "idle") return this.#fingers.up(raw);
    if (raw.kind === "touch") return;
    if (raw.kind === "pen") {
      this.#penMs = raw.timeMs;
      this.#isPenDown = false;
    }
    if (this.#pan) {
      this.#pan = null;
      return this.editor.changed("live");
    }
    this.editor.tool.up(this.#input(raw, 1));
    this.#layEraserDown();
  }

  leave(): void {
    this.pointerAt = null;
    this.editor.setHover(null);
    this.editor.changed("live");
  }

  /** The browser took the pointer away: nothing half-done may stay. */
  lost(): void {
    this.#fingers.forget();
    this.#pan = null;
    this.#isPenDown = false;
    this.editor.tool.cancel();
    this.#layEraserDown();
  }

  wheel({ screen, dx, dy, shift, alt = false }: RawWheel): void {
    if (alt && this.editor.tool.adjust?.(dy > 0 || dx > 0 ? -1 : 1)) return;
    if (shift) this.editor.viewport.panBy(-(dx || dy), 0);
    else this.editor.viewport.zoomAt(screen, Math.exp(-dy * WHEEL_ZOOM));
    this.editor.changed("view");
  }

  #isPalm(raw: RawPointer): boolean {
    return this.#isPenDown || raw.timeMs - this.#penMs < PALM_MS;
  }

  #penDown(raw: RawPointer): void {
    // What was taken for a finger was the hand that holds the pen.
    this.#fingers.forget();
    this.#penMs = raw.timeMs;
    this.#isPenDown = true;
  }

  #pansFrom(at: Point): boolean {
    if (this.isHandHeld) return true;
    const { editor } = this;
    return editor.toolId === "select" && editor.hitAt(editor.viewport.toImage(at)) === null;
  }

  #press(raw: RawPointer): void {
    const { tool } = this.editor;
    this.#wasIdle = tool.state === "idle";
    tool.move(this.#input(raw, 1));
    tool.down(this.#input(raw, this.#clicks(raw, DOUBLE_TAP_PX)));
  }

  #click(raw: RawPointer, more: Partial<PointerInput>): void {
    if (this.isHandHeld) return;
    const input = { ...this.#input(raw, this.#clicks(raw, DOUBLE_TAP_PX)), ...more };
    // A finger does not hover: the tool hears where it is before it presses.
    this.editor.tool.move({ ...input, clicks: 1 });
    this.editor.tool.down(input);
    this.editor.tool.up({ ...input, clicks: 1 });
  }

  /** Undoes what a finger did that turned out to be the first of two: only its own part of a longer drawing. */
  #giveUp(): void {
    const { tool } = this.editor;
    if (this.#wasIdle) tool.cancel();
    else tool.back();
  }

  #takeEraser(): boolean {
    const { editor } = this;
    if (editor.toolId === ERASER) return true;
    if (editor.tool.state !== "idle" || !(toolIds as readonly string[]).includes(ERASER)) return false;
    this.#beforeEraser = editor.toolId;
    editor.setTool(ERASER);
    return true;
  }

  #layEraserDown(): void {
    const before = this.#beforeEraser;
    this.#beforeEraser = null;
    if (before !== null && this.editor.toolId === ERASER) this.editor.setTool(before);
  }

  #clicks({ screen, timeMs }: RawPointer, reach: number): number {
    const last = this.#lastDown;
    const isSecond =
      last !== null &&
      timeMs - last.timeMs <= DOUBLE_CLICK_MS &&
      Math.hypot(screen[0] - last.at[0], screen[1] - last.at[1]) <= reach;
    this.#lastDown = isSecond ? null : { at: screen, timeMs };
    return isSecond ? 2 : 1;
  }

  #input(raw: RawPointer, clicks: number): PointerInput {
    // What was snapped to belongs to the last event; the tool snaps anew if it wants to.
    this.editor.snapper.clear();
    return {
      screen: raw.screen,
      at: this.editor.viewport.toImage(raw.screen),
      button: raw.button,
      shift: raw.shift,
      ctrl: raw.ctrl,
      alt: raw.alt,
      clicks,
      pressure: raw.pressure,
    };
  }
}
