/** All pages. The console registers its own in console/routes.ts. */
import { consoleRoutes } from "../console/routes";
import type { Route } from "./router.svelte";

export const routes: readonly Route[] = [
  { path: "/login", title: "Sign in", frame: "bare", isPublic: true, load: () => import("../account/Login.svelte") },
  { path: "/setup", title: "Set up", frame: "bare", isPublic: true, load: () => import("../account/Setup.svelte") },
  { path: "/link", title: "Sign in", frame: "bare", isPublic: true, load: () => import("../account/Link.svelte") },
  { path: "/invite", title: "Accept invitation", frame: "bare", isPublic: true, load: () => import("../account/Invite.svelte") },
  { path: "/projects/:id/label", title: "Label", frame: "bare", load: () => import("../label/LabelPage.svelte") },
  { path: "/projects/:id/review", title: "Review", frame: "bare", load: () => import("../review/ReviewPage.svelte") },
  ...consoleRoutes,
];
