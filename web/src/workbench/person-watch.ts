/** Tells whether somebody is at the page, and when it is time to keep what was done. */
export interface PersonPorts {
  /** Something was moved, pressed or looked at. */
  readonly isHere: () => void;
  readonly isGone: () => void;
  /** The page may be closed any moment. */
  readonly keep: () => void;
}

const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel"];

/** Gives back how to stop. */
export function watchPerson({ isHere, isGone, keep }: PersonPorts): () => void {
  const stop = new AbortController();
  const options = { passive: true, signal: stop.signal };
  for (const sign of SIGNS) window.addEventListener(sign, isHere, options);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? isHere() : (isGone(), keep())), options);
  window.addEventListener("pagehide", keep, options);
  return () => stop.abort();
}
