/** Pages of the console, and what its navigation shows. */
import type { IconName } from "../components/icons";
import type { Role } from "../api/types";
import type { Route } from "../shell/router.svelte";
import { msg } from "../engine/text";

export const consoleRoutes: readonly Route[] = [
  { path: "/", title: msg`Projects`, frame: "framed", load: () => import("./projects/Projects.svelte") },
  { path: "/projects/:id", title: msg`Project`, frame: "framed", load: () => import("./project/ProjectPage.svelte") },
  { path: "/projects/:id/compare", title: msg`Side by side`, frame: "bare", load: () => import("./compare/ComparePage.svelte") },
  { path: "/datasets", title: msg`Datasets`, frame: "framed", load: () => import("./datasets/Datasets.svelte") },
  { path: "/datasets/:id", title: msg`Dataset`, frame: "framed", load: () => import("./datasets/DatasetPage.svelte") },
  { path: "/dataset-versions/:id", title: msg`Dataset version`, frame: "framed", load: () => import("./datasets/VersionPage.svelte") },
  { path: "/models", title: msg`Models`, frame: "framed", load: () => import("./models/Models.svelte") },
  { path: "/models/:id", title: msg`Model`, frame: "framed", load: () => import("./models/ModelPage.svelte") },
  { path: "/runs/:id", title: msg`Training run`, frame: "framed", load: () => import("./models/RunPage.svelte") },
  { path: "/evaluations", title: msg`Evaluations`, frame: "framed", load: () => import("./evaluations/Evaluations.svelte") },
  { path: "/evaluations/:id", title: msg`Evaluation`, frame: "framed", load: () => import("./evaluations/EvaluationPage.svelte") },
  { path: "/lineage/:id", title: msg`Lineage`, frame: "framed", load: () => import("./lineage/Lineage.svelte") },
  { path: "/jobs", title: msg`Jobs`, frame: "framed", load: () => import("./jobs/Jobs.svelte") },
  { path: "/settings", title: msg`Settings`, frame: "framed", load: () => import("./settings/Settings.svelte") },
];

export interface NavEntry {
  readonly href: string;
  readonly name: string;
  readonly icon: IconName;
  /** Roles that see it; everyone when absent. */
  readonly roles?: readonly Role[];
}

const MANAGERS: readonly Role[] = ["owner", "manager"];
const REVIEWERS: readonly Role[] = [...MANAGERS, "reviewer"];

export const consoleNav: readonly NavEntry[] = [
  { href: "/", name: msg`Projects`, icon: "folder" },
  { href: "/datasets", name: msg`Datasets`, icon: "database", roles: REVIEWERS },
  { href: "/models", name: msg`Models`, icon: "layers", roles: REVIEWERS },
  { href: "/evaluations", name: msg`Evaluations`, icon: "chart", roles: REVIEWERS },
  { href: "/jobs", name: msg`Jobs`, icon: "repeat", roles: MANAGERS },
  { href: "/settings", name: msg`Settings`, icon: "gear" },
];
