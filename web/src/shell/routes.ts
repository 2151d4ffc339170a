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
  { path: "/work", title: "My work", frame: "framed", load: () => import("../work/MyWork.svelte") },
  { path: "/work/:id", title: "My work", frame: "bare", load: () => import("../work/OutcomePage.svelte") },
  { path: "/work/:id/revise", title: "Change my labels", frame: "bare", load: () => import("../work/RevisePage.svelte") },
  ...consoleRoutes,
];
