/** What all ways in share: one request, its fault, and where to go afterwards. */
import { ApiError, sentenceFor } from "../api/http";
import type { Me } from "../api/types";
import type { AppContext } from "../shell/app-context";

/** The one-time token after the #; it never reaches a server log, and leaves the address bar at once. */
export function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  if (token) history.replaceState(null, "", location.pathname);
  return token;
}

export class Entrance {
  fault = $state<string | null>(null);
  isBusy = $state(false);

  constructor(private readonly app: AppContext) {}

  async enter(request: () => Promise<Me>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.fault = null;
    try {
      this.app.session.enter(await request());
      this.app.outbox.kick();
      const to = this.app.router.query.get("to") ?? "/";
      this.app.router.go(to.startsWith("/") && !to.startsWith("//") ? to : "/", { replace: true });
    } catch (error) {
      this.fault = error instanceof ApiError && error.status === 401 ? error.detail : sentenceFor(error);
    } finally {
      this.isBusy = false;
    }
  }
}
