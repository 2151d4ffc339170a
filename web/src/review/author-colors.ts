/** Colours for authors: the Okabe-Ito set, told apart also by colour-blind people. */
const COLORS = ["#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#f0e442", "#d55e00", "#0072b2"] as const;

export function authorColor(index: number): string {
  return COLORS[index % COLORS.length]!;
}
