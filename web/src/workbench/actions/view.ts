/** Looking at the picture. */
import type { Editor } from "../../engine/editor";
import type { Action, Overrides } from "../../engine/keys/keymap";
import { type EditContext, type Run, maker } from "./context";

const ZOOM_STEP = 1.25;

export function viewActions(context: EditContext): Action[] {
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
