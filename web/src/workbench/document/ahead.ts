/** Pictures of a document are on this computer before its task is opened. */
import type { PartView } from "../../api/types";

/** More than so many are fetched when they are looked at. */
const MOST = 12;

export function fetchAhead(parts: readonly PartView[]): void {
  if (typeof Image === "undefined") return;
  for (const part of parts.filter((p) => p.kind === "image" && p.url).slice(0, MOST)) {
    const image = new Image();
    image.decoding = "async";
    image.src = part.url!;
  }
}
