/** What every page can reach, handed down once from main.ts. */
import { getContext, setContext } from "svelte";
import type { Api } from "../api/client";
import type { PersonalKeys } from "../workbench/keys.svelte";
import type { Preferences } from "./preferences.svelte";
import type { Router } from "./router.svelte";
import type { Session } from "./session.svelte";
import type { ThemeChoice } from "./theme.svelte";
import type { Toasts } from "./toasts.svelte";
import type { Outbox } from "../outbox/outbox.svelte";

export interface AppContext {
  readonly api: Api;
  readonly router: Router;
  readonly session: Session;
  readonly theme: ThemeChoice;
  readonly toasts: Toasts;
  readonly outbox: Outbox;
  /** Kept with the account, so that they follow the person. */
  readonly preferences: Preferences;
  readonly keys: PersonalKeys;
}

const KEY = Symbol("app");

export function provideApp(context: AppContext): void {
  setContext(KEY, context);
}

/** Call while a component is being set up. */
export function useApp(): AppContext {
  return getContext<AppContext>(KEY);
}
