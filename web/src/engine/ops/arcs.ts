/**
 * Outlines as a net of arcs between junctions, so that a border that several polygons share is changed once and stays shared.
 * A junction is a point whose neighbours are not the same in every ring that has it.
 */
import type { Point } from "../geometry";

type Ring = readonly Point[];

/** An open chain between two junctions, or a whole ring with its first point again at the end. */
export interface Arc {
  readonly points: readonly Point[];
  readonly isClosed: boolean;
}

export interface Net {
  readonly arcs: readonly Arc[];
  /** For each ring the arcs that it runs along. */
  readonly rings: readonly (readonly { readonly arc: number; readonly isReversed: boolean }[])[];
}

/** The net of these rings; `fixed` rings are neighbours whose points are junctions, so that what is shared with them can stay. */
export function netOf(rings: readonly Ring[], fixed: readonly Ring[]): Net {
  const junctions = junctionsOf(rings, fixed);
  const known = new Map<string, { arc: number; isReversed: boolean }>();
  const arcs: Arc[] = [];
  const use = (points: readonly Point[], isClosed: boolean): { arc: number; isReversed: boolean } => {
    const key = points.map(keyOf).join(" ");
    const found = known.get(key);
    if (found) return found;
    const made = { arc: arcs.push({ points, isClosed }) - 1, isReversed: false };
    known.set([...points].reverse().map(keyOf).join(" "), { ...made, isReversed: true });
    known.set(key, made);
    return made;
  };
  return { arcs, rings: rings.map((ring) => cutRing(ring, junctions).map((points, _, all) => use(points, all.length === 1 && !junctions.has(keyOf(points[0]!))))) };
}

/** The rings of a net whose arcs have become others; the ends of open arcs must be what they were. */
export function ringsOfNet(net: Net, arcs: readonly (readonly Point[])[]): Point[][] {
  return net.rings.map((uses) => uses.flatMap(({ arc, isReversed }) => {
    const points = arcs[arc]!;
    return (isReversed ? [...points].reverse() : points).slice(0, -1);
  }));
}

/** The ring cut at its junctions; as a whole where it has none. */
function cutRing(ring: Ring, junctions: ReadonlySet<string>): Point[][] {
  const first = ring.findIndex((p) => junctions.has(keyOf(p)));
  const start = first < 0 ? leastPoint(ring) : first;
  const around = [...ring.slice(start), ...ring.slice(0, start), ring[start]!];
  const chains: Point[][] = [];
  let from = 0;
  for (let i = 1; i < around.length; i++) {
    if (i < around.length - 1 && !junctions.has(keyOf(around[i]!))) continue;
    chains.push(around.slice(from, i + 1));
    from = i;
  }
  return chains;
}

/** The same point of a ring wherever its list begins. */
function leastPoint(ring: Ring): number {
  return ring.reduce((best, p, i) => (p[0] < ring[best]![0] || (p[0] === ring[best]![0] && p[1] < ring[best]![1]) ? i : best), 0);
}

function junctionsOf(rings: readonly Ring[], fixed: readonly Ring[]): Set<string> {
  const neighbours = new Map<string, string>();
  const junctions = new Set<string>();
  for (const ring of rings) {
    ring.forEach((p, i) => {
      const key = keyOf(p);
      const around = [keyOf(ring[(i + ring.length - 1) % ring.length]!), keyOf(ring[(i + 1) % ring.length]!)].sort().join(" ");
      const known = neighbours.get(key);
      if (known === undefined) neighbours.set(key, around);
      else if (known !== around) junctions.add(key);
    });
  }
  for (const p of fixed.flat()) {
    const key = keyOf(p);
    if (neighbours.has(key)) junctions.add(key);
  }
  return junctions;
}

function keyOf([x, y]: Point): string {
  return `${x},${y}`;
}
