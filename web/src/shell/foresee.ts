/**
 * Loads a page's code while the pointer is still on its way to the link: it is there when the link is followed. The
 * workbench, which is large and waited for, is loaded as soon as a page with a link to it has come to rest.
 */
import { whenIdle } from "./idle";
import { type Route, matchRoute } from "./router.svelte";

/** How long after a change the page is looked at. */
const REST_MS = 400;

/** Starts to watch; a page is fetched once, and a failure is left to the visit itself. */
export function foresee(routes: readonly Route[]): void {
  const seen = new Set<Route>();
  const routeOf = (link: HTMLAnchorElement): Route | null => {
    if (link.origin !== location.origin || link.target || link.pathname.startsWith("/api/")) return null;
    return matchRoute(routes, link.pathname)?.route ?? null;
  };
  const load = (route: Route | null): void => {
    if (!route || seen.has(route)) return;
    seen.add(route);
    void route.load().catch(() => seen.delete(route));
  };
  const look = (event: Event): void => {
    const link = (event.target as Element | null)?.closest?.("a");
    if (link) load(routeOf(link));
  };
  for (const type of ["pointerover", "pointerdown", "focusin"]) addEventListener(type, look, { passive: true });

  let timer: ReturnType<typeof setTimeout> | undefined;
  const lookAround = (): void => {
    for (const link of document.links) {
      const route = link instanceof HTMLAnchorElement ? routeOf(link) : null;
      if (route?.frame === "bare") load(route);
    }
  };
  // One look for all that changes meanwhile: the workbench changes with every key.
  const watch = new MutationObserver(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      whenIdle(lookAround);
    }, REST_MS);
  });
  watch.observe(document.body, { childList: true, subtree: true });
}
