/** The calls that the shell and the workbench make. The console adds its own in `console/`, on the same `Http`. */
import type { Http } from "./http";
import { TalkApi } from "./talk";
import type {
  DraftPut, Instructions, InvitationPreview, Lease, Me, Page, ProjectView, Stage, TaskPayload, VersionedOntology, VersionedWorkflow,
} from "./types";

export class Api {
  readonly talk: TalkApi;

  constructor(readonly http: Http) {
    this.talk = new TalkApi(http);
  }

  // --- accounts

  async me(): Promise<Me> {
    return this.#signedIn(await this.http.get<Me>("/auth/me", { retries: 0 }));
  }

  async login(email: string, password: string): Promise<Me> {
    return this.#entered(await this.http.post<Partial<Me> | null>("/auth/login", { email, password }));
  }

  async loginByLink(token: string): Promise<Me> {
    return this.#entered(await this.http.post<Partial<Me> | null>("/auth/link", { token }));
  }

  async setup(body: { token: string; email: string; name: string; password: string; workspace_name: string }): Promise<Me> {
    return this.#entered(await this.http.post<Partial<Me> | null>("/setup", body));
  }

  previewInvitation(token: string): Promise<InvitationPreview> {
    return this.http.post("/auth/invitations/preview", { token });
  }

  async acceptInvitation(body: { token: string; name: string; password: string }): Promise<Me> {
    return this.#entered(await this.http.post<Partial<Me> | null>("/auth/invitations/accept", body));
  }

  async logout(): Promise<void> {
    await this.http.post("/auth/logout");
    this.http.csrfToken = null;
  }

  async preferences(): Promise<Record<string, unknown>> {
    return (await this.http.get<{ preferences: Record<string, unknown> }>("/auth/preferences", { retries: 0 })).preferences;
  }

  /** Replaces the named ones and leaves the others; null drops one. */
  async changePreferences(changes: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    return (await this.http.patch<{ preferences: Record<string, unknown> }>("/auth/preferences", { preferences: changes })).preferences;
  }

  // --- projects

  projects(workspaceId: string, cursor: string | null = null): Promise<Page<ProjectView>> {
    return this.http.get(`/workspaces/${workspaceId}/projects`, { query: { cursor, limit: 100 } });
  }

  project(projectId: string): Promise<ProjectView> {
    return this.http.get(`/projects/${projectId}`);
  }

  ontology(projectId: string, version?: number): Promise<VersionedOntology> {
    return this.http.get(`/projects/${projectId}/ontology`, { query: { version } });
  }

  instructions(projectId: string, version?: number): Promise<Instructions> {
    return this.http.get(`/projects/${projectId}/instructions`, { query: { version } });
  }

  workflow(projectId: string): Promise<VersionedWorkflow> {
    return this.http.get(`/projects/${projectId}/workflow`);
  }

  // --- work

  /** The next task, or null when nothing is left. */
  nextTask(projectId: string, stage: Stage): Promise<TaskPayload | null> {
    return this.http.post(`/projects/${projectId}/tasks/next`, { stage });
  }

  async leases(projectId: string): Promise<TaskPayload[]> {
    const found = await this.http.get<TaskPayload[] | { items: TaskPayload[] }>(`/projects/${projectId}/leases`);
    return Array.isArray(found) ? found : found.items;
  }

  renew(lease: Lease): Promise<{ expires_ms: number } | null> {
    return this.http.post(`/leases/${lease.judgement_id}/renew`, { token: lease.token });
  }

  release(lease: Lease): Promise<null> {
    return this.http.post(`/leases/${lease.judgement_id}/release`, { token: lease.token });
  }

  putDraft(judgementId: string, body: DraftPut): Promise<{ revision?: number; saved_ms?: number } | null> {
    return this.http.put(`/leases/${judgementId}/draft`, body);
  }

  /** Sends an answer: to a lease, or, for what needs none, to its task or thread. */
  send(kind: "submit" | "skip" | "review" | "revise" | "comment" | "reply", id: string, bodyText: string): Promise<unknown> {
    const places = { submit: "leases", skip: "leases", review: "leases", revise: "tasks", comment: "tasks", reply: "comments" } as const;
    const verbs = { submit: "submit", skip: "skip", review: "review", revise: "revise", comment: "comments", reply: "replies" } as const;
    return this.http.post(`/${places[kind]}/${id}/${verbs[kind]}`, undefined, { bodyText });
  }

  #signedIn(me: Me): Me {
    this.http.csrfToken = me.csrf_token;
    return me;
  }

  /** Some answers carry the whole of /auth/me, others only the cookie. */
  async #entered(answer: Partial<Me> | null): Promise<Me> {
    return answer?.user && answer.memberships && answer.csrf_token ? this.#signedIn(answer as Me) : this.me();
  }
}
