/** What the sections of the quality page share: the policy, what follows from it for people, audits; read once. */
import { getContext, setContext } from "svelte";
import { QualityApi } from "../../api/quality";
import type { Http } from "../../api/http";
import type { Audit, Consequence, VersionedPolicy } from "../../api/quality-types";
import { Loaded } from "../kit/loading.svelte";
import { PolicyDraft } from "./policy-draft.svelte";

const KEY = Symbol("quality");

export class QualityRoom {
  readonly api: QualityApi;
  readonly policy: Loaded<VersionedPolicy>;
  readonly audits: Loaded<Audit[]>;
  readonly consequences: Loaded<Consequence[]>;
  /** The policy as it is being edited; stays while other sections are looked at, so that it can be simulated unsaved. */
  draft: PolicyDraft | null = null;

  constructor(http: Http, readonly projectId: string) {
    this.api = new QualityApi(http);
    this.policy = new Loaded(() => this.api.policy(projectId));
    this.audits = new Loaded(() => this.api.audits(projectId));
    this.consequences = new Loaded(() => this.api.consequences(projectId));
  }

  /** The draft upon the newest version; what was typed upon an older one goes. */
  draftOf(saved: VersionedPolicy): PolicyDraft {
    if (this.draft?.saved.version !== saved.version) this.draft = new PolicyDraft(saved);
    return this.draft!;
  }

  get appeals(): number {
    return (this.consequences.value ?? []).filter((c) => c.state === "appealed").length;
  }
}

export function provideRoom(room: QualityRoom): void {
  setContext(KEY, room);
}

/** Call while a component is being set up. */
export function useRoom(): QualityRoom {
  return getContext<QualityRoom>(KEY);
}
