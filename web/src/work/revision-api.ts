/** A queue of one task without a lease: one's own submission, to be changed. */
import { Api } from "../api/client";
import type { Revision } from "../api/talk";
import type { DraftPut, Lease, TaskPayload } from "../api/types";

const FOREVER_MS = 10 ** 14;

/** The key under which a revision's draft is kept on this computer. */
export const revisionKey = (taskId: string): string => `revise_${taskId}`;

export class RevisionApi extends Api {
  #isGiven = false;

  constructor(api: Api, private readonly revision: Revision) {
    super(api.http);
  }

  override leases(): Promise<TaskPayload[]> {
    return this.#one().then((payload) => (payload ? [payload] : []));
  }

  override nextTask(): Promise<TaskPayload | null> {
    return this.#one();
  }

  override renew(): Promise<{ expires_ms: number }> {
    return Promise.resolve({ expires_ms: FOREVER_MS });
  }

  override release(): Promise<null> {
    return Promise.resolve(null);
  }

  override putDraft(_key: string, body: DraftPut): Promise<{ revision?: number; saved_ms?: number } | null> {
    return this.talk.putRevisionDraft(this.revision.task_id, { ...body, token: 0 });
  }

  #one(): Promise<TaskPayload | null> {
    const { task_id, project_id, item, draft, ontology_version, instructions_version } = this.revision;
    const lease: Lease = { judgement_id: revisionKey(task_id), token: 0, expires_ms: FOREVER_MS, stage: "label" };
    const payload: TaskPayload = { lease, task: { task_id, project_id, state: "open", batch_id: null }, item, prelabel: null, draft, ontology_version, instructions_version, review: null };
    const isFirst = !this.#isGiven;
    this.#isGiven = true;
    return Promise.resolve(isFirst ? payload : null);
  }
}
