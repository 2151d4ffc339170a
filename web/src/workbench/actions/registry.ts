/** Everything that can be done to the picture and its objects, named once. */
import type { Action } from "../../engine/keys/keymap";
import { assistActions } from "./assist";
import { changeActions } from "./change";
import type { EditContext } from "./context";
import { objectActions } from "./objects";
import { shapeActions } from "./shape";
import { toolActions } from "./tools";
import { viewActions } from "./view";

export function editActions(context: EditContext): Action[] {
  return [...toolActions(context), ...assistActions(context), ...changeActions(context), ...shapeActions(context), ...objectActions(context), ...viewActions(context)];
}
