/** What the tool in hand expects, in one line at the foot; keys are those of the key map in force. */
import type { ToolId } from "../engine/tools/registry";
import type { GeometryKind } from "../engine/types";
import { msg } from "../engine/text";

/** The key of an action as people read it: "Ctrl+E"; empty where it has none. */
export type ShownKey = (actionId: string) => string;

/** Some words, or words about keys: left out as long as one of the actions has no key. */
type Part = string | { readonly actions: readonly string[]; readonly say: (...keys: string[]) => string };

const keyed = (actions: readonly string[], say: (...keys: string[]) => string): Part => ({ actions, say });

const CLOSE = keyed(["edit.confirm"], (key) => msg`${key} closes`);
const BACK = keyed(["edit.back"], (key) => msg`${key} takes one back`);
const ANOTHER = keyed(["edit.confirm"], (key) => msg`${key}: another object`);
const SIZE = keyed(["tool.less", "tool.more"], (less, more) => msg`${less} ${more}: size`);
const GIVE_UP = keyed(["edit.cancel"], (key) => msg`${key} gives up`);
const KEEP = keyed(["edit.confirm"], (key) => msg`${key} keeps it`);
const LESS_OR_MORE = ["tool.less", "tool.more"];

const TOOLS: Partial<Record<ToolId, readonly Part[]>> = {
  select: [msg`Click to select, drag to move`, keyed(["tool.repeat"], (key) => msg`${key} draws again`)],
  box: [msg`Drag, or click two corners; Shift: square, Alt: from the centre`],
  box4: [msg`Click the topmost, leftmost, lowest and rightmost point of the object`],
  rotated_box: [msg`Draw one edge, then click how wide the box is; Shift: steps of 15°`],
  polygon: [msg`Click points, the first one again to close`, CLOSE, BACK],
  hole: [msg`Click points inside the selected polygon, the first one again to cut the hole`, CLOSE],
  polyline: [msg`Click points, a double click ends the line`, keyed(["edit.confirm"], (key) => msg`${key} ends it too`), msg`Shift and a move draws freely`],
  bezier: [msg`Click: corner, drag: curve, Alt breaks the handles; the first node closes`, keyed(["edit.confirm"], (key) => msg`${key} ends it`)],
  ellipse: [msg`Drag the box around it; Shift: circle, Alt: from the centre`],
  point: [msg`Click each point`, keyed(["tool.select"], (key) => msg`${key} leaves`)],
  skeleton: [msg`Drag the box around the whole object, then move each node to its place`],
  skeleton_nodes: [msg`Click the node named at the pointer; Alt: occluded`, keyed(["edit.confirm"], (key) => msg`${key}: the rest is outside`)],
  cuboid: [msg`Drag the front face, then click where the back face reaches`],
  brush: [msg`Right button erases, Shift: straight`, SIZE, ANOTHER],
  eraser: [msg`Right button paints, Shift: straight`, SIZE],
  lasso: [msg`Draw round what is added, or click corner by corner; right button cuts`, ANOTHER],
  lassoCut: [msg`Draw round what is cut out, or click corner by corner; right button adds`],
  slice: [msg`Drag straight across, or click corners`, keyed(["edit.confirm"], (key) => msg`${key} ends the line`), msg`what is selected is divided`],
  simplify: [keyed(LESS_OR_MORE, (less, more) => msg`${less} and ${more} change the tolerance`), msg`Alt and wheel do it too; a click keeps it`, KEEP, GIVE_UP],
  smooth: [keyed(LESS_OR_MORE, (less, more) => msg`${less} and ${more} change the strength`), msg`Alt and wheel do it too; a click keeps it`, KEEP, GIVE_UP],
  pin: [msg`Click the place of your comment`],
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

const ATTRIBUTES: readonly Part[] = [
  keyed(["attributes.value.1"], (first) => msg`${first} and those after it answer`),
  keyed(["attributes.up", "attributes.down"], (up, down) => msg`${up} and ${down} change the attribute`),
  keyed(["attributes.next"], (next) => msg`${next} goes to the next object`),
];

export function hintFor(tool: ToolId, selected: GeometryKind | null, keyOf: ShownKey): string {
  return (tool === "select" && selected && SELECTED[selected]) || told(TOOLS[tool] ?? [], keyOf);
}

/** What the keys of attribute mode do. */
export function attributeHint(keyOf: ShownKey): string {
  return told(ATTRIBUTES, keyOf);
}

const FIRST_CLASS = keyed(["class.1"], (first) => msg`${first} and those after it give a class`);
const MARK_ALL = keyed(["text.markAll"], (key) => msg`${key} marks all that reads the same`);
const EXTEND = keyed(["text.extendLeft", "text.extendRight"], (left, right) => msg`${left} ${right} extend`);

/** What a person is at in a text. */
export type TextState = "idle" | "cursor" | "chosen" | "span" | "linking" | "reading";

const TEXTS: Readonly<Record<TextState, readonly Part[]>> = {
  idle: [msg`Drag over text, or double click a word`, keyed(["text.left", "text.right"], (left, right) => msg`${left} ${right} go from word to word`)],
  cursor: [FIRST_CLASS, EXTEND, keyed(["text.label"], (key) => msg`${key}: the last class again`)],
  chosen: [FIRST_CLASS, keyed(["text.label"], (key) => msg`${key}: the last class again`), MARK_ALL, EXTEND],
  span: [
    keyed(["text.extendLeft", "text.extendRight"], (left, right) => msg`${left} ${right} move its end`), keyed(["text.startLeft", "text.startRight"], (left, right) => msg`${left} ${right} its beginning`),
    MARK_ALL, keyed(["text.relate"], (key) => msg`${key} relates it`), keyed(["object.next"], (key) => msg`${key}: next`),
  ],
  linking: [keyed(["edit.confirm"], (key) => msg`${key} takes the selected span`), GIVE_UP],
  reading: [msg`Click a span for its votes`],
};

/** What the keys do in a text, as it stands. */
export function textHint(state: TextState, keyOf: ShownKey): string {
  return told(TEXTS[state], keyOf);
}

function told(parts: readonly Part[], keyOf: ShownKey): string {
  const said = parts.flatMap((part): string[] => {
    if (typeof part === "string") return [part];
    const keys = part.actions.map(keyOf);
    return keys.every((key) => key !== "") ? [part.say(...keys)] : [];
  });
  return said.join("; ");
}
