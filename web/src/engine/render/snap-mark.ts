/** What the pointer has snapped to: a square for a vertex, a diamond for an edge, a bar for the border of the picture. */
import type { Snap } from "../snapping/snapper";
import type { View } from "../viewport";
import type { Surface } from "./paint";

const SIZE_PX = 6;

export function paintSnap(to: Surface, { at, on }: Snap, { scale, tx, ty }: View): void {
  const x = at[0] * scale + tx;
  const y = at[1] * scale + ty;
  const corners = on === "vertex" ? ([[-1, -1], [1, -1], [1, 1], [-1, 1]] as const) : ([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]] as const);
  to.setLineDash([]);
  for (const [color, width] of [["rgba(0,0,0,.7)", 4], ["#ffd84d", 2]] as const) {
    to.strokeStyle = color;
    to.lineWidth = width;
    to.beginPath();
    corners.forEach(([dx, dy], i) => (i === 0 ? to.moveTo(x + dx * SIZE_PX, y + dy * SIZE_PX) : to.lineTo(x + dx * SIZE_PX, y + dy * SIZE_PX)));
    to.closePath();
    to.stroke();
  }
}
