/** The instructions of a project, and whether this person has seen the version in force. */
import type { Api } from "../api/client";

const key = (projectId: string): string => `goldsmith.instructions.${projectId}`;

export class Guide {
  version = $state(0);
  text = $state("");
  /** The text last acknowledged, while a newer one waits to be. */
  before = $state<string | null>(null);
  /** There is something this person has not seen: the first instructions of the project, or a change. */
  isNews = $state(false);

  constructor(private readonly api: Api, private readonly projectId: string) {}

  /** Loads a version when it is not the one shown. */
  async show(version: number | undefined): Promise<void> {
    if (version !== undefined && version === this.version) return;
    const now = await this.api.instructions(this.projectId, version);
    this.version = now.version;
    this.text = now.instructions;
    const seen = Number(localStorage.getItem(key(this.projectId)) ?? 0);
    this.isNews = seen < now.version && now.instructions.trim() !== "";
    this.before = this.isNews && seen > 0 ? (await this.api.instructions(this.projectId, seen)).instructions : null;
  }

  acknowledge(): void {
    this.before = null;
    this.isNews = false;
    localStorage.setItem(key(this.projectId), String(this.version));
  }
}
