/** What all parts of a project's page share: the project, its ontology and batches, read once. */
import { getContext, setContext } from "svelte";
import type { ConsoleApi } from "../../api/console";
import type { Api } from "../../api/client";
import type { ProjectView, VersionedOntology } from "../../api/types";
import { Loaded, readAll } from "../kit/loading.svelte";

const KEY = Symbol("project");

export class ProjectDesk {
  readonly project: Loaded<ProjectView>;
  readonly ontology: Loaded<VersionedOntology>;
  readonly batches;

  constructor(api: Api, console: ConsoleApi, readonly projectId: string) {
    this.project = new Loaded(() => api.project(projectId));
    this.ontology = new Loaded(() => api.ontology(projectId));
    this.batches = new Loaded(() => readAll((cursor) => console.batches(projectId, cursor)));
  }

  className(classId: string): string {
    return this.ontology.value?.ontology.classes.find((c) => c.class_id === classId)?.name ?? classId;
  }

  classColor(classId: string): string {
    return this.ontology.value?.ontology.classes.find((c) => c.class_id === classId)?.color ?? "var(--ink-3)";
  }

  batchName(batchId: string | null): string {
    return this.batches.value?.find((b) => b.batch_id === batchId)?.name ?? "–";
  }
}

export function provideDesk(desk: ProjectDesk): void {
  setContext(KEY, desk);
}

/** Call while a component is being set up. */
export function useDesk(): ProjectDesk {
  return getContext<ProjectDesk>(KEY);
}
