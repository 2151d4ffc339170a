/** All dataset versions of the workspace, newest first: for choosing one in a form. */
import type { ConsoleApi } from "../../api/console";
import type { DatasetVersion } from "../../api/console-types";
import { readAll } from "../kit/loading.svelte";

export async function allVersions(api: ConsoleApi, workspaceId: string): Promise<DatasetVersion[]> {
  const datasets = await readAll((cursor) => api.datasets(workspaceId, cursor), 200);
  const pages = await Promise.all(datasets.filter((d) => d.version_count > 0).map((d) => api.dataset(d.dataset_id)));
  return pages.flatMap((page) => page.versions).sort((a, b) => b.created_ms - a.created_ms);
}

export const versionName = (v: Pick<DatasetVersion, "dataset_name" | "number">): string => `${v.dataset_name} ${v.number}`;
