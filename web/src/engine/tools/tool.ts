/** What a tool is: a small state chart fed with pointer moves and a few keys. It changes the document only through the editor. */
import type { Point } from "../geometry";
import type { BrushForm } from "../raster/stroke";
import type { Handle } from "../shapes/shape";
import type { Geometry, GeometryKind } from "../types";

export interface PointerInput {
  /** In CSS pixels of the canvas. */
  readonly screen: Point;
  /** In pixels of the image; may lie outside the frame. */
  readonly at: Point;
  readonly button: number;
  readonly shift: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
  /** 2 on the second press of a double click. */
  readonly clicks: number;
  /** Of a pen, from 0 to 1; a mouse has none. */
  readonly pressure?: number | undefined;
}

/** A few words at the pointer, such as the name of the node that comes next. */
export interface Note {
  readonly at: Point;
  readonly text: string;
}

/** What a tool is about to make, for the live layer. */
export type Sketch =
  | {
      readonly kind: "geometry";
      readonly geometry: Geometry;
      readonly handles?: readonly Handle[];
      /** The handle that a click would take. */
      readonly hotId?: string | null;
      readonly note?: Note | null;
    }
  | {
      readonly kind: "path";
      readonly points: readonly Point[];
      readonly cursor: Point | null;
      readonly canClose: boolean;
      /** An open line, which encloses nothing. */
      readonly isOpen?: boolean;
      readonly note?: Note | null;
    }
  | { readonly kind: "marquee"; readonly from: Point; readonly to: Point }
  | BrushSketch
  | TrailSketch;

/** The brush at the pointer; `line` is where a straight stroke would begin. */
export interface BrushSketch {
  readonly kind: "brush";
  readonly at: Point;
  readonly sizePx: number;
  readonly form: BrushForm;
  readonly isErasing: boolean;
  readonly line: Point | null;
}

/** A line drawn by hand: round an area that is added or cut, or across what is divided. */
export interface TrailSketch {
  readonly kind: "trail";
  readonly points: readonly Point[];
  readonly purpose: "add" | "cut" | "divide";
}

export interface Tool {
  readonly id: string;
  /** The kind it draws; null for tools that draw nothing. */
  readonly draws: GeometryKind | null;
  /** It draws one object after the other by nature, such as points. */
  readonly isSerial?: boolean;
  /** It works on what is selected, so that taking it in hand keeps the selection. */
  readonly keepsSelection?: boolean;
  /** Name of the state of the chart, such as "idle" or "dragging". */
  readonly state: string;
  readonly cursor: string;
  readonly sketch: Sketch | null;
  /** What it is set to and shows, in a few words. */
  readonly caption?: string | null;
  /** It has been taken in hand. */
  begin?(): void;
  down(input: PointerInput): void;
  move(input: PointerInput): void;
  up(input: PointerInput): void;
  /** Esc: gives up what is under way. False when there was nothing. */
  cancel(): boolean;
  /** Enter: finishes what is under way. */
  confirm(): boolean;
  /** Backspace and undo: takes back the last step of what is under way. */
  back(): boolean;
  /** Makes its size, tolerance or strength larger or smaller by so many steps. False when it has none. */
  adjust?(steps: number): boolean;
  /** Changes the point at hand: smooth or a corner, visible or hidden. False when there is none. */
  flip?(): boolean;
}

/** How far the pointer may wander before a press becomes a drag, in screen pixels. */
export const DRAG_SLOP_PX = 4;
/** Reach of the pointer around handles and outlines, in screen pixels. */
export const REACH_PX = 7;
