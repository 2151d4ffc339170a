/** What a person can do to the selected objects, each as one undoable step. */
import { type Bounds, type Frame, union } from "./geometry";
import { clippedSpans } from "./raster/combine";
import { maskOfSpans, spansOfMask } from "./raster/runs";
import { anchorOf, boundsOfGeometry, insideStep, shapeOf } from "./shapes/registry";
import type { Entry } from "./edits/delta";
import type { Editor } from "./editor";
import { defaultValues, findClass, fittingValues, takes } from "./ontology";
import { fitTool } from "./tools/choice";
import type { Annotation, AttributeValue, Geometry } from "./types";
import { msg } from "./text";

function counted(verb: string, entries: readonly unknown[]): string {
  return entries.length > 1 ? msg`${verb} ${entries.length} objects` : verb;
}

function changeSelected(editor: Editor, verb: string, change: (a: Annotation) => Annotation, coalesce = false): void {
  const entries = editor.editableSelection();
  if (entries.length) putChanged(editor, entries, counted(verb, entries), change, coalesce);
}

function putChanged(
  editor: Editor,
  entries: readonly Entry[],
  name: string,
  change: (a: Annotation) => Annotation,
  coalesce: boolean,
): void {
  editor.put(entries.map((e) => ({ z: e.z, annotation: change(e.annotation) })), name, coalesce);
}

/** Chooses the class for what is drawn next, and gives it to what is selected. */
export function chooseClass(editor: Editor, classId: string): void {
  const item = findClass(editor.ontology, classId);
  if (!item) return;
  editor.setClass(classId);
  fitTool(editor);
  const refused = editor
    .editableSelection()
    .find((e) => !takes(item, e.annotation.geometry));
  if (refused) {
    const shape = shapeOf(refused.annotation.geometry).name.toLowerCase();
    return editor.say(msg`${item.name} is not drawn as a ${shape}; the selected object keeps its class.`);
  }
  changeSelected(editor, msg`Label as ${item.name}`, (a) =>
    a.class_id === classId
      ? a
      : { ...a, class_id: classId, attributes: fittingValues(item.attributes, { ...defaultValues(item.attributes), ...a.attributes }) },
  );
}

export function deleteSelected(editor: Editor): void {
  const ids = editor.editableSelection().map((e) => e.annotation.annotation_id);
  if (ids.length) editor.remove(ids, counted(msg`Delete`, ids));
  else if (editor.selection.size) editor.say(msg`Locked objects are kept; unlock them first (L).`);
}

export function nudge(editor: Editor, dx: number, dy: number): void {
  const entries = editor.editableSelection();
  const all = entries.map((e) => anchorOf(e.annotation.geometry)).reduce<Bounds | null>((b, n) => (b ? union(b, n) : n), null);
  if (!all) return;
  const [mx, my] = insideStep(all, dx, dy, editor.frame);
  putChanged(editor, entries, counted(msg`Nudge`, entries), (a) => ({ ...a, geometry: shapeOf(a.geometry).translate(a.geometry, mx, my) }), true);
}

export function setAttribute(editor: Editor, id: string, attributeId: string, value: AttributeValue | null, label: string): void {
  const entry = editor.document.find(id);
  if (!entry || !editor.canEdit(id)) return;
  const { [attributeId]: _old, ...rest } = entry.annotation.attributes;
  const attributes = value === null ? rest : { ...rest, [attributeId]: value };
  putChanged(editor, [entry], msg`Set ${label}`, (a) => ({ ...a, attributes }), typeof value === "string" || typeof value === "number");
}

export function toggleMark(editor: Editor, mark: "is_occluded" | "is_truncated"): void {
  const entries = editor.editableSelection();
  const isOn = !entries.every((e) => e.annotation[mark]);
  const name = mark === "is_occluded" ? "occluded" : "truncated";
  changeSelected(editor, isOn ? msg`Mark as ${name}` : msg`Mark as not ${name}`, (a) => ({ ...a, [mark]: isOn }));
}

/** Turns a flag on for all selected unless all have it; with nothing selected, for every object. */
export function toggleFlag(editor: Editor, flag: "hidden" | "locked"): void {
  const ids = editor.selection.size ? [...editor.selection] : [...editor.document.ids()];
  const has = (id: string): boolean => (flag === "hidden" ? editor.isHidden(id) : editor.isLocked(id));
  const isOn = !ids.every(has);
  editor.setFlag(flag, ids, isOn);
}

export function copySelected(editor: Editor): Annotation[] {
  return [...editor.selection].flatMap((id) => editor.document.findAnnotation(id) ?? []);
}

/** Puts copies into the task, beside the originals when those are here, and selects them. */
export function paste(editor: Editor, copied: readonly Annotation[], verb = msg`Paste`): void {
  const known = copied.filter((a) => findClass(editor.ontology, a.class_id));
  if (!known.length || editor.isReadonly) return;
  const all = known.map((a) => anchorOf(a.geometry)).reduce(union);
  const step = 12 / editor.viewport.scale;
  const isHere = known.some((a) => editor.document.find(a.annotation_id));
  const [dx, dy] = insideStep(all, isHere ? step : 0, isHere ? step : 0, editor.frame);
  const z = editor.document.topZ();
  // Copies of a group are a group of their own.
  const groups = new Map([...new Set(known.map((a) => a.group_id ?? null))].map((id) => [id, id === null ? null : editor.newId()]));
  const entries = known.map((a, i): Entry => ({
    z: z + i,
    annotation: {
      ...a, annotation_id: editor.newId(), geometry: withinFrame(shapeOf(a.geometry).translate(a.geometry, dx, dy), editor.frame), score: null, origin: null,
      group_id: groups.get(a.group_id ?? null) ?? null,
    },
  }));
  editor.put(entries, counted(verb, entries));
  editor.select(entries.map((e) => e.annotation.annotation_id));
}

/** A mask from a larger picture loses what lies outside this one; other shapes can be moved and reshaped by hand. */
function withinFrame(geometry: Geometry, frame: Frame): Geometry {
  return geometry.kind === "mask" ? (maskOfSpans(clippedSpans(spansOfMask(geometry), frame)) ?? geometry) : geometry;
}

/** The object after or before the selected one, in reading order: rows from the top, then left to right. */
export function cycle(editor: Editor, step: 1 | -1): void {
  const order = readingOrder(editor);
  if (!order.length) return;
  const [current] = editor.selection;
  const at = current === undefined ? -1 : order.indexOf(current);
  const next = order[at === -1 ? (step === 1 ? 0 : order.length - 1) : (at + step + order.length) % order.length]!;
  editor.select([next]);
  const bounds = editor.scene.boundsOf(next);
  if (bounds) {
    editor.viewport.reveal(bounds);
    editor.changed("view");
  }
}

/** Ids of what is shown, in reading order. */
export function readingOrder(editor: Editor): string[] {
  const row = editor.frame.height / 12;
  const spot = (e: Entry): { id: string; row: number; x: number } => {
    const b = boundsOfGeometry(e.annotation.geometry);
    return { id: e.annotation.annotation_id, row: Math.floor((b.y0 + b.y1) / 2 / row), x: b.x0 };
  };
  return editor.document
    .inOrder()
    .filter((e) => !editor.isHidden(e.annotation.annotation_id))
    .map(spot)
    .sort((a, b) => a.row - b.row || a.x - b.x)
    .map((s) => s.id);
}
