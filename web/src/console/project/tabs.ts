/** The parts of a project's page, each loaded when it is first opened. */
import type { Component } from "svelte";
import type { Role } from "../../api/types";

export interface ProjectTab {
  readonly id: string;
  readonly name: string;
  /** The least role that sees it; everyone when absent. */
  readonly needs?: "manage" | "review";
  /** It scrolls inside instead of with the page. */
  readonly isFilled?: boolean;
  readonly load: () => Promise<{ default: Component }>;
}

export const projectTabs: readonly ProjectTab[] = [
  { id: "overview", name: "Overview", load: () => import("./Overview.svelte") },
  { id: "items", name: "Items", isFilled: true, load: () => import("./Items.svelte") },
  { id: "quality", name: "Quality", needs: "review", load: () => import("./Quality.svelte") },
  { id: "batches", name: "Batches", load: () => import("./Batches.svelte") },
  { id: "import", name: "Import", needs: "manage", load: () => import("./Import.svelte") },
  { id: "ontology", name: "Ontology", load: () => import("./OntologyTab.svelte") },
  { id: "instructions", name: "Instructions", load: () => import("./InstructionsTab.svelte") },
  { id: "workflow", name: "Workflow", load: () => import("./WorkflowTab.svelte") },
  { id: "people", name: "People", needs: "review", load: () => import("./People.svelte") },
  { id: "export", name: "Export", needs: "manage", load: () => import("./Export.svelte") },
];

export function tabsFor(role: Role | null): ProjectTab[] {
  const manages = role === "owner" || role === "manager";
  return projectTabs.filter((tab) => !tab.needs || manages || (tab.needs === "review" && role === "reviewer"));
}
