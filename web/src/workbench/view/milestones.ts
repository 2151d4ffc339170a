/** Moments worth measuring, as user timing marks: browsers' tools and the benchmarks read them. */

/** The picture of a task is decoded. */
export function markDecoded(): void {
  performance.mark("goldsmith.decoded");
}

/** Called when picture and objects are about to be painted; marks when the frame that paints them is done with. */
export function markShown(): void {
  afterFrame("goldsmith.shown");
}

/** The same for the whole of a picture whose preview was shown first. */
export function markWhole(): void {
  afterFrame("goldsmith.whole");
}

/** A message sent during a frame arrives when the frame was painted and handed on. */
function afterFrame(name: string): void {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      performance.mark(name);
      port1.close();
    };
    port2.postMessage(null);
  });
}
