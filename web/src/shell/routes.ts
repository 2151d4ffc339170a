/** All pages. The console registers its own in console/routes.ts. */
import { consoleRoutes } from "../console/routes";
import type { Route } from "./router.svelte";
import { msg } from "../engine/text";

export const routes: readonly Route[] = [
  { path: "/login", title: msg`Sign in`, frame: "bare", isPublic: true, load: () => import("../account/Login.svelte") },
  { path: "/setup", title: msg`Set up`, frame: "bare", isPublic: true, load: () => import("../account/Setup.svelte") },
  { path: "/link", title: msg`Sign in`, frame: "bare", isPublic: true, load: () => import("../account/Link.svelte") },
  { path: "/invite", title: msg`Accept invitation`, frame: "bare", isPublic: true, load: () => import("../account/Invite.svelte") },
  { path: "/projects/:id/label", title: msg`Label`, frame: "bare", load: () => import("../label/LabelPage.svelte") },
  { path: "/projects/:id/review", title: msg`Review`, frame: "bare", load: () => import("../review/ReviewPage.svelte") },
  { path: "/projects/:id/course", title: msg`Course`, frame: "bare", load: () => import("../work/CoursePage.svelte") },
  { path: "/work", title: msg`My work`, frame: "framed", load: () => import("../work/MyWork.svelte") },
  { path: "/work/quality", title: msg`My quality`, frame: "framed", load: () => import("../work/OwnQuality.svelte") },
  { path: "/work/:id", title: msg`My work`, frame: "bare", load: () => import("../work/OutcomePage.svelte") },
  { path: "/work/:id/revise", title: msg`Change my labels`, frame: "bare", load: () => import("../work/RevisePage.svelte") },
  ...consoleRoutes,
];
