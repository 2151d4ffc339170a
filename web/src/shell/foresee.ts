/** Loads a page's code while the pointer is still on its way to the link: it is there when the link is followed. */
import { type Route, matchRoute } from "./router.svelte";

/** Starts to watch; a page is fetched once, and a failure is left to the visit itself. */
export function foresee(routes: readonly Route[]): void {
  const seen = new Set<Route>();
  const look = (event: Event): void => {
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.origin !== location.origin || link.target || link.pathname.startsWith("/api/")) return;
    const route = matchRoute(routes, link.pathname)?.route;
    if (!route || seen.has(route)) return;
    seen.add(route);
    void route.load().catch(() => seen.delete(route));
  };
  for (const type of ["pointerover", "pointerdown", "focusin"]) addEventListener(type, look, { passive: true });
}
