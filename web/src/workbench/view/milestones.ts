/** Moments worth measuring, as user timing marks: browsers' tools and the benchmarks read them. */

/** The picture of a task is decoded. */
export function markDecoded(): void {
  performance.mark("goldsmith.decoded");
}

/** Called when picture and objects are handed to the next frame; marks the beginning of the one after, when they are on screen. */
export function markShown(): void {
  afterFrame("goldsmith.shown");
}

/** The same for the whole of a picture whose preview was shown first. */
export function markWhole(): void {
  afterFrame("goldsmith.whole");
}

function afterFrame(name: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark(name)));
}
