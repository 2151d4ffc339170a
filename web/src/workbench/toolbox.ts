/** The tools with their icons, and what each draws: the bar shows those that the ontology asks for. */
import type { IconName } from "../components/icons";
import type { GeometryKind, Ontology } from "../engine/types";
import type { ToolId } from "../engine/tools/registry";

export interface ToolEntry {
  readonly tool: ToolId;
  readonly icon: IconName;
  /** What it makes; null for tools that serve every kind. */
  readonly kinds: readonly GeometryKind[] | null;
}

/** In groups, with a line between them in the bar. */
export const toolbox: readonly (readonly ToolEntry[])[] = [
  [
    { tool: "select", icon: "select", kinds: null },
    { tool: "box", icon: "box", kinds: ["box"] },
    { tool: "box4", icon: "box4", kinds: ["box"] },
    { tool: "rotated_box", icon: "rotatedBox", kinds: ["rotated_box"] },
    { tool: "polygon", icon: "polygon", kinds: ["polygon"] },
    { tool: "hole", icon: "hole", kinds: ["polygon"] },
    { tool: "polyline", icon: "polyline", kinds: ["polyline"] },
    { tool: "bezier", icon: "bezier", kinds: ["bezier"] },
    { tool: "ellipse", icon: "ellipse", kinds: ["ellipse"] },
    { tool: "point", icon: "point", kinds: ["point"] },
    { tool: "skeleton", icon: "skeleton", kinds: ["skeleton"] },
    { tool: "skeleton_nodes", icon: "skeletonNodes", kinds: ["skeleton"] },
    { tool: "cuboid", icon: "cuboid", kinds: ["cuboid"] },
    { tool: "brush", icon: "brush", kinds: ["mask"] },
    { tool: "eraser", icon: "eraser", kinds: ["mask"] },
    { tool: "lasso", icon: "lasso", kinds: ["mask"] },
    { tool: "lassoCut", icon: "lassoCut", kinds: ["mask"] },
    { tool: "slice", icon: "slice", kinds: ["polygon", "mask"] },
  ],
  [
    { tool: "wand", icon: "wand", kinds: ["mask", "polygon", "box"] },
    { tool: "cutout", icon: "cutOut", kinds: ["mask", "polygon", "box"] },
    { tool: "scissors", icon: "scissors", kinds: ["mask", "polygon"] },
    { tool: "superpixels", icon: "cells", kinds: ["mask", "polygon", "box"] },
    { tool: "segment", icon: "segment", kinds: ["mask", "polygon", "box"] },
    { tool: "suggest", icon: "spark", kinds: ["box"] },
  ],
];

export function draws(ontology: Ontology, kind: GeometryKind): boolean {
  return ontology.classes.some((c) => c.geometry_kinds.includes(kind));
}

/** The tools that the ontology has use for; groups without any are left out. */
export function toolsFor(ontology: Ontology): (readonly ToolEntry[])[] {
  return toolbox.map((group) => group.filter(({ kinds }) => kinds === null || kinds.some((kind) => draws(ontology, kind)))).filter((group) => group.length > 0);
}
