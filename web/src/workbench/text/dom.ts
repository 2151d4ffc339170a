/**
 * Places of the text on the page and back. A block's element carries `data-block`, its runs of text `data-at` with the unit
 * they begin at and nothing but text inside; numbers and tags are generated content and no text at all.
 */
import type { TextBody } from "./body";
import type { Stretch } from "./code-points";

export class TextDom {
  constructor(private readonly root: HTMLElement, private readonly body: TextBody) {}

  blockElement(index: number): HTMLElement | null {
    return (this.root.children[index] as HTMLElement | undefined) ?? null;
  }

  /** Where a place is in the document. */
  spot(unit: number): { readonly node: Node; readonly offset: number } | null {
    const element = this.blockElement(this.body.blockAt(unit));
    if (!element) return null;
    const runs = element.querySelectorAll<HTMLElement>("[data-at]");
    let [low, high] = [0, runs.length - 1];
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (Number(runs[mid]!.dataset["at"]) <= unit) low = mid;
      else high = mid - 1;
    }
    const run = runs[low];
    if (!run) return { node: element, offset: 0 };
    const text = textIn(run);
    return text ? { node: text, offset: Math.max(0, Math.min(text.data.length, unit - Number(run.dataset["at"]))) } : { node: run, offset: 0 };
  }

  range({ start, end }: Stretch): Range | null {
    const [from, to] = [this.spot(start), this.spot(end)];
    if (!from || !to) return null;
    const range = document.createRange();
    range.setStart(from.node, from.offset);
    range.setEnd(to.node, to.offset);
    return range;
  }

  /** The place of a spot of the document; null outside the text. */
  unitAt(node: Node, offset: number): number | null {
    if (!this.root.contains(node)) return null;
    const element = node instanceof Element ? node : node.parentElement!;
    const run = element.closest<HTMLElement>("[data-at]");
    if (run && node.nodeType === Node.TEXT_NODE) return Number(run.dataset["at"]) + offset;
    const block = element.closest<HTMLElement>("[data-block]");
    if (!block) {
      const index = Math.min(offset, this.body.blocks.length - 1);
      return offset > index ? this.body.length : this.body.blocks[index]!.start;
    }
    const { start, end } = this.body.blocks[Number(block.dataset["block"])]!;
    const before = document.createRange();
    before.setStart(block, 0);
    before.setEnd(node, offset);
    return Math.min(end, start + before.toString().length);
  }

  /** The place under a point of the window. */
  unitUnder(x: number, y: number): number | null {
    if (document.caretPositionFromPoint) {
      const found = document.caretPositionFromPoint(x, y);
      return found && this.unitAt(found.offsetNode, found.offset);
    }
    // Safari has it by another name.
    const found = document.caretRangeFromPoint(x, y);
    return found && this.unitAt(found.startContainer, found.startOffset);
  }

  /** What a drag of the browser's own has selected in the text. */
  selected(): { readonly stretch: Stretch; readonly isBackward: boolean } | null {
    const selection = getSelection();
    if (!selection?.anchorNode || !selection.focusNode || selection.isCollapsed) return null;
    const [anchor, focus] = [this.unitAt(selection.anchorNode, selection.anchorOffset), this.unitAt(selection.focusNode, selection.focusOffset)];
    if (anchor === null || focus === null || anchor === focus) return null;
    return { stretch: { start: Math.min(anchor, focus), end: Math.max(anchor, focus) }, isBackward: focus < anchor };
  }

  /** The rectangles of a stretch, line by line. */
  rects(stretch: Stretch): DOMRect[] {
    return [...(this.range(stretch)?.getClientRects() ?? [])].filter((r) => r.width > 0);
  }
}

function textIn(run: HTMLElement): Text | null {
  for (const node of run.childNodes) if (node.nodeType === Node.TEXT_NODE && (node as Text).data) return node as Text;
  return null;
}

/** Stretches that are highlighted without an element of their own; nothing of the page is made anew for them. */
export class Highlighter {
  readonly #ranges = new Map<string, Range[]>();

  show(name: string, ranges: readonly Range[]): void {
    if (!("highlights" in CSS)) return;
    let highlight = CSS.highlights.get(name);
    if (!highlight) CSS.highlights.set(name, (highlight = new Highlight()));
    for (const range of this.#ranges.get(name) ?? []) highlight.delete(range);
    for (const range of ranges) highlight.add(range);
    this.#ranges.set(name, [...ranges]);
  }

  clear(): void {
    for (const name of this.#ranges.keys()) this.show(name, []);
  }
}
