/**
 * Minimum cut of a grid whose pixels are linked to their eight neighbours: the augmenting-path algorithm with two
 * search trees of Boykov and Kolmogorov (2004), on whole numbers.
 */
import type { Bits } from "./raster";

export interface Grid {
  readonly width: number;
  readonly height: number;
  /** For each pixel what ties it to the object (above 0) or to the background (below 0). */
  readonly ties: Int32Array;
  /** Cost of parting a pixel from its neighbour to the right, below, below right, below left. */
  readonly right: Int32Array;
  readonly below: Int32Array;
  readonly belowRight: Int32Array;
  readonly belowLeft: Int32Array;
}

const FREE = 0;
const OBJECT = 1;
const GROUND = 2;
// In `parent`: a direction 0 to 7, or one of these.
const ROOT = 8;
const ORPHAN = 9;
const NONE = 10;
const FAR = 0x7fffffff;

/** Set where a pixel is on the object's side. */
export function minCut(grid: Grid): Bits {
  const cut = new Cut(grid);
  cut.run();
  return cut.objectBits();
}

class Cut {
  // The grid with a border of one pixel around it that nothing flows through, so that neighbours need no checks.
  readonly #wide: number;
  readonly #offset: Int32Array;
  readonly #rest: Int32Array;
  readonly #tie: Int32Array;
  readonly #tree: Uint8Array;
  readonly #parent: Uint8Array;
  readonly #seen: Int32Array;
  readonly #depth: Int32Array;
  readonly #queue: Int32Array;
  readonly #isQueued: Uint8Array;
  #head = 0;
  #queued = 0;
  #orphans: number[] = [];
  #time = 0;

  constructor(private readonly grid: Grid) {
    const { width, height, ties } = grid;
    const wide = width + 2;
    const size = wide * (height + 2);
    this.#wide = wide;
    // Directions come in pairs, there and back: d ^ 1 is the way back of d.
    this.#offset = Int32Array.of(1, -1, wide, -wide, wide + 1, -wide - 1, wide - 1, 1 - wide);
    this.#rest = new Int32Array(size * 8);
    this.#tie = new Int32Array(size);
    this.#tree = new Uint8Array(size);
    this.#parent = new Uint8Array(size).fill(NONE);
    this.#seen = new Int32Array(size);
    this.#depth = new Int32Array(size);
    this.#queue = new Int32Array(size);
    this.#isQueued = new Uint8Array(size);
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        const q = (y + 1) * wide + x + 1;
        this.#tie[q] = ties[p]!;
        if (x < width - 1) this.#link(q, 0, grid.right[p]!);
        if (y < height - 1) this.#link(q, 2, grid.below[p]!);
        if (x < width - 1 && y < height - 1) this.#link(q, 4, grid.belowRight[p]!);
        if (x > 0 && y < height - 1) this.#link(q, 6, grid.belowLeft[p]!);
        if (ties[p] === 0) continue;
        this.#tree[q] = ties[p]! > 0 ? OBJECT : GROUND;
        this.#parent[q] = ROOT;
        this.#depth[q] = 1;
        this.#wake(q);
      }
    }
  }

  #link(q: number, direction: number, cost: number): void {
    this.#rest[q * 8 + direction] = cost;
    this.#rest[(q + this.#offset[direction]!) * 8 + (direction ^ 1)] = cost;
  }

  objectBits(): Bits {
    const { width, height } = this.grid;
    const bits = new Uint8Array(width * height);
    for (let y = 0, p = 0; y < height; y++)
      for (let x = 0; x < width; x++, p++) bits[p] = this.#tree[(y + 1) * this.#wide + x + 1] === OBJECT ? 1 : 0;
    return bits;
  }

  run(): void {
    let current = -1;
    for (;;) {
      if (current < 0 || this.#parent[current] === NONE) current = this.#nextActive();
      if (current < 0) return;
      const met = this.#tree[current] === OBJECT ? this.#growObject(current) : this.#growGround(current);
      this.#time += 1;
      if (met < 0) {
        current = -1;
        continue;
      }
      const other = current + this.#offset[met]!;
      if (this.#tree[current] === OBJECT) this.#augment(current, met);
      else this.#augment(other, met ^ 1);
      this.#adopt();
    }
  }

  #wake(q: number): void {
    if (this.#isQueued[q]) return;
    this.#isQueued[q] = 1;
    this.#queue[(this.#head + this.#queued) % this.#queue.length] = q;
    this.#queued += 1;
  }

  #nextActive(): number {
    while (this.#queued > 0) {
      const q = this.#queue[this.#head]!;
      this.#head = (this.#head + 1) % this.#queue.length;
      this.#queued -= 1;
      this.#isQueued[q] = 0;
      if (this.#parent[q] !== NONE) return q;
    }
    return -1;
  }

  /** Grows a tree of the object at a pixel; the direction in which it met the other tree, or -1. */
  #growObject(q: number): number {
    for (let d = 0; d < 8; d++) {
      if (this.#rest[q * 8 + d]! <= 0) continue;
      const to = q + this.#offset[d]!;
      if (this.#parent[to] === NONE) this.#join(to, q, d ^ 1, OBJECT);
      else if (this.#tree[to] === GROUND) return d;
      else this.#shorten(to, q, d ^ 1);
    }
    return -1;
  }

  #growGround(q: number): number {
    for (let d = 0; d < 8; d++) {
      const to = q + this.#offset[d]!;
      if (this.#rest[to * 8 + (d ^ 1)]! <= 0) continue;
      if (this.#parent[to] === NONE) this.#join(to, q, d ^ 1, GROUND);
      else if (this.#tree[to] === OBJECT) return d;
      else this.#shorten(to, q, d ^ 1);
    }
    return -1;
  }

  #join(q: number, from: number, direction: number, tree: number): void {
    this.#tree[q] = tree;
    this.#parent[q] = direction;
    this.#seen[q] = this.#seen[from]!;
    this.#depth[q] = this.#depth[from]! + 1;
    this.#wake(q);
  }

  /** Hangs a pixel to a parent nearer to the root. */
  #shorten(q: number, from: number, direction: number): void {
    if (this.#seen[q]! > this.#seen[from]! || this.#depth[q]! <= this.#depth[from]!) return;
    this.#parent[q] = direction;
    this.#seen[q] = this.#seen[from]!;
    this.#depth[q] = this.#depth[from]! + 1;
  }

  /** Sends as much as fits along the path that crosses from the object's tree at `q` in direction `d`. */
  #augment(q: number, d: number): void {
    const rest = this.#rest;
    const parent = this.#parent;
    const offset = this.#offset;
    let room = rest[q * 8 + d]!;
    let i = q;
    for (let p = parent[i]!; p !== ROOT; p = parent[i]!) {
      i += offset[p]!;
      room = Math.min(room, rest[i * 8 + (p ^ 1)]!);
    }
    room = Math.min(room, this.#tie[i]!);
    i = q + offset[d]!;
    for (let p = parent[i]!; p !== ROOT; p = parent[i]!) {
      room = Math.min(room, rest[i * 8 + p]!);
      i += offset[p]!;
    }
    room = Math.min(room, -this.#tie[i]!);

    this.#push(q, d, room);
    i = q;
    for (let p = parent[i]!; p !== ROOT; p = parent[i]!) {
      const from = i + offset[p]!;
      this.#push(from, p ^ 1, room);
      if (rest[from * 8 + (p ^ 1)] === 0) this.#orphan(i);
      i = from;
    }
    this.#tie[i] = this.#tie[i]! - room;
    if (this.#tie[i] === 0) this.#orphan(i);
    i = q + offset[d]!;
    for (let p = parent[i]!; p !== ROOT; p = parent[i]!) {
      const to = i + offset[p]!;
      this.#push(i, p, room);
      if (rest[i * 8 + p] === 0) this.#orphan(i);
      i = to;
    }
    this.#tie[i] = this.#tie[i]! + room;
    if (this.#tie[i] === 0) this.#orphan(i);
  }

  #push(q: number, d: number, flow: number): void {
    const there = q * 8 + d;
    const back = (q + this.#offset[d]!) * 8 + (d ^ 1);
    this.#rest[there] = this.#rest[there]! - flow;
    this.#rest[back] = this.#rest[back]! + flow;
  }

  /** The parent of a pixel is remembered as long as the path is walked, so it is marked and cut off afterwards. */
  #orphan(q: number): void {
    this.#orphans.push(q);
  }

  #adopt(): void {
    for (const q of this.#orphans) this.#parent[q] = ORPHAN;
    for (let n = 0; n < this.#orphans.length; n++) this.#findParent(this.#orphans[n]!);
    this.#orphans.length = 0;
  }

  #findParent(q: number): void {
    const tree = this.#tree[q]!;
    let least = FAR;
    let found = NONE;
    for (let d = 0; d < 8; d++) {
      const to = q + this.#offset[d]!;
      if (this.#tree[to] !== tree || this.#parent[to] === NONE) continue;
      const room = tree === OBJECT ? this.#rest[to * 8 + (d ^ 1)]! : this.#rest[q * 8 + d]!;
      if (room <= 0) continue;
      const depth = this.#depthOf(to);
      if (depth < least) {
        least = depth;
        found = d;
      }
    }
    if (found !== NONE) {
      this.#parent[q] = found;
      this.#seen[q] = this.#time;
      this.#depth[q] = least + 1;
      return;
    }
    this.#parent[q] = NONE;
    this.#tree[q] = FREE;
    for (let d = 0; d < 8; d++) {
      const to = q + this.#offset[d]!;
      if (this.#tree[to] !== tree || this.#parent[to] === NONE) continue;
      const room = tree === OBJECT ? this.#rest[to * 8 + (d ^ 1)]! : this.#rest[q * 8 + d]!;
      if (room > 0) this.#wake(to);
      if (this.#parent[to] === (d ^ 1)) {
        this.#parent[to] = ORPHAN;
        this.#orphans.push(to);
      }
    }
  }

  /** Steps from a pixel to its root, or FAR where it hangs to an orphan; marks what it walked over. */
  #depthOf(start: number): number {
    let steps = 0;
    let q = start;
    for (;;) {
      if (this.#seen[q] === this.#time) {
        steps += this.#depth[q]!;
        break;
      }
      const p = this.#parent[q]!;
      steps += 1;
      if (p === ROOT) {
        this.#seen[q] = this.#time;
        this.#depth[q] = 1;
        break;
      }
      if (p === ORPHAN || p === NONE) return FAR;
      q += this.#offset[p]!;
    }
    const depth = steps;
    for (q = start; this.#seen[q] !== this.#time; q += this.#offset[this.#parent[q]!]!) {
      this.#seen[q] = this.#time;
      this.#depth[q] = steps--;
    }
    return depth;
  }
}
