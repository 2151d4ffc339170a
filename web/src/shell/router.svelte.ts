/** History routes. A page is loaded when it is first visited, so that the labelling page carries nothing of the console. */
import type { Component } from "svelte";

export type Params = Readonly<Record<string, string>>;

export interface PageProps {
  readonly params: Params;
}

export interface Route {
  /** Such as "/projects/:id/label". */
  readonly path: string;
  readonly title: string;
  /** The page is given PageProps; one that needs no parameters may declare none. */
  readonly load: () => Promise<{ default: unknown }>;
  /** "bare" pages fill the window (sign-in, workbench); "framed" ones stand under the top bar with navigation. */
  readonly frame: "bare" | "framed";
  readonly isPublic?: boolean;
}

/** Loads a route's page. Components differ in the props they declare, which no common type can say; all take PageProps. */
export async function loadPage(route: Route): Promise<Component<PageProps>> {
  return (await route.load()).default as Component<PageProps>;
}

export interface Match {
  readonly route: Route;
  readonly params: Params;
}

export function matchRoute(routes: readonly Route[], path: string): Match | null {
  const parts = split(path);
  for (const route of routes) {
    const params = matchParts(split(route.path), parts);
    if (params) return { route, params };
  }
  return null;
}

function split(path: string): string[] {
  return path.split("/").filter(Boolean);
}

function matchParts(pattern: readonly string[], parts: readonly string[]): Params | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (let i = 0; i < pattern.length; i++) {
    const want = pattern[i]!;
    const part = parts[i]!;
    if (want.startsWith(":")) params[want.slice(1)] = decodeURIComponent(part);
    else if (want !== part) return null;
  }
  return params;
}

/** Where the page is; one per page. `leave` lets a page finish its business before another takes its place. */
export class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener("popstate", () => this.#sync());
    addEventListener("click", (event) => this.#onClick(event));
  }

  go(to: string, options: { replace?: boolean } = {}): void {
    if (to === location.pathname + location.search) return;
    if (options.replace) history.replaceState(null, "", to);
    else history.pushState(null, "", to);
    this.#sync();
    scrollTo(0, 0);
  }

  /** Changes the query only, without a step in the history. */
  setQuery(values: Readonly<Record<string, string | null>>): void {
    const next = new URLSearchParams(this.query);
    for (const [key, value] of Object.entries(values)) {
      if (value === null || value === "") next.delete(key);
      else next.set(key, value);
    }
    const text = next.toString();
    history.replaceState(null, "", this.path + (text ? `?${text}` : ""));
    this.query = next;
  }

  #sync(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  /** Plain links of this origin become routes. */
  #onClick(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download") || link.pathname.startsWith("/api/")) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
