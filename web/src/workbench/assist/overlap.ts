/** What a model sees that is not drawn yet. */
import type { Annotation } from "../../engine/types";
import type { Editor } from "../../engine/editor";
import type { Bounds } from "../../engine/geometry";
import { findClass } from "../../engine/ontology";
import { boundsOfGeometry } from "../../engine/shapes/registry";
import type { Offer } from "../../engine/assist/suggestions";

/** The same object: same class and this overlap, or another class and almost the same place. */
const SAME_CLASS = 0.5;
const OTHER_CLASS = 0.8;

export function newSuggestions(editor: Editor, seen: readonly Annotation[], source: string): Offer[] {
  const drawn = editor.document.inOrder().map(({ annotation }) => ({ classId: annotation.class_id, bounds: boundsOfGeometry(annotation.geometry) }));
  return seen.flatMap((a): Offer[] => {
    const item = findClass(editor.ontology, a.class_id);
    if (!item?.geometry_kinds.includes(a.geometry.kind) || editor.suggestions.wasRefused(a.geometry)) return [];
    const bounds = boundsOfGeometry(a.geometry);
    const isDrawn = drawn.some((d) => overlap(d.bounds, bounds) >= (d.classId === a.class_id ? SAME_CLASS : OTHER_CLASS));
    return isDrawn ? [] : [{ source, geometry: a.geometry, classId: a.class_id, score: a.score, attributes: a.attributes }];
  });
}

/** Intersection over union. */
export function overlap(a: Bounds, b: Bounds): number {
  const w = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const h = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (w <= 0 || h <= 0) return 0;
  const area = (r: Bounds): number => (r.x1 - r.x0) * (r.y1 - r.y0);
  return (w * h) / (area(a) + area(b) - w * h);
}
