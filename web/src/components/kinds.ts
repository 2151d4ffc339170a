/** The kinds of shapes as people see them: an icon and a name. */
import { geometryKinds, isGeometryKind, shapeNamed } from "../engine/shapes/registry";
import type { GeometryKind } from "../engine/types";
import type { IconName } from "./icons";

const ICONS: Readonly<Record<GeometryKind, IconName>> = {
  box: "box", polygon: "polygon", rotated_box: "rotatedBox", polyline: "polyline", bezier: "bezier",
  ellipse: "ellipse", point: "point", skeleton: "skeleton", cuboid: "cuboid", mask: "mask", span: "span",
};

export interface KindInfo {
  readonly kind: GeometryKind;
  readonly name: string;
  readonly icon: IconName;
}

export const kinds: readonly KindInfo[] = geometryKinds.map((kind) => ({ kind, name: shapeNamed(kind).name, icon: ICONS[kind] }));

export function kindName(kind: string): string {
  return isGeometryKind(kind) ? shapeNamed(kind).name.toLowerCase() : kind;
}

/** "box, rotated box". */
export function kindNames(list: readonly string[]): string {
  return list.map(kindName).join(", ");
}
