/** Light, dark, or as the system has it. */

export type Theme = "system" | "light" | "dark";

const KEY = "goldsmith.theme";

export class ThemeChoice {
  theme = $state<Theme>("system");

  constructor() {
    const kept = localStorage.getItem(KEY);
    if (kept === "light" || kept === "dark") this.theme = kept;
    this.#apply();
  }

  set(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(KEY, theme);
    this.#apply();
  }

  /** From what is seen now to the other. */
  toggle(): void {
    this.set(this.isDark ? "light" : "dark");
  }

  get isDark(): boolean {
    return this.theme === "dark" || (this.theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  }

  #apply(): void {
    if (this.theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = this.theme;
  }
}
