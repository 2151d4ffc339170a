/** Where the page of a thing is, by its kind; lineage itself where it has none. */
import type { LineageNode } from "../../api/console-types";

export function pageOf(node: Pick<LineageNode, "kind" | "id" | "detail">): string | null {
  switch (node.kind) {
    case "model_version":
      return `/models/${node.id}`;
    case "run":
      return `/runs/${node.id}`;
    case "evaluation":
      return `/evaluations/${node.id}`;
    case "batch":
      return typeof node.detail["project_id"] === "string" ? `/projects/${node.detail["project_id"]}?tab=items&batch=${node.id}` : null;
    case "project":
      return `/projects/${node.id}`;
    case "dataset_version":
      return `/dataset-versions/${node.id}`;
    default:
      return null;
  }
}

const WALKED = new Set(["item", "task", "submission", "member", "dataset_version", "run", "model_version", "evaluation", "batch"]);

/** Whether lineage can be walked on from it. */
export const canWalk = (node: Pick<LineageNode, "kind">): boolean => WALKED.has(node.kind);
