/** Reads again and again while the page is looked at. Call while a component is being set up. */
export function repeatWhileSeen(everyMs: () => number | null, read: () => void): void {
  $effect(() => {
    const ms = everyMs();
    if (ms === null) return;
    const timer = setInterval(() => document.visibilityState === "visible" && read(), ms);
    return () => clearInterval(timer);
  });
}
