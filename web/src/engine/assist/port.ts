/** How the editor reaches the assistants, which are loaded only when somebody uses one. */
import type { Bounds, Point } from "../geometry";
import type { Editor } from "../editor";
import type { Tool } from "../tools/tool";
import type { Found, OutcomeKind } from "./outcome";
import type { Patch } from "./raster";
import type { Answers, RequestKind, Requests } from "./workshop";

export const assistToolIds = ["wand", "superpixels", "cutout", "scissors", "segment", "suggest"] as const;
export type AssistToolId = (typeof assistToolIds)[number];

/** What a person asks of the assistants beside taking their tools in hand. */
export type AssistCommand = "fit" | "snap" | "suggest" | "accept" | "acceptAll" | "fix" | "refuse" | "refuseAll" | "next" | "previous" | "more" | "less" | "contiguous" | "kind";

/** Stands in the editor; loads the rest at first use. */
export interface AssistPort {
  /** Null while it is being loaded; the tool is then made again. */
  makeTool(id: AssistToolId, editor: Editor): Tool | null;
  run(command: AssistCommand, editor: Editor): void;
}

/** How a person likes the assistants. */
export interface AssistOptions {
  /** Of the magic wand, 0 to 254. */
  tolerance: number;
  isContiguous: boolean;
  /** Width of a superpixel, in screen pixels. */
  side: number;
  /** Radius of corrections, in screen pixels. */
  radius: number;
  /** The kind of shape asked for; null leaves it to the class. */
  kind: OutcomeKind | null;
}

export interface SegmentQuery {
  readonly points: readonly { readonly at: Point; readonly isObject: boolean }[];
  readonly box: Bounds | null;
  readonly kind: OutcomeKind;
}

/** What the tools ask; null where an answer came too late or could not be had. */
export interface Assistants {
  readonly options: AssistOptions;
  ask<K extends RequestKind>(kind: K, patch: Patch, request: Requests[K]): Promise<Answers[K] | null>;
  /** The click-segmentation model in hand, as the origin of what it finds; null when there is none. */
  readonly segmenter: string | null;
  segment(query: SegmentQuery): Promise<Found | null>;
  /** Something of the options changed: strips and tools show it. */
  optionsChanged(): void;
}
