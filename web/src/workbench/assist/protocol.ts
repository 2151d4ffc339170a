/** What the page and its worker say to each other. */
import type { Frame } from "../../engine/geometry";
import type { Patch } from "../../engine/assist/raster";
import type { Answers, RequestKind, Requests } from "../../engine/assist/workshop";

export type ToWorker =
  /** The pixels of a patch; the worker keeps the newest few. */
  | { readonly say: "keep"; readonly patch: Patch; readonly bitmap: ImageBitmap }
  | { readonly say: "ask"; readonly id: number; readonly kind: RequestKind; readonly patch: Patch; readonly frame: Frame; readonly request: Requests[RequestKind] }
  /** Nobody waits for this answer any more. */
  | { readonly say: "drop"; readonly id: number };

export type FromWorker =
  | { readonly id: number; readonly answer: Answers[RequestKind] }
  /** The pixels are not kept any more. */
  | { readonly id: number; readonly isMissing: true }
  | { readonly id: number; readonly failure: string };
