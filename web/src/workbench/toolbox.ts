/** The tools with their icons, and what each draws: the bar shows those that the ontology asks for. */
import type { IconName } from "../components/icons";
import type { GeometryKind, Ontology } from "../engine/types";
import type { ToolId } from "../engine/tools/registry";

export interface ToolEntry {
  readonly tool: ToolId;
  readonly icon: IconName;
  /** Null for tools that serve every kind. */
  readonly kind: GeometryKind | null;
}

export const toolbox: readonly ToolEntry[] = [
  { tool: "select", icon: "select", kind: null },
  { tool: "box", icon: "box", kind: "box" },
  { tool: "box4", icon: "box4", kind: "box" },
  { tool: "rotated_box", icon: "rotatedBox", kind: "rotated_box" },
  { tool: "polygon", icon: "polygon", kind: "polygon" },
  { tool: "hole", icon: "hole", kind: "polygon" },
  { tool: "polyline", icon: "polyline", kind: "polyline" },
  { tool: "bezier", icon: "bezier", kind: "bezier" },
  { tool: "ellipse", icon: "ellipse", kind: "ellipse" },
  { tool: "point", icon: "point", kind: "point" },
  { tool: "skeleton", icon: "skeleton", kind: "skeleton" },
  { tool: "skeleton_nodes", icon: "skeletonNodes", kind: "skeleton" },
  { tool: "cuboid", icon: "cuboid", kind: "cuboid" },
];

export function draws(ontology: Ontology, kind: GeometryKind): boolean {
  return ontology.classes.some((c) => c.geometry_kinds.includes(kind));
}

export function toolsFor(ontology: Ontology, box: readonly ToolEntry[] = toolbox): ToolEntry[] {
  return box.filter(({ kind }) => kind === null || draws(ontology, kind));
}
