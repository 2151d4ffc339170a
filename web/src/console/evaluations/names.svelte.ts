/** Names of models and dataset versions by id, read once for the page. */
import type { ConsoleApi } from "../../api/console";
import { allVersions, versionName } from "../datasets/versions";
import { Loaded } from "../kit/loading.svelte";

export class EvaluationNames {
  readonly models;
  readonly versions;

  constructor(api: ConsoleApi, workspaceId: string) {
    this.models = new Loaded(async () => (await api.models(workspaceId)).flatMap((line) => line.versions.map((v) => ({ id: v.model_version_id, name: `${v.model_name} ${v.number}`, format: v.format }))));
    this.versions = new Loaded(async () => (await allVersions(api, workspaceId)).map((v) => ({ id: v.dataset_version_id, name: versionName(v), splits: Object.keys(v.card.splits ?? {}) })));
  }

  model(id: string): string {
    return this.models.value?.find((m) => m.id === id)?.name ?? "model";
  }

  version(id: string): string {
    return this.versions.value?.find((v) => v.id === id)?.name ?? "version";
  }

  splitsOf(versionId: string): string[] {
    return this.versions.value?.find((v) => v.id === versionId)?.splits ?? [];
  }
}
