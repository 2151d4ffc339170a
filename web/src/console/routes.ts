/** Pages of the console, and what its navigation shows. */
import type { IconName } from "../components/icons";
import type { Role } from "../api/types";
import type { Route } from "../shell/router.svelte";

export const consoleRoutes: readonly Route[] = [
  { path: "/", title: "Projects", frame: "framed", load: () => import("./projects/Projects.svelte") },
  { path: "/projects/:id", title: "Project", frame: "framed", load: () => import("./project/ProjectPage.svelte") },
];

export interface NavEntry {
  readonly href: string;
  readonly name: string;
  readonly icon: IconName;
  /** Roles that see it; everyone when absent. */
  readonly roles?: readonly Role[];
}

export const consoleNav: readonly NavEntry[] = [
  { href: "/", name: "Projects", icon: "folder" },
];
