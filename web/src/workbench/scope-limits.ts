/** The limits of a task's scope, in words: how large, how detailed and how many shapes must and may be. */
import type { GeometryLimits, TaskScope } from "../api/types";
import type { Problem } from "../engine/ontology";
import { findClass } from "../engine/ontology";
import { boundsOfGeometry, isGeometryKind, shapeNamed, shapeOf } from "../engine/shapes/registry";
import type { Annotation, Geometry, Ontology } from "../engine/types";
import { msg } from "../engine/text";

export type Limits = TaskScope["limits"];

/** Pixels as people write them; rounded down, so that what is too small is also written so. */
const shown = (px: number): string => String(Math.floor(px * 100 + 1e-6) / 100);
/** Lengths this near to a limit keep it: what is drawn is rounded. */
const NEARLY_PX = 0.001;

/** What is wrong with one object. */
export function sizeProblems(a: Annotation, ontology: Ontology, limits: Limits): Problem[] {
  const limit = limits[a.geometry.kind];
  if (!limit) return [];
  const name = `${findClass(ontology, a.class_id)?.name ?? shapeOf(a.geometry).name}: `;
  return faultsOf(a.geometry, limit).map((text) => ({ annotationId: a.annotation_id, text: name + text }));
}

function faultsOf(geometry: Geometry, { min_width_px, min_height_px, min_points, max_points }: GeometryLimits): string[] {
  const faults: string[] = [];
  if (min_width_px !== null || min_height_px !== null) {
    const [width, height] = sizeOf(geometry);
    if (min_width_px !== null && width < min_width_px - NEARLY_PX) faults.push(msg`${shown(width)} px wide, and ${shown(min_width_px)} px are the least this task asks for.`);
    if (min_height_px !== null && height < min_height_px - NEARLY_PX) faults.push(msg`${shown(height)} px high, and ${shown(min_height_px)} px are the least this task asks for.`);
  }
  const points = pointCount(geometry);
  if (points !== null && min_points !== null && points < min_points) faults.push(msg`${points} points, and this task asks for at least ${min_points}.`);
  if (points !== null && max_points !== null && points > max_points) faults.push(msg`${points} points, and this task takes at most ${max_points}.`);
  return faults;
}

/** How many there are of each kind; leads to the newest where there are too many. */
export function countProblems(annotations: readonly Annotation[], limits: Limits): Problem[] {
  return Object.entries(limits).flatMap(([kind, { min_count, max_count }]): Problem[] => {
    if (min_count === null && max_count === null) return [];
    const own = annotations.filter((a) => a.geometry.kind === kind);
    const name = isGeometryKind(kind) ? shapeNamed(kind).name : kind;
    if (min_count !== null && own.length < min_count) return [{ annotationId: null, text: msg`${name}: ${own.length} drawn, and this task asks for at least ${min_count}.` }];
    if (max_count !== null && own.length > max_count) return [{ annotationId: own.at(-1)!.annotation_id, text: msg`${name}: ${own.length} drawn, and this task takes at most ${max_count}.` }];
    return [];
  });
}

/** Width and height: of a turned box, its own sides; of all others, those of the box around. */
function sizeOf(geometry: Geometry): readonly [number, number] {
  if (geometry.kind === "rotated_box") return geometry.size_wh;
  const { x0, y0, x1, y1 } = boundsOfGeometry(geometry);
  return [x1 - x0, y1 - y0];
}

/** Corners or nodes; null where a kind has no number of its own. */
export function pointCount(geometry: Geometry): number | null {
  switch (geometry.kind) {
    case "polygon":
      return geometry.rings.reduce((sum, ring) => sum + ring.length, 0);
    case "polyline":
      return geometry.points.length;
    case "bezier":
    case "skeleton":
      return geometry.nodes.length;
    default:
      return null;
  }
}
