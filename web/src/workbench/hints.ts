/** What the tool in hand expects, in one line at the foot. */
import type { ToolId } from "../engine/tools/registry";
import type { GeometryKind } from "../engine/types";
import { msg } from "../engine/text";

const TOOLS: Partial<Record<ToolId, string>> = {
  select: msg`Click to select, drag to move; N draws again`,
  box: msg`Drag, or click two corners; Shift: square, Alt: from the centre`,
  box4: msg`Click the topmost, leftmost, lowest and rightmost point of the object`,
  rotated_box: msg`Draw one edge, then click how wide the box is; Shift: steps of 15°`,
  polygon: msg`Click points; Enter or the first point closes; Backspace takes one back`,
  hole: msg`Click points inside the selected polygon; Enter or the first point cuts the hole`,
  polyline: msg`Click points; Enter or a double click ends the line; Shift and a move draws freely`,
  bezier: "Click: corner, drag: curve, Alt: break the handles; the first node closes, Enter ends",
  ellipse: msg`Drag the box around it; Shift: circle, Alt: from the centre`,
  point: msg`Click each point; V leaves`,
  skeleton: msg`Drag the box around the whole object, then move each node to its place`,
  skeleton_nodes: msg`Click the node named at the pointer; Alt: occluded; Enter: the rest is outside`,
  cuboid: msg`Drag the front face, then click where the back face reaches`,
  brush: "Paint; right button erases, Shift+click draws straight, [ and ] or Alt+wheel change the size, Enter starts another object",
  eraser: "Erase; right button paints, Shift+click draws straight, [ and ] or Alt+wheel change the size",
  lasso: msg`Draw round what is added, or click corner by corner; right button cuts, Enter starts another object`,
  lassoCut: msg`Draw round what is cut out, or click corner by corner; right button adds`,
  slice: msg`Drag straight across, or click corners and end with Enter; what is selected is divided`,
  simplify: msg`[ and ] or Alt+wheel change the tolerance; Enter or a click keeps it, Esc gives up`,
  smooth: msg`[ and ] or Alt+wheel change the strength; Enter or a click keeps it, Esc gives up`,
  pin: msg`Click the place of your comment`,
};

const SELECTED: Partial<Record<GeometryKind, string>> = {
  polygon: msg`Drag a point, click an edge to add one; Alt+click deletes, Shift+click redraws from it`,
  polyline: msg`Drag a point, click the line to add one; Alt+click deletes, Shift+click draws on`,
  bezier: msg`Drag nodes and arms; double click: smooth or corner, Alt: break or delete`,
  rotated_box: msg`Drag sides and corners; the ring turns, Shift: steps of 15°`,
  ellipse: msg`Drag the ends of its axes; the ring turns, Shift: steps of 15°`,
  skeleton: msg`Drag a node; Alt+click: visible, occluded, outside`,
  cuboid: msg`Drag corners and faces; Alt frees a corner`,
  mask: msg`Drag to move by whole pixels; the brush adds to it, the eraser takes away`,
};

export function hintFor(tool: ToolId, selected: GeometryKind | null): string | undefined {
  return (tool === "select" && selected && SELECTED[selected]) || TOOLS[tool];
}
