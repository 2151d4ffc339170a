/** How marked stretches are drawn: which lane under the text each has, and the pieces a block of text falls into. */
import type { Stretch } from "./code-points";

/** A stretch that is drawn: a span, or somebody else's for comparison. */
export interface Mark extends Stretch {
  readonly id: string;
  readonly color: string;
  /** Stands under its beginning; empty for none. */
  readonly tag: string;
  /** Dashed: a pre-label that nobody has touched. "other" is drawn by its line alone and cannot be picked. */
  readonly look: "own" | "tentative" | "other";
  readonly isSelected: boolean;
  /** Pointed at, here or in a list. */
  readonly isHovered: boolean;
}

/** A run of text under the same marks. */
export interface Piece extends Stretch {
  /** The longest first, so that the last one is the innermost. */
  readonly layers: readonly Layer[];
}

export interface Layer {
  readonly mark: Mark;
  readonly lane: number;
  /** Whether the mark begins with this piece: there its tag stands. */
  readonly isFirst: boolean;
}

/** A letter of a tag is that much narrower than one of the text. */
const TAG_LETTER = 0.66;

/**
 * The lanes of all marks, 0 nearest to the text. Marks that meet have different ones, the shorter the nearer; a tag that is
 * longer than its mark needs room too.
 */
export function lanesOf(marks: readonly Mark[]): Map<string, number> {
  const lanes = new Map<string, number>();
  const sorted = [...marks].sort((a, b) => a.start - b.start || a.end - b.end);
  let cluster: Mark[] = [];
  let reach = -1;
  const settle = (): void => {
    if (cluster.length === 1) lanes.set(cluster[0]!.id, 0);
    else settleCluster(cluster, lanes);
    cluster = [];
  };
  for (const mark of sorted) {
    if (mark.start >= reach) settle();
    cluster.push(mark);
    reach = Math.max(reach, roomEnd(mark));
  }
  settle();
  return lanes;
}

function settleCluster(cluster: Mark[], lanes: Map<string, number>): void {
  const taken: Stretch[][] = [];
  // Somebody else's lie under the own ones.
  const rank = (m: Mark): number => (m.look === "other" ? 1 : 0);
  for (const mark of cluster.sort((a, b) => rank(a) - rank(b) || a.end - a.start - (b.end - b.start) || a.start - b.start || (a.id < b.id ? -1 : 1))) {
    const end = roomEnd(mark);
    let lane = taken.findIndex((row) => row.every((other) => other.end <= mark.start || other.start >= end));
    if (lane < 0) lane = taken.push([]) - 1;
    taken[lane]!.push({ start: mark.start, end });
    lanes.set(mark.id, lane);
  }
}

/** Where the next mark of the same lane may begin. */
function roomEnd(mark: Mark): number {
  return Math.max(mark.end, mark.start + Math.ceil(mark.tag.length * TAG_LETTER) + (mark.tag ? 1 : 0));
}

/** The pieces of a stretch of text, given the marks that touch it. */
export function piecesOf(block: Stretch, marks: readonly Mark[], lanes: ReadonlyMap<string, number>): Piece[] {
  if (block.start === block.end) return [{ ...block, layers: [] }];
  const inside = marks.filter((m) => m.start < block.end && m.end > block.start);
  if (!inside.length) return [{ ...block, layers: [] }];
  const cuts = new Set<number>([block.start, block.end]);
  for (const { start, end } of inside) {
    if (start > block.start) cuts.add(start);
    if (end < block.end) cuts.add(end);
  }
  const places = [...cuts].sort((a, b) => a - b);
  const starting = [...inside].sort((a, b) => a.start - b.start);
  const open = new Set<Mark>();
  let next = 0;
  return places.slice(0, -1).map((start, i): Piece => {
    for (const mark of open) if (mark.end <= start) open.delete(mark);
    while (next < starting.length && starting[next]!.start <= start) open.add(starting[next++]!);
    const layers = [...open].map((mark): Layer => ({ mark, lane: lanes.get(mark.id) ?? 0, isFirst: mark.start === start }));
    return { start, end: places[i + 1]!, layers: layers.sort((a, b) => lengthOf(b.mark) - lengthOf(a.mark) || (a.mark.id < b.mark.id ? -1 : 1)) };
  });
}

function lengthOf({ start, end }: Stretch): number {
  return end - start;
}

/** How many lanes a block needs. */
export function depthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((deepest, piece) => piece.layers.reduce((most, l) => Math.max(most, l.lane + 1), deepest), 0);
}

export interface Paint {
  readonly image: string;
  readonly size: string;
  readonly position: string;
  /** Room under the letters, in pixels. */
  readonly room: number;
}

export interface LaneSizes {
  /** From one lane to the next. */
  readonly step: number;
  readonly bar: number;
}

/** A piece's underlays and lines, as backgrounds of one element; the first is drawn on top. */
export function paintOf(layers: readonly Layer[], { step, bar }: LaneSizes): Paint | null {
  if (!layers.length) return null;
  const room = (Math.max(...layers.map((l) => l.lane)) + 1) * step;
  const bars = layers.map(({ mark, lane }) => {
    const thick = bar + (mark.isSelected ? 1 : 0) - (mark.look === "other" ? 1 : 0);
    const image = mark.look === "tentative" ? `repeating-linear-gradient(90deg, ${mark.color} 0 5px, transparent 5px 8px)` : plain(mark.color);
    return { image, size: `100% ${thick}px`, position: `0 calc(100% - ${room - lane * step - 1 - thick}px)` };
  });
  const lays = layers.flatMap(({ mark }) => {
    const share = mark.isSelected ? 40 : mark.isHovered ? 30 : mark.look === "own" ? 17 : mark.look === "tentative" ? 8 : 0;
    return share ? [{ image: plain(faded(mark.color, share)), size: `100% calc(100% - ${room}px)`, position: "0 0" }] : [];
  });
  const all = [...bars, ...lays.reverse()];
  return { image: all.map((p) => p.image).join(", "), size: all.map((p) => p.size).join(", "), position: all.map((p) => p.position).join(", "), room };
}

function plain(color: string): string {
  return `linear-gradient(${color}, ${color})`;
}

function faded(color: string, percent: number): string {
  return ["color-mix(in srgb,", color, `${percent}%,`, "transparent)"].join(" ");
}
