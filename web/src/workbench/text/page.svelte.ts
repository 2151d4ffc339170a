/** What stands on the page: each block of the text in pieces under its marks. Only blocks whose marks changed are made anew. */
import type { Overlay } from "../../engine/render/objects";
import type { Entry } from "../../engine/edits/delta";
import type { Block } from "./body";
import { type Mark, type Piece, depthOf, lanesOf, piecesOf } from "./marks";
import type { TextRoom } from "./room.svelte";

export interface PageLook {
  /** Off for a look at the bare text. */
  readonly showsMarks: boolean;
  /** The own spans; others' are shown regardless. */
  readonly showsOwn: boolean;
  readonly isOnlySelected: boolean;
  readonly tagOf: (entry: Entry) => string;
  readonly overlays: readonly Overlay[];
}

export class BlockView {
  pieces: readonly Piece[];
  depth = $state(0);

  constructor(readonly index: number, readonly block: Block) {
    this.pieces = $state.raw([{ start: block.start, end: block.end, layers: [] }]);
  }
}

export class Page {
  readonly blocks: readonly BlockView[];
  /** Of what changes while the pointer moves. */
  live = $state(0);
  #marks: ReadonlyMap<string, Mark> = new Map();
  #lanes: ReadonlyMap<string, number> = new Map();
  /** Marks by the blocks that they touch. */
  readonly #byBlock = new Map<number, Set<string>>();
  readonly #stop: () => void;

  constructor(private readonly room: TextRoom) {
    this.blocks = room.body.blocks.map((block, i) => new BlockView(i, block));
    this.#stop = room.bench.editor.subscribe((aspect) => aspect === "live" && (this.live += 1));
  }

  destroy(): void {
    this.#stop();
  }

  /** The marks over a place, the longest first. */
  marksAt(unit: number): Mark[] {
    const ids = this.#byBlock.get(this.room.body.blockAt(unit)) ?? [];
    return [...ids].flatMap((id) => this.#marks.get(id) ?? []).filter((m) => m.start <= unit && m.end > unit).sort((a, b) => b.end - b.start - (a.end - a.start));
  }

  mark(id: string): Mark | null {
    return this.#marks.get(id) ?? null;
  }

  /** Brings the blocks up to what the document holds and how it is looked at. */
  update(look: PageLook): void {
    const marks = new Map(this.#marksFor(look).map((m) => [m.id, m]));
    const lanes = lanesOf([...marks.values()]);
    const dirty = new Set<number>();
    for (const [id, old] of this.#marks) {
      const now = marks.get(id);
      if (now && isSame(old, now) && this.#lanes.get(id) === lanes.get(id)) continue;
      this.#touch(old, (index) => (dirty.add(index), this.#byBlock.get(index)?.delete(id)));
      if (now) this.#touch(now, (index) => (dirty.add(index), this.#idsAt(index).add(id)));
    }
    for (const [id, now] of marks) if (!this.#marks.has(id)) this.#touch(now, (index) => (dirty.add(index), this.#idsAt(index).add(id)));
    this.#marks = marks;
    this.#lanes = lanes;
    for (const index of dirty) {
      const view = this.blocks[index]!;
      view.pieces = piecesOf(view.block, [...this.#idsAt(index)].map((id) => marks.get(id)!), lanes);
      view.depth = depthOf(view.pieces);
    }
  }

  #marksFor(look: PageLook): Mark[] {
    const { bench } = this.room;
    const { editor } = bench;
    const { selection } = editor;
    const isAlone = look.isOnlySelected && selection.size > 0;
    const own = look.showsMarks && look.showsOwn ? editor.document.inOrder() : [];
    const others = look.showsMarks ? look.overlays : [];
    return [
      ...own.flatMap((entry): Mark[] => {
        const id = entry.annotation.annotation_id;
        const isSelected = selection.has(id);
        if (editor.isHidden(id) || (isAlone && !isSelected)) return [];
        const { annotation } = editor.shown(id) ?? entry;
        const stretch = this.room.stretchOf(annotation);
        if (!stretch) return [];
        const isTentative = annotation.origin !== null && editor.isUntouched(id);
        return [{ ...stretch, id, color: bench.colorOf(annotation), tag: look.tagOf(entry), look: isTentative ? "tentative" : "own", isSelected, isHovered: editor.hover?.id === id }];
      }),
      ...others.flatMap(({ annotation, color, tag }, i): Mark[] => {
        const stretch = this.room.stretchOf(annotation);
        return stretch ? [{ ...stretch, id: `other:${i}`, color, tag: tag ?? "", look: "other", isSelected: false, isHovered: false }] : [];
      }),
    ];
  }

  #touch(mark: Mark, run: (index: number) => void): void {
    const [first, last] = this.room.body.blocksIn(mark);
    for (let index = first; index <= last; index++) run(index);
  }

  #idsAt(index: number): Set<string> {
    let ids = this.#byBlock.get(index);
    if (!ids) this.#byBlock.set(index, (ids = new Set()));
    return ids;
  }
}

function isSame(a: Mark, b: Mark): boolean {
  return a.start === b.start && a.end === b.end && a.color === b.color && a.tag === b.tag && a.look === b.look && a.isSelected === b.isSelected && a.isHovered === b.isHovered;
}
