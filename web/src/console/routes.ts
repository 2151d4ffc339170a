/** Pages of the console, and what its navigation shows. */
import type { IconName } from "../components/icons";
import type { Role } from "../api/types";
import type { Route } from "../shell/router.svelte";

export const consoleRoutes: readonly Route[] = [
  { path: "/", title: "Projects", frame: "framed", load: () => import("./projects/Projects.svelte") },
  { path: "/projects/:id", title: "Project", frame: "framed", load: () => import("./project/ProjectPage.svelte") },
  { path: "/datasets", title: "Datasets", frame: "framed", load: () => import("./datasets/Datasets.svelte") },
  { path: "/datasets/:id", title: "Dataset", frame: "framed", load: () => import("./datasets/DatasetPage.svelte") },
  { path: "/dataset-versions/:id", title: "Dataset version", frame: "framed", load: () => import("./datasets/VersionPage.svelte") },
  { path: "/models", title: "Models", frame: "framed", load: () => import("./models/Models.svelte") },
  { path: "/models/:id", title: "Model", frame: "framed", load: () => import("./models/ModelPage.svelte") },
  { path: "/runs/:id", title: "Training run", frame: "framed", load: () => import("./models/RunPage.svelte") },
  { path: "/evaluations", title: "Evaluations", frame: "framed", load: () => import("./evaluations/Evaluations.svelte") },
  { path: "/evaluations/:id", title: "Evaluation", frame: "framed", load: () => import("./evaluations/EvaluationPage.svelte") },
  { path: "/lineage/:id", title: "Lineage", frame: "framed", load: () => import("./lineage/Lineage.svelte") },
  { path: "/jobs", title: "Jobs", frame: "framed", load: () => import("./jobs/Jobs.svelte") },
  { path: "/settings", title: "Settings", frame: "framed", load: () => import("./settings/Settings.svelte") },
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
  { href: "/", name: "Projects", icon: "folder" },
  { href: "/datasets", name: "Datasets", icon: "database", roles: REVIEWERS },
  { href: "/models", name: "Models", icon: "layers", roles: REVIEWERS },
  { href: "/evaluations", name: "Evaluations", icon: "chart", roles: REVIEWERS },
  { href: "/jobs", name: "Jobs", icon: "repeat", roles: MANAGERS },
  { href: "/settings", name: "Settings", icon: "gear" },
];
