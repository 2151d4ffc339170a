/** Changing the form of what is selected, each as one undoable step: turning, exact numbers, the states of nodes. */
import type { Entry } from "./edits/delta";
import type { Editor } from "./editor";
import { nodeOf, toggledNode } from "./shapes/bezier";
import { withMeasure } from "./shapes/measures";
import { shapeOf } from "./shapes/registry";
import { nextState, withState } from "./shapes/skeleton";
import type { Geometry, NodeState } from "./types";
import { msg } from "./text";

/** Puts one object's new form, unless something is wrong with it; then it is said. */
export function reshape(editor: Editor, id: string, geometry: Geometry, name: string, coalesce = false): boolean {
  const entry = editor.document.find(id);
  if (!entry || !editor.canEdit(id)) return false;
  const fault = shapeOf(geometry).fault(geometry, editor.frame);
  if (fault) {
    editor.say(fault);
    return false;
  }
  editor.put([{ z: entry.z, annotation: { ...entry.annotation, geometry } }], name, coalesce);
  return true;
}

/** Turns each selected object about its own middle, clockwise; upright kinds stay as they are. */
export function turnSelected(editor: Editor, degrees: number): void {
  const entries = editor.editableSelection();
  const turned = entries.flatMap((entry): Entry[] => {
    const { geometry } = entry.annotation;
    const next = shapeOf(geometry).turn?.(geometry, degrees);
    return next ? [{ z: entry.z, annotation: { ...entry.annotation, geometry: next } }] : [];
  });
  if (!turned.length) {
    if (entries.length) editor.say(msg`A ${shapeOf(entries[0]!.annotation.geometry).name.toLowerCase()} does not turn; draw it as a rotated box or a polygon.`);
    return;
  }
  const fault = turned.map(({ annotation: { geometry } }) => shapeOf(geometry).fault(geometry, editor.frame)).find((f) => f !== null);
  if (fault) return editor.say(fault);
  editor.put(turned, turned.length > 1 ? msg`Turn ${turned.length} objects` : msg`Turn`, true);
}

/** One number of one object, as it was typed. */
export function setMeasure(editor: Editor, id: string, measureId: string, value: number, name: string): boolean {
  const entry = editor.document.find(id);
  if (!entry) return false;
  if (!Number.isFinite(value)) {
    editor.say(msg`This field takes a number.`);
    return false;
  }
  return reshape(editor, id, withMeasure(entry.annotation.geometry, measureId, value), msg`Set ${name}`, true);
}

export function setNodeState(editor: Editor, id: string, nodeId: string, state: NodeState): boolean {
  const geometry = editor.document.findAnnotation(id)?.geometry;
  return geometry?.kind === "skeleton" && reshape(editor, id, withState(geometry, nodeId, state), msg`Mark a node as ${state}`);
}

/** The point that a handle stands for becomes smooth or a corner, or the next of visible, occluded and outside. */
export function flipPoint(editor: Editor, id: string, handleId: string): boolean {
  const geometry = editor.document.findAnnotation(id)?.geometry;
  if (geometry?.kind === "skeleton") return setNodeState(editor, id, handleId, nextState(geometry, handleId));
  if (geometry?.kind === "bezier") return reshape(editor, id, toggledNode(geometry, nodeOf(handleId)), msg`Smooth or corner`);
  return false;
}
