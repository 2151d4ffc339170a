/** Draw a ring inside the selected polygon: what it encloses is no longer part of the object. */
import { type Point, nearestEdge, signedArea } from "../geometry";
import { LEAST_POINTS, polygonShape } from "../shapes/polygon";
import type { Annotation, PolygonGeometry } from "../types";
import { DrawPointsTool } from "./draw-points";
import { withGeometry } from "./select";
import { msg } from "../text";

/** A point of the hole may lie on the border, but not beyond it. */
const BORDER_PX = 0.5;

export class CutHoleTool extends DrawPointsTool {
  readonly id = "hole";
  readonly draws = null;
  protected readonly least = LEAST_POINTS;
  protected readonly isClosed = true;

  protected make(points: readonly Point[]): string | null {
    const { editor } = this;
    if (points.length < LEAST_POINTS || Math.abs(signedArea(points)) < 1) return msg`A hole needs three points that span an area.`;
    const target = this.#target(points);
    if (!target) return msg`Select the polygon first, then draw the hole inside it.`;
    const { polygon, id } = target;
    const entry = editor.document.find(id);
    if (!entry || !editor.canEdit(id)) return msg`This polygon is locked; unlock it first.`;
    const isInside = points.every((p) => polygonShape.contains(polygon, p) || polygonShape.distanceToOutline(polygon, p) <= BORDER_PX);
    if (!isInside || swallowsAHole(points, polygon)) return msg`A hole lies inside its polygon, and not across another hole.`;
    editor.put([withGeometry(entry, { kind: "polygon", rings: [...polygon.rings, points] })], msg`Cut a hole`);
    if (editor.keepsDrawing) return null;
    editor.setTool("select");
    editor.select([id]);
    return null;
  }

  /** The selected polygon, or the smallest one around the ring. */
  #target(points: readonly Point[]): { polygon: PolygonGeometry; id: string } | null {
    const { editor } = this;
    const asTarget = (a: Annotation | null) => (a?.geometry.kind === "polygon" ? { polygon: a.geometry, id: a.annotation_id } : null);
    if (editor.active) return asTarget(editor.active);
    const hit = editor.hitAt(points[0]!);
    return hit && asTarget(editor.document.findAnnotation(hit.id));
  }
}

function swallowsAHole(points: readonly Point[], { rings }: PolygonGeometry): boolean {
  const ring: PolygonGeometry = { kind: "polygon", rings: [points] };
  return rings.slice(1).some((hole) => hole.some((p) => polygonShape.contains(ring, p) && nearestEdge(points, p).distance > BORDER_PX));
}
