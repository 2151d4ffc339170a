/** Work that nobody waits for. */

const MOST_WAIT_MS = 2_000;

/** Runs a step when the page has nothing else to do; gives back how to call it off. */
export function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(run, 0);
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(run, { timeout: MOST_WAIT_MS });
  return () => cancelIdleCallback(asked);
}
