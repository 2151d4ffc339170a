/** The parts of the settings. */
import type { Component } from "svelte";
import type { Role } from "../../api/types";
import { msg } from "../../engine/text";

export interface SettingsTab {
  readonly id: string;
  readonly name: string;
  readonly isForManagers?: boolean;
  readonly isForOwners?: boolean;
  readonly load: () => Promise<{ default: Component }>;
}

const settingsTabs: readonly SettingsTab[] = [
  { id: "profile", name: msg`Your profile`, load: () => import("./Profile.svelte") },
  { id: "workspace", name: msg`Workspace`, isForOwners: true, load: () => import("./Workspace.svelte") },
  { id: "people", name: msg`People`, isForManagers: true, load: () => import("./Members.svelte") },
  { id: "keys", name: "API keys", load: () => import("./Keys.svelte") },
  { id: "webhooks", name: msg`Webhooks`, isForManagers: true, load: () => import("./Webhooks.svelte") },
  { id: "callbacks", name: msg`Callbacks`, isForManagers: true, load: () => import("./Callbacks.svelte") },
  { id: "audit", name: msg`Audit log`, isForManagers: true, load: () => import("./Audit.svelte") },
];

/** What somebody of this role finds there. */
export const settingsFor = (role: Role | null): readonly SettingsTab[] =>
  settingsTabs.filter((tab) => (!tab.isForManagers || role === "manager" || role === "owner") && (!tab.isForOwners || role === "owner"));
