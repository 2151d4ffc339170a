/** The parts of a project's page, each loaded when it is first opened. */
import type { Component } from "svelte";
import type { Role } from "../../api/types";
import { msg } from "../../engine/text";

export interface ProjectTab {
  readonly id: string;
  readonly name: string;
  /** The least role that sees it; everyone when absent. */
  readonly needs?: "manage" | "review";
  /** It scrolls inside instead of with the page. */
  readonly isFilled?: boolean;
  /** It draws or shows pictures, and takes more of a wide window. */
  readonly isWide?: boolean;
  readonly load: () => Promise<{ default: Component }>;
}

export const projectTabs: readonly ProjectTab[] = [
  { id: "overview", name: msg`Overview`, load: () => import("./Overview.svelte") },
  { id: "items", name: msg`Items`, isFilled: true, isWide: true, load: () => import("./Items.svelte") },
  { id: "quality", name: msg`Quality`, needs: "review", isWide: true, load: () => import("../quality/QualityPage.svelte") },
  { id: "batches", name: msg`Batches`, load: () => import("./Batches.svelte") },
  { id: "import", name: msg`Import`, needs: "manage", load: () => import("./Import.svelte") },
  { id: "ontology", name: msg`Ontology`, load: () => import("./OntologyTab.svelte") },
  { id: "instructions", name: msg`Instructions`, load: () => import("./InstructionsTab.svelte") },
  { id: "workflow", name: msg`Workflow`, load: () => import("./WorkflowTab.svelte") },
  { id: "people", name: msg`People`, needs: "review", load: () => import("./People.svelte") },
  { id: "export", name: msg`Export`, needs: "manage", load: () => import("./Export.svelte") },
];

export function tabsFor(role: Role | null): ProjectTab[] {
  const manages = role === "owner" || role === "manager";
  return projectTabs.filter((tab) => !tab.needs || manages || (tab.needs === "review" && role === "reviewer"));
}
