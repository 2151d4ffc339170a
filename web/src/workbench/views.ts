/** What an item is worked on with. Most are pictures; the views of texts and documents are loaded with the first item that needs them. */
import type { TaskItem } from "../api/types";
import { msg } from "../engine/text";
import { isDrawnOn } from "./document/pages.svelte";

export type TaskView =
  | { readonly kind: "canvas" }
  | { readonly kind: "text"; readonly parts: typeof import("./text/view") }
  | { readonly kind: "document"; readonly parts: typeof import("./document/view") };

export async function viewFor(item: TaskItem): Promise<TaskView> {
  try {
    if (item.kind === "text") return { kind: "text", parts: await import("./text/view") };
    if (item.kind === "document" && !isDrawnOn(item)) return { kind: "document", parts: await import("./document/view") };
  } catch {
    throw new Error(msg`What shows this item could not be loaded. The server may be away; try again, or reload the page.`);
  }
  return { kind: "canvas" };
}
