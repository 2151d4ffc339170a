/** Working on whole shapes: brushes, dividing and joining, other kinds, order and groups. */
import type { Editor } from "../../engine/editor";
import type { Action } from "../../engine/keys/keymap";
import {
  canJoin, canSubtract, convertSelected, fillHoles, flipSelected, groupSelected, hasGroups, hasMasks, joinSelected, kindsToConvertTo, removeSpecks,
  restackSelected, selectGroups, subtractSelected, ungroupSelected,
} from "../../engine/ops/commands";
import { shapeNamed } from "../../engine/shapes/registry";
import { overlapRules } from "../../engine/tools/brush-settings";
import { canRefine } from "../../engine/tools/refine";
import type { GeometryKind } from "../../engine/types";
import { draws } from "../toolbox";
import { type EditContext, maker } from "./context";
import { msg } from "../../engine/text";

/** Steps of the keys for much less and much more. */
const LARGE_STEP = 5;

const OVERLAPS = {
  allow: msg`Strokes may lie over other masks.`,
  spare: msg`Strokes leave other masks as they are.`,
  take: msg`Strokes take their pixels from other masks.`,
} as const;

const KINDS: readonly GeometryKind[] = ["box", "polygon", "mask", "rotated_box", "ellipse", "polyline"];

export function shapeActions(context: EditContext): Action[] {
  const action = maker(context, msg`Shapes`);
  const when = (test: (editor: Editor) => boolean): Pick<Action, "isEnabled"> => ({
    isEnabled: () => {
      const editor = context.editor();
      return editor !== null && !editor.isReadonly && test(editor);
    },
  });
  const hasSelected = when((editor) => editor.editableSelection().length > 0);
  return [
    ...brushActions(context),
    action("tool.slice", msg`Slice a polygon or mask along a line`, (editor) => editor.setTool("slice"), when((editor) => editor.document.size > 0)),
    action("tool.simplify", "Simplify: fewer points", (editor) => editor.setTool("simplify"), when((editor) => editor.editableSelection().some((e) => canRefine(e, "simplify")))),
    action("tool.smooth", msg`Smooth the outline`, (editor) => editor.setTool("smooth"), when((editor) => editor.editableSelection().some((e) => canRefine(e, "smooth")))),
    action("shape.join", msg`Join selected polygons or masks`, joinSelected, when(canJoin)),
    action("shape.subtract", msg`Cut the uppermost selected out of the others`, subtractSelected, when(canSubtract)),
    action("shape.fillHoles", msg`Fill the holes of a mask`, fillHoles, when(hasMasks)),
    action("shape.removeSpecks", msg`Remove specks from a mask`, removeSpecks, when(hasMasks)),
    ...KINDS.map((kind) => action(`convert.${kind}`, msg`Convert to ${shapeNamed(kind).name.toLowerCase()}`, (editor) => convertSelected(editor, kind), when((editor) => kindsToConvertTo(editor).includes(kind)))),
    action("shape.flipAcross", msg`Flip left to right`, (editor) => flipSelected(editor, "across", msg`Flip left to right`), hasSelected),
    action("shape.flipDown", msg`Flip upside down`, (editor) => flipSelected(editor, "down", msg`Flip upside down`), hasSelected),
    action("shape.quarterRight", msg`Turn a quarter to the right`, (editor) => flipSelected(editor, "right", msg`Turn a quarter to the right`), hasSelected),
    action("shape.quarterLeft", msg`Turn a quarter to the left`, (editor) => flipSelected(editor, "left", msg`Turn a quarter to the left`), hasSelected),
    action("shape.front", msg`Bring to the front`, (editor) => restackSelected(editor, "front", msg`Bring to the front`), hasSelected),
    action("shape.back", msg`Send to the back`, (editor) => restackSelected(editor, "back", msg`Send to the back`), hasSelected),
    action("shape.raise", msg`Raise above the next`, (editor) => restackSelected(editor, "up", msg`Raise`), hasSelected),
    action("shape.lower", msg`Lower below the next`, (editor) => restackSelected(editor, "down", msg`Lower`), hasSelected),
    action("shape.group", msg`Group selected`, groupSelected, when((editor) => editor.editableSelection().length > 1)),
    action("shape.ungroup", msg`Ungroup selected`, ungroupSelected, when(hasGroups)),
    action("shape.selectGroup", msg`Select the whole group`, selectGroups, when(hasGroups)),
    action("shape.snapping", msg`Snap to vertices, edges and the border of the picture`, (editor) => {
      editor.snapper.isOn = !editor.snapper.isOn;
      editor.changed("tool");
      editor.say(editor.snapper.isOn ? msg`Points snap to what is near; Ctrl lets them go.` : msg`Points go where you click; Ctrl snaps them.`);
    }),
  ];
}

function brushActions(context: EditContext): Action[] {
  const action = maker(context, msg`Brush`);
  const isAdjustable = (): boolean => context.editor()?.tool.adjust !== undefined;
  const adjust = (id: string, name: string, steps: number): Action =>
    action(id, name, (editor) => void editor.tool.adjust?.(steps), { repeats: true, isEnabled: isAdjustable });
  const tool = (id: "brush" | "eraser" | "lasso" | "lassoCut", name: string): Action =>
    action(`tool.${id}`, name, (editor) => {
      if (draws(editor.ontology, "mask")) editor.setTool(id);
      else editor.say(msg`No class of this project is drawn as a mask.`);
    });
  return [
    tool("brush", msg`Paint a mask with the brush`),
    tool("eraser", msg`Erase from a mask`),
    tool("lasso", msg`Add an outlined area to a mask`),
    tool("lassoCut", msg`Cut an outlined area out of a mask`),
    adjust("tool.less", msg`Smaller brush, lower tolerance`, -1),
    adjust("tool.more", msg`Larger brush, higher tolerance`, 1),
    adjust("tool.muchLess", msg`Much smaller brush, much lower tolerance`, -LARGE_STEP),
    adjust("tool.muchMore", msg`Much larger brush, much higher tolerance`, LARGE_STEP),
    action("brush.form", msg`Round or square brush`, (editor) => {
      editor.brush.form = editor.brush.form === "round" ? "square" : "round";
      editor.say(editor.brush.form === "round" ? msg`Round brush` : msg`Square brush`);
      editor.changed("tool");
    }),
    action("brush.pressure", msg`A pen's pressure sets the width of the stroke`, (editor) => {
      editor.brush.followsPressure = !editor.brush.followsPressure;
      editor.say(editor.brush.followsPressure ? msg`A pen that presses lightly paints thinner.` : msg`Strokes have one width, however a pen presses.`);
      editor.changed("tool");
    }),
    action("brush.overlap", msg`Strokes over other masks: allow, leave them, take from them`, (editor) => {
      editor.brush.overlap = overlapRules[(overlapRules.indexOf(editor.brush.overlap) + 1) % overlapRules.length]!;
      editor.say(OVERLAPS[editor.brush.overlap]);
      editor.changed("tool");
    }),
  ];
}
