/** Colours of drawn numbers: theme tokens where there is one, mid tones that read on light and dark otherwise. */

export const STATE_ORDER = ["done", "review", "resolving", "open", "idle", "cancelled"] as const;

const STATE_TONES: Readonly<Record<string, string>> = {
  done: "var(--good)",
  review: "#4a86c8",
  resolving: "#8d78cf",
  open: "var(--line-strong)",
  idle: "#b09a5c",
  cancelled: "var(--bad)",
};

export const stateTone = (state: string): string => STATE_TONES[state] ?? "var(--ink-3)";

const SERIES = ["var(--accent)", "#4a86c8", "#3f9a78", "#b8609a", "#8d78cf", "#c2703d", "#5c9aa8", "#8a8f3c"] as const;

export const seriesTone = (index: number): string => SERIES[index % SERIES.length]!;

/** Background of a heat cell for a share in [0, 1]; text in --ink stays readable on all of them. */
export const heatTone = (share: number): string => `color-mix(in srgb, var(--accent) ${Math.round(Math.min(1, Math.max(0, share)) * 46)}%, var(--panel))`;
