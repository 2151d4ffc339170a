/** How a person likes the workbench; kept on this computer. */

interface Kept {
  showsTags: boolean;
  showsCrosshair: boolean;
  showsInstructions: boolean;
  keepsDrawing: boolean;
}

const KEY = "goldsmith.workbench";
const CLIPBOARD_KEY = "goldsmith.clipboard";

export class WorkbenchSettings {
  showsTags = $state(false);
  showsCrosshair = $state(true);
  showsInstructions = $state(innerWidth >= 1600);
  keepsDrawing = $state(false);

  constructor() {
    const kept = parsed<Partial<Kept>>(localStorage.getItem(KEY)) ?? {};
    if (kept.showsTags !== undefined) this.showsTags = kept.showsTags;
    if (kept.showsCrosshair !== undefined) this.showsCrosshair = kept.showsCrosshair;
    if (kept.showsInstructions !== undefined) this.showsInstructions = kept.showsInstructions;
    if (kept.keepsDrawing !== undefined) this.keepsDrawing = kept.keepsDrawing;
  }

  toggle(what: keyof Kept): void {
    this[what] = !this[what];
    const { showsTags, showsCrosshair, showsInstructions, keepsDrawing } = this;
    localStorage.setItem(KEY, JSON.stringify({ showsTags, showsCrosshair, showsInstructions, keepsDrawing }));
  }
}

/** Copied objects outlive the task, so that they can be pasted into the next one. */
export const clipboard = {
  read<T>(): T[] {
    return parsed<T[]>(sessionStorage.getItem(CLIPBOARD_KEY)) ?? [];
  },
  write(copied: readonly unknown[]): void {
    sessionStorage.setItem(CLIPBOARD_KEY, JSON.stringify(copied));
  },
};

function parsed<T>(text: string | null): T | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}
