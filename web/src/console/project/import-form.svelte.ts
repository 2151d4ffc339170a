/** What to import, from where, and how its labels count. */
import type { ConsoleApi } from "../../api/console";
import type { JobRef } from "../../api/console-types";
import { FORMATS as LABEL_FORMATS } from "../formats";
import { msg } from "../../engine/text";

export const FORMATS = [
  { value: "auto", name: msg`Look and decide` },
  { value: "images", name: msg`Images only` },
  ...LABEL_FORMATS,
] as const;

export const LABELS_AS = [
  { value: "none", name: "Nothing: leave labels out" },
  { value: "prelabels", name: "Pre-labels: a start for annotators, never a vote" },
  { value: "accepted", name: "Accepted: finished labels" },
  { value: "gold", name: "Gold: hidden known answers" },
] as const;

/** What becomes of labels whose class or attribute the project has not. */
export const UNKNOWN_CLASSES = [
  { value: "auto", name: msg`Are added while the project has none` },
  { value: "extend", name: msg`Are added to the project` },
  { value: "match", name: msg`Are left out and listed` },
] as const;

export type SourceKind = "files" | "folder" | "urls";

export class ImportForm {
  source = $state<SourceKind>("files");
  files = $state.raw<File[]>([]);
  folder = $state("");
  urls = $state("");
  format = $state<(typeof FORMATS)[number]["value"]>("auto");
  labelsAs = $state<(typeof LABELS_AS)[number]["value"]>("none");
  ontology = $state<(typeof UNKNOWN_CLASSES)[number]["value"]>("auto");
  batch = $state(msg`Default`);

  get urlList(): string[] {
    return this.urls.split(/\s+/).filter(Boolean);
  }

  get isReady(): boolean {
    if (!this.batch.trim()) return false;
    if (this.source === "files") return this.files.length > 0;
    return this.source === "folder" ? this.folder.trim() !== "" : this.urlList.length > 0;
  }

  add(files: readonly File[]): void {
    const known = new Set(this.files.map((f) => `${f.name}/${f.size}`));
    this.files = [...this.files, ...files.filter((f) => !known.has(`${f.name}/${f.size}`))];
  }

  send(api: ConsoleApi, projectId: string): Promise<JobRef> {
    const options = { format: this.format, labels_as: this.labelsAs, ontology: this.ontology, batch: this.batch.trim() };
    if (this.source === "files") {
      const form = new FormData();
      for (const [key, value] of Object.entries(options)) form.set(key, value);
      for (const file of this.files) form.append("files", file, file.webkitRelativePath || file.name);
      return api.uploadImport(projectId, form);
    }
    const source = this.source === "folder" ? { kind: "folder", path: this.folder.trim() } : { kind: "urls", urls: this.urlList };
    return api.startImport(projectId, { ...options, source });
  }
}
