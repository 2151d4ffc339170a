/** The parts of the settings. */
import type { Component } from "svelte";

export interface SettingsTab {
  readonly id: string;
  readonly name: string;
  readonly isForManagers?: boolean;
  readonly load: () => Promise<{ default: Component }>;
}

export const settingsTabs: readonly SettingsTab[] = [
  { id: "profile", name: "Your profile", load: () => import("./Profile.svelte") },
  { id: "people", name: "People", isForManagers: true, load: () => import("./Members.svelte") },
  { id: "keys", name: "API keys", load: () => import("./Keys.svelte") },
  { id: "webhooks", name: "Webhooks", isForManagers: true, load: () => import("./Webhooks.svelte") },
  { id: "audit", name: "Audit log", isForManagers: true, load: () => import("./Audit.svelte") },
];
