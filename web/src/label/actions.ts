/** What the labelling page itself can do: the flow of tasks, the list of objects, help. */
import type { Action } from "../engine/keys/keymap";
import type { ObjectView } from "../workbench/object-view.svelte";
import { sortingNames } from "../workbench/object-rows";
import { msg } from "../engine/text";

export interface LabelPorts {
  readonly submit: () => void;
  readonly skip: () => void;
  readonly save: () => void;
  readonly takeBack: () => void;
  /** Leads to the next thing that is still open. */
  readonly nextProblem: () => void;
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

function taskActions({ submit, skip, save, takeBack, nextProblem }: LabelPorts): Action[] {
  const action = (id: string, name: string, run: () => void): Action => ({ id, name, group: msg`Task`, scope: "label", run });
  return [
    action("task.submit", msg`Submit and take the next`, submit),
    action("task.skip", msg`Skip with a reason`, skip),
    action("task.problem", msg`Next thing that is still open`, nextProblem),
    action("task.save", msg`Save now`, save),
    action("task.takeBack", msg`Back to what was just submitted`, takeBack),
  ];
}

function listActions({ view, hasSelection, findObject, say, run }: LabelPorts): Action[] {
  const action = (id: string, name: string, act: () => void, more: Partial<Action> = {}): Action => ({ id, name, group: msg`Object list`, scope: "label", run: act, ...more });
  return [
    action("list.find", msg`Find objects`, findObject),
    action("list.sort", msg`Sort the list in another way`, () => say(`Objects: ${sortingNames[view.nextSorting()].toLowerCase()}.`)),
    action("list.select", msg`Select all listed`, () => view.selectAll()),
    action("list.hide", msg`Hide or show all listed`, () => view.toggleAll("hidden")),
    action("list.lock", msg`Lock or unlock all listed`, () => view.toggleAll("locked")),
    action("list.group", msg`Group all listed`, () => {
      view.selectAll();
      run("shape.group");
    }),
    action("object.rename", msg`Give another class by name`, () => (hasSelection() ? (view.isRenaming = true) : say(msg`Select an object first.`))),
  ];
}

function helpActions({ openPalette, openKeys, toggleTheme }: LabelPorts): Action[] {
  return [
    { id: "help.palette", name: msg`Find an action`, group: msg`Help`, scope: "any", run: openPalette },
    { id: "help.keys", name: msg`Map of all keys`, group: msg`Help`, scope: "any", run: openKeys },
    { id: "app.theme", name: msg`Light or dark`, group: msg`View`, scope: "any", run: toggleTheme },
  ];
}
