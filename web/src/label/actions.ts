/** What the labelling page itself can do: the flow of tasks, the list of objects, help. */
import type { Action } from "../engine/keys/keymap";
import type { ObjectView } from "../workbench/object-view.svelte";
import { sortingNames } from "../workbench/object-rows";

export interface LabelPorts {
  readonly submit: () => void;
  readonly skip: () => void;
  readonly save: () => void;
  readonly takeBack: () => void;
  readonly openPalette: () => void;
  readonly openKeys: () => void;
  readonly toggleTheme: () => void;
  readonly findObject: () => void;
  readonly hasSelection: () => boolean;
  readonly say: (text: string) => void;
  /** Runs an action of the page's key map. */
  readonly run: (id: string) => void;
  readonly view: ObjectView;
}

export function labelActions(ports: LabelPorts): Action[] {
  return [...taskActions(ports), ...listActions(ports), ...helpActions(ports)];
}

function taskActions({ submit, skip, save, takeBack }: LabelPorts): Action[] {
  const action = (id: string, name: string, run: () => void): Action => ({ id, name, group: "Task", scope: "label", run });
  return [
    action("task.submit", "Submit and take the next", submit),
    action("task.skip", "Skip with a reason", skip),
    action("task.save", "Save now", save),
    action("task.takeBack", "Back to what was just submitted", takeBack),
  ];
}

function listActions({ view, hasSelection, findObject, say, run }: LabelPorts): Action[] {
  const action = (id: string, name: string, act: () => void, more: Partial<Action> = {}): Action => ({ id, name, group: "Object list", scope: "label", run: act, ...more });
  return [
    action("list.find", "Find objects", findObject),
    action("list.sort", "Sort the list in another way", () => say(`Objects: ${sortingNames[view.nextSorting()].toLowerCase()}.`)),
    action("list.select", "Select all listed", () => view.selectAll()),
    action("list.hide", "Hide or show all listed", () => view.toggleAll("hidden")),
    action("list.lock", "Lock or unlock all listed", () => view.toggleAll("locked")),
    action("list.group", "Group all listed", () => {
      view.selectAll();
      run("shape.group");
    }),
    action("object.rename", "Give another class by name", () => (hasSelection() ? (view.isRenaming = true) : say("Select an object first."))),
  ];
}

function helpActions({ openPalette, openKeys, toggleTheme }: LabelPorts): Action[] {
  return [
    { id: "help.palette", name: "Find an action", group: "Help", scope: "any", run: openPalette },
    { id: "help.keys", name: "Map of all keys", group: "Help", scope: "any", run: openKeys },
    { id: "app.theme", name: "Light or dark", group: "View", scope: "any", run: toggleTheme },
  ];
}
