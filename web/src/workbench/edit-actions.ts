/** Everything that can be done to the picture and its objects, named once. */
import { chooseClass, copySelected, cycle, deleteSelected, nudge, paste, toggleFlag, toggleMark } from "../engine/commands";
import type { Editor } from "../engine/editor";
import type { Action, Overrides } from "../engine/keys/keymap";
import { classTree } from "../engine/ontology";
import type { ToolId } from "../engine/tools/registry";
import type { Annotation } from "../engine/types";
import { type WorkbenchSettings, clipboard } from "./settings.svelte";

const ZOOM_STEP = 1.25;

export interface EditContext {
  /** The open editor; null between tasks. */
  readonly editor: () => Editor | null;
  readonly settings: WorkbenchSettings;
  readonly focusForm: () => void;
  readonly toggleShapes: () => void;
}

export function editActions(context: EditContext): Action[] {
  return [...toolActions(context), ...changeActions(context), ...objectActions(context), ...viewActions(context)];
}

type Run = (editor: Editor) => void;

function maker(context: EditContext, group: string) {
  return (id: string, name: string, run: Run, more: Partial<Action> = {}): Action => ({
    id, name, group, scope: "label",
    run: () => {
      const editor = context.editor();
      if (editor) run(editor);
    },
    ...more,
  });
}

function toolActions(context: EditContext): Action[] {
  const action = maker(context, "Tools");
  const pick = (id: ToolId): Run => (editor) => editor.setTool(id);
  return [
    action("tool.select", "Select and change", pick("select")),
    action("tool.box", "Draw a box", pick("box")),
    action("tool.polygon", "Draw a polygon", pick("polygon")),
    action("tool.repeat", "Draw with the last tool", (editor) => editor.setTool(editor.toolId === editor.lastDrawing ? "select" : editor.lastDrawing)),
    action("tool.keep", "Keep drawing after each object", (editor) => {
      context.settings.toggle("keepsDrawing");
      editor.keepsDrawing = context.settings.keepsDrawing;
      editor.changed("tool");
      editor.say(editor.keepsDrawing ? "Drawing goes on after each object." : "Each object is selected once it is drawn.");
    }),
  ];
}

function changeActions(context: EditContext): Action[] {
  const action = maker(context, "Change");
  const steps = [
    ["left", "left", -1, 0], ["right", "right", 1, 0], ["up", "up", 0, -1], ["down", "down", 0, 1],
  ] as const;
  return [
    action("edit.undo", "Undo", (editor) => editor.undo(), { repeats: true }),
    action("edit.redo", "Redo", (editor) => editor.redo(), { repeats: true }),
    action("edit.delete", "Delete selected", deleteSelected),
    action("edit.back", "Take back the last point, or delete selected", (editor) => void (editor.tool.back() || deleteSelected(editor)), { repeats: true }),
    action("edit.cancel", "Cancel, deselect, or leave the tool", cancel),
    action("edit.confirm", "Finish the shape", (editor) => void editor.tool.confirm()),
    action("edit.copy", "Copy", (editor) => clipboard.write(copySelected(editor)), { isEnabled: () => (context.editor()?.selection.size ?? 0) > 0 }),
    action("edit.paste", "Paste", (editor) => paste(editor, clipboard.read<Annotation>())),
    action("edit.duplicate", "Duplicate", (editor) => paste(editor, copySelected(editor), "Duplicate")),
    action("edit.all", "Select all", (editor) => editor.select(editor.document.ids())),
    ...steps.map(([id, name, dx, dy]) => action(`edit.${id}`, `Nudge ${name} by 1 px`, (editor) => nudge(editor, dx, dy), { repeats: true, isQuiet: true })),
    ...steps.map(([id, name, dx, dy]) => action(`edit.${id}10`, `Nudge ${name} by 10 px`, (editor) => nudge(editor, 10 * dx, 10 * dy), { repeats: true, isQuiet: true })),
  ];
}

/** One step out: first what is being drawn, then the tool, then the selection. */
function cancel(editor: Editor): void {
  if (editor.tool.cancel()) return;
  if (editor.toolId !== "select") editor.setTool("select");
  else editor.select([]);
}

function objectActions(context: EditContext): Action[] {
  const action = maker(context, "Objects");
  // Without objects Tab moves the focus, as everywhere.
  const hasObjects = (): boolean => (context.editor()?.document.size ?? 0) > 0;
  return [
    action("object.next", "Next object", (editor) => cycle(editor, 1), { repeats: true, isEnabled: hasObjects }),
    action("object.previous", "Previous object", (editor) => cycle(editor, -1), { repeats: true, isEnabled: hasObjects }),
    action("object.attributes", "Edit attributes", () => context.focusForm()),
    action("object.occluded", "Mark as occluded", (editor) => toggleMark(editor, "is_occluded")),
    action("object.truncated", "Mark as truncated", (editor) => toggleMark(editor, "is_truncated")),
    action("object.hide", "Hide or show (all, when nothing is selected)", (editor) => toggleFlag(editor, "hidden")),
    action("object.lock", "Lock or unlock (all, when nothing is selected)", (editor) => toggleFlag(editor, "locked")),
  ];
}

function viewActions(context: EditContext): Action[] {
  const action = maker(context, "View");
  const view = (change: Run): Run => (editor) => {
    change(editor);
    editor.changed("view");
  };
  return [
    action("view.fit", "Fit the picture", view((editor) => editor.viewport.fit())),
    action("view.actual", "One pixel is one pixel", view((editor) => editor.viewport.oneToOne())),
    action("view.in", "Zoom in", view((editor) => editor.viewport.zoomBy(ZOOM_STEP)), { repeats: true }),
    action("view.out", "Zoom out", view((editor) => editor.viewport.zoomBy(1 / ZOOM_STEP)), { repeats: true }),
    action("view.selection", "Zoom to selected", view((editor) => {
      const area = editor.selectionBounds();
      if (area) editor.viewport.focus(area);
    })),
    action("view.tags", "Show class names", () => context.settings.toggle("showsTags")),
    action("view.crosshair", "Show the crosshair", () => context.settings.toggle("showsCrosshair")),
    action("view.shapes", "Hide all shapes for a look", () => context.toggleShapes()),
    action("panel.instructions", "Show the instructions", () => context.settings.toggle("showsInstructions")),
    action("panel.next", "Go to the next part of the page", focusNextRegion),
  ];
}

/** Picture, tools, instructions, panel, and round again: the way about for those who use no mouse. */
function focusNextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-canvas], [data-region]")];
  const at = regions.findIndex((r) => r.contains(document.activeElement));
  const next = regions[(at + 1) % regions.length];
  const inside = next?.matches("[data-canvas]") ? next : next?.querySelector<HTMLElement>("button:not(:disabled), input, select, a");
  inside?.focus();
}

/** 0 fits the picture where the classes leave it free. */
export function keyOverrides(editor: Editor | null): Overrides {
  return (editor?.ontology.classes.length ?? 0) < 10 ? { "view.fit": ["f", "0"] } : {};
}

/** Digits for the first twenty classes, in the order of the class list. */
export function classActions(editor: Editor): Action[] {
  return classTree(editor.ontology).slice(0, 20).map(({ item }, i): Action => ({
    id: `class.${i + 1}`, name: `Class: ${item.name}`, group: "Classes", scope: "label",
    run: () => chooseClass(editor, item.class_id),
  }));
}
