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

/** A task asked for during a frame runs when the frame was painted and handed on, before all others that wait. */
function afterFrame(name: string): void {
  requestAnimationFrame(() => soon(() => performance.mark(name)));
}

function soon(run: () => void): void {
  const { scheduler } = globalThis as { scheduler?: { postTask(run: () => void, options: { priority: "user-blocking" }): Promise<void> } };
  if (scheduler) return void scheduler.postTask(run, { priority: "user-blocking" });
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    run();
    port1.close();
  };
  port2.postMessage(null);
}
