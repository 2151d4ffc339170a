/** What pages of the console reach: the shell's context, the console's calls, and the workspace at hand. */
import { ConsoleApi } from "../api/console";
import { useApp, type AppContext } from "../shell/app-context";

export interface ConsoleContext extends AppContext {
  readonly console: ConsoleApi;
  readonly workspaceId: string;
}

/** Call while a component is being set up. */
export function useConsole(): ConsoleContext {
  const app = useApp();
  const membership = app.session.membership;
  if (!membership) throw new Error("You are not a member of a workspace yet: ask for an invitation.");
  return { ...app, console: new ConsoleApi(app.api.http), workspaceId: membership.workspace_id };
}
