/** Short remarks at the foot of the window; they never take the focus. */

export type Tone = "plain" | "good" | "bad";

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: Tone;
}

const SHOWN_MS: Readonly<Record<Tone, number>> = { plain: 2600, good: 2600, bad: 8000 };
const MOST = 3;

export class Toasts {
  items = $state<Toast[]>([]);
  #count = 0;

  say(text: string, tone: Tone = "plain"): void {
    const toast = { id: ++this.#count, text, tone };
    this.items = [...this.items.filter((t) => t.text !== text), toast].slice(-MOST);
    setTimeout(() => this.drop(toast.id), SHOWN_MS[tone]);
  }

  drop(id: number): void {
    this.items = this.items.filter((t) => t.id !== id);
  }
}
