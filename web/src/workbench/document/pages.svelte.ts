/**
 * The pages of a document that is drawn on. They lie one under the other in one plane, so that tools, undo, drafts and review are
 * those of pictures; the page of an object follows from where it lies.
 */
import type { PageArea, PartView } from "../../api/types";
import { type Bounds, centre } from "../../engine/geometry";
import type { Problem } from "../../engine/ontology";
import { boundsOfGeometry } from "../../engine/shapes/registry";
import { msg } from "../../engine/text";
import type { Annotation } from "../../engine/types";
import type { Bench } from "../bench.svelte";
import { isFit } from "../view/carry";
import { pageAt } from "./page-at";

const MARGIN_PX = 24;
/** So much may stick out between two pages. */
const SLACK_PX = 1;

export class Pages {
  readonly areas: readonly PageArea[];

  constructor(private readonly bench: Bench, readonly parts: readonly PartView[]) {
    this.areas = parts.map((part) => part.page!);
    const { editor } = bench;
    editor.viewport.home = this.#boundsOf(0);
    editor.subscribe((aspect) => aspect === "view" && (editor.viewport.home = this.#boundsOf(this.at)));
  }

  /** The page that is looked at: the one in the middle of the view. */
  get at(): number {
    void this.bench.viewVersion;
    return pageAt(this.areas, centre(this.bench.editor.viewport.visible())[1]);
  }

  /** Goes to a page: the whole of it where the page before was seen whole, else to its head at the same zoom. */
  go(page: number): void {
    const { editor } = this.bench;
    const { viewport } = editor;
    const area = this.#boundsOf(Math.max(0, Math.min(this.areas.length - 1, page)));
    const wasFit = isFit(editor);
    viewport.home = area;
    if (wasFit || viewport.turn !== 0) viewport.fit();
    else viewport.restore({ ...viewport.view, ty: MARGIN_PX - area.y0 * viewport.scale });
    editor.changed("view");
  }

  step(by: 1 | -1): void {
    this.go(this.at + by);
  }

  /** The page fills the view from side to side, from its head on. */
  fitWidth(): void {
    const { editor } = this.bench;
    const { viewport } = editor;
    const { x0, x1, y0 } = this.#boundsOf(this.at);
    const scale = (viewport.width - 2 * MARGIN_PX) / (x1 - x0);
    viewport.restore({ scale, tx: MARGIN_PX - x0 * scale, ty: MARGIN_PX - y0 * scale }, 0);
    editor.changed("view");
  }

  pageOf(annotation: Annotation): number {
    return pageAt(this.areas, centre(boundsOfGeometry(annotation.geometry))[1]);
  }

  problemsOf(annotation: Annotation): Problem[] {
    const { y0, y1 } = boundsOfGeometry(annotation.geometry);
    const isOnOne = pageAt(this.areas, y0 + SLACK_PX) >= pageAt(this.areas, y1 - SLACK_PX);
    return isOnOne ? [] : [{ annotationId: annotation.annotation_id, text: msg`It lies on two pages. Draw it on one.` }];
  }

  #boundsOf(page: number): Bounds {
    const { top, width, height } = this.areas[page]!;
    return { x0: 0, y0: top, x1: width, y1: top + height };
  }
}

/** Whether objects are drawn on an item, as on pictures and on documents of pages; others are shown to be asked about. */
export const isDrawnOn = (item: { readonly kind: string; readonly width: number }): boolean => item.kind !== "text" && (item.kind !== "document" || item.width > 0);

/** Gives a bench its pages, where its item is a document of some. */
export function withPages(bench: Bench, item: { readonly kind: string; readonly width: number; readonly parts?: PartView[] | null }): Bench {
  if (item.kind === "document" && item.width > 0) bench.pages = new Pages(bench, item.parts ?? []);
  return bench;
}
