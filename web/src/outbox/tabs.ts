/** Two tabs, one person: one tab delivers, and a task is open in one tab at a time. */

export interface TaskHold {
  /** Resolves when another tab took the task over. */
  readonly taken: Promise<void>;
  release(): void;
}

const PREFIX = "goldsmith:";

/** Runs `work` while this tab is the one that delivers; waits for its turn. Without Web Locks every tab delivers, which the request keys make harmless. */
export async function asOnlyTab(name: string, work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request(PREFIX + name, work);
}

/** Takes hold of a task; null when another tab has it and `steal` is not set. */
export function holdTask(judgementId: string, steal = false): Promise<TaskHold | null> {
  if (!navigator.locks) return Promise.resolve({ taken: new Promise(() => undefined), release: () => undefined });
  return new Promise((resolve) => {
    let letGo = (): void => undefined;
    let isReleased = false;
    let onTaken = (): void => undefined;
    const taken = new Promise<void>((done) => (onTaken = done));
    const options: LockOptions = steal ? { steal: true } : { ifAvailable: true };
    navigator.locks
      .request(PREFIX + "task:" + judgementId, options, (lock) => {
        if (!lock) return void resolve(null);
        return new Promise<void>((done) => {
          letGo = done;
          resolve({
            taken,
            release: () => {
              isReleased = true;
              letGo();
            },
          });
        });
      })
      .catch(() => {
        // A stolen lock rejects the request of the tab that had it.
        if (!isReleased) onTaken();
      });
  });
}

/** News between tabs of this origin. */
export class TabNews {
  readonly #channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(PREFIX + "outbox");

  tell(): void {
    this.#channel?.postMessage("changed");
  }

  listen(run: () => void): void {
    if (this.#channel) this.#channel.onmessage = () => run();
  }
}
