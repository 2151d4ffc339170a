/** The instructions of a project, and whether this person has seen the version in force. */
import type { Api } from "../api/client";
import { type Example, LeadApi } from "../api/lead";
import type { Ontology } from "../engine/types";

const key = (projectId: string): string => `goldsmith.instructions.${projectId}`;
const taskKey = (projectId: string): string => `goldsmith.instructions.task.${projectId}`;

export class Guide {
  version = $state(0);
  text = $state("");
  /** What the open task says beyond its project, in Markdown; empty where it says nothing. */
  ofTask = $state("");
  /** The task says something that this person has not acknowledged yet. */
  isTaskNews = $state(false);
  /** The text last acknowledged, while a newer one waits to be. */
  before = $state<string | null>(null);
  /** There is something this person has not seen: the first instructions of the project, or a change. */
  isNews = $state(false);
  examples = $state.raw<readonly Example[]>([]);
  /** Examples that were not there when this person last said that the instructions are understood. */
  newExamples = $state.raw<ReadonlySet<string>>(new Set());
  /** The words of the examples' labels; null while there are none. */
  ontology = $state.raw<Ontology | null>(null);

  constructor(private readonly api: Api, private readonly projectId: string) {}

  /** Loads a version when it is not the one shown. */
  async show(version: number | undefined): Promise<void> {
    if (version !== undefined && version === this.version) return;
    const now = await this.api.instructions(this.projectId, version);
    this.version = now.version;
    this.text = now.instructions;
    const seen = Number(localStorage.getItem(key(this.projectId)) ?? 0);
    this.isNews = seen < now.version && (now.instructions.trim() !== "" || now.examples.length > 0);
    const before = this.isNews && seen > 0 ? await this.api.instructions(this.projectId, seen) : null;
    this.before = before?.instructions ?? null;
    this.newExamples = new Set(before ? now.examples.filter((id) => !before.examples.includes(id)) : []);
    this.examples = now.examples.length ? await new LeadApi(this.api.http).examples(this.projectId, now.version) : [];
    if (this.examples.length) this.ontology ??= (await this.api.ontology(this.projectId)).ontology;
  }

  /** What the task on the bench says of itself; many tasks of a batch say the same, which is news once. */
  forTask(text: string): void {
    this.ofTask = text.trim();
    this.isTaskNews = this.ofTask !== "" && localStorage.getItem(taskKey(this.projectId)) !== this.ofTask;
  }

  acknowledge(): void {
    if (this.ofTask) localStorage.setItem(taskKey(this.projectId), this.ofTask);
    this.isTaskNews = false;
    this.before = null;
    this.newExamples = new Set();
    this.isNews = false;
    localStorage.setItem(key(this.projectId), String(this.version));
  }
}
