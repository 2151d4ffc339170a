/** Who is signed in, and in which workspace they work. */
import type { Api } from "../api/client";
import { ApiError } from "../api/http";
import type { Me, Membership, Role } from "../api/types";

const WORKSPACE_KEY = "goldsmith.workspace";
const LAST_ME_KEY = "goldsmith.me";

export type SessionState = "unknown" | "in" | "out";

export class Session {
  state = $state<SessionState>("unknown");
  me = $state.raw<Me | null>(null);
  workspaceId = $state<string | null>(localStorage.getItem(WORKSPACE_KEY));

  constructor(private readonly api: Api) {
    api.http.onSignedOut = () => {
      if (this.state === "in") this.state = "out";
    };
  }

  get membership(): Membership | null {
    const all = this.me?.memberships ?? [];
    return all.find((m) => m.workspace_id === this.workspaceId) ?? all[0] ?? null;
  }

  get role(): Role | null {
    return this.membership?.role ?? null;
  }

  get canManage(): boolean {
    return this.role === "owner" || this.role === "manager";
  }

  get canReview(): boolean {
    return this.canManage || this.role === "reviewer";
  }

  /** Asks the server; when it does not answer, goes on as the person who was last signed in, so that kept work can be reached. */
  async restore(): Promise<void> {
    try {
      this.enter(await this.api.me());
    } catch (error) {
      const kept = error instanceof ApiError && !error.isTransient ? null : localStorage.getItem(LAST_ME_KEY);
      if (kept) this.enter(JSON.parse(kept) as Me);
      else this.state = "out";
    }
  }

  enter(me: Me): void {
    this.me = me;
    this.state = "in";
    this.api.http.csrfToken = me.csrf_token;
    localStorage.setItem(LAST_ME_KEY, JSON.stringify(me));
    if (this.membership) this.chooseWorkspace(this.membership.workspace_id);
  }

  chooseWorkspace(workspaceId: string): void {
    this.workspaceId = workspaceId;
    localStorage.setItem(WORKSPACE_KEY, workspaceId);
  }

  async leave(): Promise<void> {
    await this.api.logout().catch(() => undefined);
    localStorage.removeItem(LAST_ME_KEY);
    this.me = null;
    this.state = "out";
  }
}
