/** Looking at the picture: zoom, turn, and an action for each setting of the view. */
import type { Editor } from "../../engine/editor";
import type { Action, Overrides } from "../../engine/keys/keymap";
import { type SettingName, type WorkbenchSettings } from "../settings.svelte";
import { PICTURE, PLATES, TEXT, definitions } from "../view/definitions";
import type { Definition } from "../view/setting-kinds";
import { type EditContext, type Run, maker } from "./context";
import { msg } from "../../engine/text";

const ZOOM_STEP = 1.25;
const TURN_STEP_DEG = 5;

export function viewActions(context: EditContext): Action[] {
  const action = maker(context, msg`View`);
  const view = (change: Run): Run => (editor) => {
    change(editor);
    editor.changed("view");
  };
  const turn = (degrees: number): Run => view((editor) => turnBy(editor, degrees));
  return [
    action("view.fit", msg`Fit the picture`, view((editor) => editor.viewport.fit())),
    action("view.actual", msg`One pixel is one pixel`, view((editor) => editor.viewport.oneToOne())),
    action("view.in", msg`Zoom in`, view((editor) => editor.viewport.zoomBy(ZOOM_STEP)), { repeats: true }),
    action("view.out", msg`Zoom out`, view((editor) => editor.viewport.zoomBy(1 / ZOOM_STEP)), { repeats: true }),
    action("view.selection", msg`Zoom to selected`, view((editor) => {
      const area = editor.selectionBounds();
      if (area) editor.viewport.focus(area);
    })),
    action("view.turnRight", msg`Turn the view right by 90°`, turn(90)),
    action("view.turnLeft", msg`Turn the view left by 90°`, turn(-90)),
    action("view.leanRight", msg`Turn the view right by ${TURN_STEP_DEG}°`, turn(TURN_STEP_DEG), { repeats: true }),
    action("view.leanLeft", msg`Turn the view left by ${TURN_STEP_DEG}°`, turn(-TURN_STEP_DEG), { repeats: true }),
    action("view.upright", msg`Turn the view upright`, view((editor) => turnBy(editor, -editor.viewport.turn))),
    action("view.panel", msg`Settings of the view`, () => (context.settings.isViewOpen = !context.settings.isViewOpen)),
    action("view.tags", msg`Show all name plates`, () => context.settings.set("tags", context.settings.showsTags ? "hover" : "always")),
    action("view.shapes", msg`Hide all shapes for a look`, () => context.toggleShapes()),
    action("view.plainPicture", msg`Show the picture as it is`, () => context.settings.reset(PICTURE)),
    ...settingActions(context.settings, "label"),
    action("panel.next", msg`Go to the next part of the page`, focusNextRegion),
  ];
}

/** Turns; a picture that filled the view fills it still. */
function turnBy({ viewport }: Editor, degrees: number): void {
  const wasFit = Math.abs(viewport.scale - viewport.fitScale) < 1e-6;
  viewport.turnBy(degrees);
  if (wasFit) viewport.fit();
}

/** What the table of settings says can be done: switches toggle, ranges go up and down, choices go round and can be named. Those of texts have a scope of their own. */
export function settingActions(settings: WorkbenchSettings, scope: "label" | "text"): Action[] {
  const make = (id: string, name: string, run: () => void, more: Partial<Action> = {}): Action => ({ id, name, group: scope === "text" ? msg`Text` : msg`View`, scope, run, ...more });
  return (Object.keys(definitions) as SettingName[]).flatMap((setting): Action[] => {
    const definition: Definition = definitions[setting];
    const { action, name, group } = definition;
    if ((group === TEXT) !== (scope === "text")) return [];
    // These two have actions elsewhere.
    if (action === "tool.keep" || action === "document.arrange") return [];
    switch (definition.kind) {
      case "switch":
        return [make(action, group === PLATES ? msg`Name plates: ${name.toLowerCase()}` : name, () => settings.step(setting, 1))];
      case "range":
        return [
          make(`${action}.up`, `${name}: more`, () => settings.step(setting, 1), { repeats: true }),
          make(`${action}.down`, `${name}: less`, () => settings.step(setting, -1), { repeats: true }),
        ];
      case "choice": {
        const title = group === PLATES ? msg`Name plates` : name;
        return [
          make(action, `${title}: next`, () => settings.step(setting, 1)),
          ...Object.entries(definition.options).map(([key, text]) => make(`${action}.${key}`, `${title}: ${text.toLowerCase()}`, () => settings.set(setting, key as never))),
        ];
      }
    }
  });
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
