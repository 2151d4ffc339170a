/** How much two shapes are the same, 0 to 1: what they cover together for areas of any kind, how near they lie for lines, points and skeletons. */
import { type Bounds, type Frame, type Point, union } from "../engine/geometry";
import { spansOfMask } from "../engine/raster/runs";
import { flatPath } from "../engine/shapes/bezier";
import { ellipseRing } from "../engine/shapes/ellipse";
import { hull, nearestOnLine } from "../engine/shapes/path";
import { boundsOfGeometry } from "../engine/shapes/registry";
import { cornersOf } from "../engine/shapes/rotated-box";
import type { Geometry, SkeletonGeometry } from "../engine/types";

export interface Likeness {
  readonly value: number;
  /** Mean distance where that is what was measured; null for areas. */
  readonly distancePx: number | null;
}

const NOTHING: Likeness = { value: 0, distancePx: null };
/** Lines across two shapes on which their overlap is measured. */
const ROWS = 128;
/** Places along a line at which its distance is measured. */
const STATIONS = 32;
const TOLERANCE_PX = 0.1;

/** Where a horizontal line is inside a shape: from, to, from, to, ... */
type Cut = (y: number) => readonly number[];

type Form =
  | { readonly kind: "area"; readonly bounds: Bounds; readonly cut: Cut }
  | { readonly kind: "line"; readonly bounds: Bounds; readonly points: readonly Point[] }
  | { readonly kind: "point"; readonly bounds: Bounds; readonly at: Point }
  | { readonly kind: "skeleton"; readonly bounds: Bounds; readonly geometry: SkeletonGeometry };

const forms = new WeakMap<Geometry, Form>();

function formOf(geometry: Geometry): Form {
  let form = forms.get(geometry);
  if (!form) forms.set(geometry, (form = makeForm(geometry)));
  return form;
}

function makeForm(geometry: Geometry): Form {
  const bounds = boundsOfGeometry(geometry);
  const area = (...rings: (readonly Point[])[]): Form => ({ kind: "area", bounds, cut: cutOfRings(rings) });
  switch (geometry.kind) {
    case "box": {
      const [x0, y0, x1, y1] = geometry.box_xyxy;
      return { kind: "area", bounds, cut: (y) => (y >= y0 && y < y1 ? [x0, x1] : []) };
    }
    case "span":
      return { kind: "area", bounds, cut: (y) => (y >= 0 && y < 1 ? [geometry.start, geometry.end] : []) };
    case "polygon":
      return area(...geometry.rings);
    case "rotated_box":
      return area(cornersOf(geometry));
    case "ellipse":
      return area(ellipseRing(geometry, TOLERANCE_PX));
    case "cuboid":
      return area(hull(geometry.corners));
    case "mask": {
      const spans = spansOfMask(geometry);
      return { kind: "area", bounds, cut: (y) => rowOf(spans, Math.floor(y)) };
    }
    case "bezier": {
      const points = flatPath(geometry, TOLERANCE_PX);
      return geometry.is_closed ? area(points) : { kind: "line", bounds, points };
    }
    case "polyline":
      return { kind: "line", bounds, points: geometry.points };
    case "point":
      return { kind: "point", bounds, at: geometry.point_xy };
    case "skeleton":
      return { kind: "skeleton", bounds, geometry };
  }
}

function rowOf({ top, rows, xs }: ReturnType<typeof spansOfMask>, y: number): readonly number[] {
  const at = y - top;
  return at < 0 || at >= rows.length - 1 ? [] : Array.from(xs.subarray(rows[at]!, rows[at + 1]!));
}

/** Even-odd, as shapes with holes are filled. */
function cutOfRings(rings: readonly (readonly Point[])[]): Cut {
  return (y) => {
    const found: number[] = [];
    for (const ring of rings) {
      let [px, py] = ring.at(-1)!;
      for (const [x, y1] of ring) {
        if (py > y !== y1 > y) found.push(px + ((y - py) / (y1 - py)) * (x - px));
        [px, py] = [x, y1];
      }
    }
    return found.sort((a, b) => a - b);
  };
}

/** The likeness of two shapes; a box and a mask of the same thing are as like as what they cover. */
export function likeness(one: Geometry, other: Geometry, frame: Frame): Likeness {
  const [a, b] = [formOf(one), formOf(other)];
  if (a.kind === "area" && b.kind === "area") return { value: overlap(a, b), distancePx: null };
  if (a.kind === "line" && b.kind === "line") return near((apart(a.points, b.points) + apart(b.points, a.points)) / 2, reach(a.bounds, b.bounds));
  if (a.kind === "point" && b.kind === "point") return near(Math.hypot(a.at[0] - b.at[0], a.at[1] - b.at[1]), halfOfPoints(frame));
  if (a.kind === "skeleton" && b.kind === "skeleton") return nearNodes(a.geometry, b.geometry, reach(a.bounds, b.bounds));
  return NOTHING;
}

/** Where another shape must lie to be at all alike. */
export function vicinity(geometry: Geometry, frame: Frame): Bounds {
  const form = formOf(geometry);
  const { x0, y0, x1, y1 } = form.bounds;
  const by = form.kind === "area" ? 0 : 3 * (form.kind === "point" ? halfOfPoints(frame) : reach(form.bounds, form.bounds));
  return { x0: x0 - by, y0: y0 - by, x1: x1 + by, y1: y1 + by };
}

function halfOfPoints(frame: Frame): number {
  return Math.max(8, 0.015 * Math.hypot(frame.width, frame.height));
}

/** At this distance two lines or skeletons of such a size are half the same. */
function reach(a: Bounds, b: Bounds): number {
  const size = (r: Bounds): number => Math.hypot(r.x1 - r.x0, r.y1 - r.y0);
  return Math.max(6, 0.08 * Math.max(size(a), size(b)));
}

function near(distancePx: number, half: number): Likeness {
  return { value: 2 ** -((distancePx / half) ** 2), distancePx };
}

function overlap(a: Extract<Form, { kind: "area" }>, b: Extract<Form, { kind: "area" }>): number {
  if (a.bounds.x1 <= b.bounds.x0 || b.bounds.x1 <= a.bounds.x0 || a.bounds.y1 <= b.bounds.y0 || b.bounds.y1 <= a.bounds.y0) return 0;
  const { y0, y1 } = union(a.bounds, b.bounds);
  let [both, either] = [0, 0];
  for (let i = 0; i < ROWS; i++) {
    const y = y0 + ((i + 0.5) / ROWS) * (y1 - y0);
    const [one, other] = [a.cut(y), b.cut(y)];
    const shared = sharedLength(one, other);
    both += shared;
    either += lengthOf(one) + lengthOf(other) - shared;
  }
  return either > 0 ? both / either : 0;
}

function lengthOf(cut: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i + 1 < cut.length; i += 2) sum += cut[i + 1]! - cut[i]!;
  return sum;
}

function sharedLength(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0, k = 0; i + 1 < a.length && k + 1 < b.length; ) {
    const width = Math.min(a[i + 1]!, b[k + 1]!) - Math.max(a[i]!, b[k]!);
    if (width > 0) sum += width;
    if (a[i + 1]! < b[k + 1]!) i += 2;
    else k += 2;
  }
  return sum;
}

/** Mean distance of places along one line from the other. */
function apart(line: readonly Point[], other: readonly Point[]): number {
  const lengths = line.slice(1).map((p, i) => Math.hypot(p[0] - line[i]![0], p[1] - line[i]![1]));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let sum = 0;
  for (let i = 0; i < STATIONS; i++) {
    let left = (i / (STATIONS - 1)) * total;
    let at = 0;
    while (at < lengths.length - 1 && left > lengths[at]!) left -= lengths[at++]!;
    const t = lengths[at]! > 0 ? Math.min(1, left / lengths[at]!) : 0;
    const [[x0, y0], [x1, y1]] = [line[at]!, line[at + 1] ?? line[at]!];
    sum += nearestOnLine(other, [x0 + (x1 - x0) * t, y0 + (y1 - y0) * t], false).distance;
  }
  return sum / STATIONS;
}

/** Nodes by their names; one that only one side has in the picture counts as far away. */
function nearNodes(a: SkeletonGeometry, b: SkeletonGeometry, half: number): Likeness {
  const there = new Map(b.nodes.map((node) => [node.node_id, node]));
  const [distances, values]: [number[], number[]] = [[], []];
  for (const node of a.nodes) {
    const other = there.get(node.node_id);
    const [here, far] = [node.state !== "outside" ? node.at : null, other && other.state !== "outside" ? other.at : null];
    if (here && far) {
      const distance = Math.hypot(here[0] - far[0], here[1] - far[1]);
      distances.push(distance);
      values.push(near(distance, half).value);
    } else if (here || far) values.push(0);
  }
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / Math.max(1, list.length);
  return { value: mean(values), distancePx: distances.length ? mean(distances) : null };
}
