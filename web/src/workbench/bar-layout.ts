/** How the buttons of the tool bar are laid out so that all are in sight: large ones where there is room, else small ones, else more columns. */

/** As the styles of the bar and of icon buttons have them, in CSS pixels. */
const LARGE_PX = 34;
const NORMAL_PX = 28;
/** Fingers need room. */
const TOUCH_PX = 46;
const GAP_PX = 2;
const PADDING_PX = 12;
const RULE_PX = 11 + GAP_PX;
const MOST_COLUMNS = 3;

export interface BarLayout {
  readonly size: "large" | "normal";
  readonly columns: number;
}

/** `groups`: how many buttons stand between two rules, from top to bottom. */
export function barLayout(groups: readonly number[], heightPx: number, isTouch: boolean): BarLayout {
  const fits = (buttonPx: number, columns: number): boolean => {
    const rows = groups.reduce((sum, count) => sum + Math.ceil(count / columns), 0);
    return PADDING_PX + (groups.length - 1) * RULE_PX + rows * (buttonPx + GAP_PX) <= heightPx;
  };
  if (fits(isTouch ? TOUCH_PX : LARGE_PX, 1)) return { size: "large", columns: 1 };
  const buttonPx = isTouch ? TOUCH_PX : NORMAL_PX;
  for (let columns = 1; columns < MOST_COLUMNS; columns++) if (fits(buttonPx, columns)) return { size: "normal", columns };
  return { size: "normal", columns: MOST_COLUMNS };
}
