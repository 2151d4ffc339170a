/** Says every few seconds what this page does with a task, and hears who else is there. */
import type { Doing, Present, TalkApi } from "../api/talk";
import { idMaker } from "../engine/ids";
import { secureRandom } from "../outbox/request-key";
import { whenIdle } from "../shell/idle";
import { msg } from "../engine/text";

const BEAT_MS = 15_000;
const KEY = "goldsmith.tab";

export class PresenceWatch {
  others = $state.raw<readonly Present[]>([]);
  readonly #device = deviceName();
  #timer: ReturnType<typeof setInterval> | null = null;
  #taskId: string | null = null;
  #doing: Doing = "look";

  constructor(private readonly api: TalkApi) {}

  /** Goes to a task; null leaves. */
  at(taskId: string | null, doing: Doing): void {
    if (this.#taskId === taskId && this.#doing === doing) return;
    const left = this.#taskId;
    if (left !== null && left !== taskId) {
      this.others = [];
      if (taskId === null) void this.api.presence(left, this.#device, "away").catch(() => undefined);
    }
    [this.#taskId, this.#doing] = [taskId, doing];
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = taskId === null ? null : setInterval(() => void this.#beat(), BEAT_MS);
    // The task itself comes first.
    if (taskId !== null) whenIdle(() => void this.#beat());
  }

  /** The page is being closed or reloaded. */
  leave(): void {
    if (this.#taskId !== null) void this.api.presence(this.#taskId, this.#device, "away", true).catch(() => undefined);
  }

  /** Looks again now, such as when the page is shown. */
  look(): void {
    if (this.#taskId !== null) void this.#beat();
  }

  async #beat(): Promise<void> {
    const taskId = this.#taskId;
    if (taskId === null || document.visibilityState === "hidden") return;
    try {
      const { others } = await this.api.presence(taskId, this.#device, this.#doing);
      if (this.#taskId === taskId) this.others = others;
    } catch {
      // Nobody is there as far as is known; the next beat asks again.
      if (this.#taskId === taskId) this.others = [];
    }
  }
}

/** The name of this tab among those of the same person; the same after a reload. */
function deviceName(): string {
  const kept = sessionStorage.getItem(KEY) ?? idMaker("dev", Date.now, secureRandom)();
  sessionStorage.setItem(KEY, kept);
  return kept;
}

const DOES: Readonly<Record<Doing, string>> = { label: msg`is labelling this item`, review: msg`is reviewing this item`, revise: msg`is changing their labels of this item`, look: msg`is looking at this item`, away: msg`was here` };

/** "Bea is reviewing this item." */
export function toldOf(other: Present): string {
  if (other.is_me) return msg`You have this item open on another device, too.`;
  const who = other.who.charAt(0).toUpperCase() + other.who.slice(1);
  return `${who} ${DOES[other.doing]}.`;
}
