/** What a person can do to whole shapes: join, cut, convert, flip, stack and group what is selected, each as one undoable step. */
import { type Bounds, intersects, union } from "../geometry";
import type { Entry } from "../edits/delta";
import type { Editor } from "../editor";
import { findClass } from "../ontology";
import { subtracted, united } from "../raster/combine";
import { withoutHoles, withoutSpecks } from "../raster/regions";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import { NO_SPANS, type Spans } from "../raster/spans";
import { boundsOfGeometry, insideStep, shapeNamed, shapeOf } from "../shapes/registry";
import type { Annotation, Geometry, GeometryKind, MaskGeometry, PolygonGeometry } from "../types";
import { ClipError, LEAST_PIECE_PX, type Rings, areaOfRings, subtractedRings, unitedRings } from "./clip";
import { canConvert, converted, spansOf, targetKinds } from "./convert";
import { type Flip, flipped } from "./mirror";
import { outlineOf } from "./outline";
import { type Way, restacked } from "./stack";
import { msg } from "../text";

/** Smaller parts of a mask than this are specks. */
const SPECK_PX = 25;

type AreaGeometry = MaskGeometry | PolygonGeometry;
type AreaEntry = Entry & { readonly annotation: Annotation & { readonly geometry: AreaGeometry } };

export function isArea(entry: Entry): entry is AreaEntry {
  const { kind } = entry.annotation.geometry;
  return kind === "polygon" || kind === "mask";
}

export function withGeometry(entry: Entry, geometry: Geometry): Entry {
  return { z: entry.z, annotation: { ...entry.annotation, geometry } };
}

function counted(verb: string, count: number): string {
  return count > 1 ? msg`${verb} ${count} objects` : verb;
}

/** Runs what may fail on outlines that no algorithm can combine; then nothing changes and it is said. */
function attempt(editor: Editor, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ClipError)) throw error;
    editor.say(error.message);
  }
}

/** Entries in the place of one: the first keeps its name, the others are new objects of the same class and answers. */
export function inPlaceOf(editor: Editor, entry: Entry, geometries: readonly Geometry[]): Entry[] {
  return geometries.map((geometry, i) => {
    const made = withGeometry(entry, geometry);
    return i === 0 ? made : { z: entry.z, annotation: { ...made.annotation, annotation_id: editor.newId() } };
  });
}

// --- together and apart

export function canJoin(editor: Editor): boolean {
  const entries = editor.editableSelection();
  return entries.length > 1 && entries.every(isArea);
}

/** Makes one object of the selected polygons and masks; the first one selected keeps its name and answers. */
export function joinSelected(editor: Editor): void {
  const entries = editor.editableSelection().filter(isArea);
  const [first, ...rest] = entries;
  if (!first || !rest.length) return editor.say(msg`Select two or more polygons or masks to join them.`);
  if (rest.some((e) => e.annotation.class_id !== first.annotation.class_id)) return editor.say(msg`Objects of different classes are not joined; give them one class first.`);
  attempt(editor, () => {
    const geometry = joined(editor, entries);
    if (!geometry) return editor.say(msg`These polygons do not touch. Group them, or convert them to masks, which may have several parts.`);
    editor.replace(rest.map((e) => e.annotation.annotation_id), [withGeometry(first, geometry)], counted("Join", entries.length));
    editor.select([first.annotation.annotation_id]);
  });
}

function joined(editor: Editor, entries: readonly AreaEntry[]): Geometry | null {
  const geometries = entries.map((e) => e.annotation.geometry);
  if (geometries.some((g) => g.kind === "mask")) return maskOfSpans(geometries.map((g) => spansOf(g, editor.frame)).reduce(united, NO_SPANS));
  const whole = unitedRings(geometries.map((g) => (g as PolygonGeometry).rings));
  return whole.length === 1 ? { kind: "polygon", rings: whole[0]! } : null;
}

export function canSubtract(editor: Editor): boolean {
  return editor.selection.size > 1 && editor.editableSelection().some(isArea);
}

/** Cuts the uppermost of the selected objects out of the others, which are polygons or masks. */
export function subtractSelected(editor: Editor): void {
  const chosen = editor.document.inOrder().filter((e) => editor.selection.has(e.annotation.annotation_id));
  const cutter = chosen.at(-1);
  const targets = chosen.slice(0, -1).filter((e): e is AreaEntry => isArea(e) && editor.canEdit(e.annotation.annotation_id));
  if (!cutter || !targets.length) return editor.say(msg`Select an object and the polygons or masks below it that it is to be cut out of.`);
  const outline = outlineOf(cutter.annotation.geometry);
  if (!outline.length) return editor.say(msg`A ${shapeOf(cutter.annotation.geometry).name.toLowerCase()} encloses nothing that could be cut out.`);
  attempt(editor, () => {
    const removed: string[] = [];
    const puts: Entry[] = [];
    for (const target of targets) {
      const left = leftOf(editor, target.annotation.geometry, cutter.annotation.geometry, outline);
      if (left.length) puts.push(...inPlaceOf(editor, target, left));
      else removed.push(target.annotation.annotation_id);
    }
    editor.replace(removed, puts, "Cut out");
  });
}

function leftOf(editor: Editor, geometry: AreaGeometry, cutter: Geometry, outline: readonly Rings[]): Geometry[] {
  if (!intersects(boundsOfGeometry(geometry), boundsOfGeometry(cutter))) return [geometry];
  if (geometry.kind === "mask") return listed(maskOfSpans(subtracted(spansOfMask(geometry), spansOf(cutter, editor.frame))));
  return subtractedRings(geometry.rings, outline)
    .filter((rings) => areaOfRings(rings) >= LEAST_PIECE_PX)
    .sort((a, b) => areaOfRings(b) - areaOfRings(a))
    .map((rings) => ({ kind: "polygon", rings }));
}

function listed<T>(item: T | null): T[] {
  return item ? [item] : [];
}

// --- pixels

export function hasMasks(editor: Editor): boolean {
  return editor.editableSelection().some((e) => e.annotation.geometry.kind === "mask");
}

function changeMasks(editor: Editor, name: string, change: (spans: Spans) => Spans, nothing: string): void {
  const entries = editor.editableSelection().flatMap((e) => {
    const { geometry } = e.annotation;
    if (geometry.kind !== "mask") return [];
    const spans = spansOfMask(geometry);
    const next = change(spans);
    return next === spans ? [] : listed(maskOfSpans(next)).map((mask) => withGeometry(e, mask));
  });
  const before = editor.history.log.length;
  editor.put(entries, counted(name, entries.length));
  if (editor.history.log.length === before) editor.say(nothing);
}

export function fillHoles(editor: Editor): void {
  changeMasks(editor, msg`Fill holes`, (spans) => withoutHoles(spans), msg`There are no holes to fill.`);
}

export function removeSpecks(editor: Editor): void {
  changeMasks(editor, msg`Remove specks`, (spans) => withoutSpecks(spans, SPECK_PX), msg`There are no parts smaller than ${SPECK_PX} pixels.`);
}

// --- kinds

/** The kinds that every selected object can become and its class is drawn as. */
export function kindsToConvertTo(editor: Editor): GeometryKind[] {
  const entries = editor.editableSelection();
  if (!entries.length) return [];
  return targetKinds.filter((kind) => entries.some((e) => canBecome(editor, e, kind)) && entries.every((e) => e.annotation.geometry.kind === kind || canBecome(editor, e, kind)));
}

function canBecome(editor: Editor, { annotation }: Entry, kind: GeometryKind): boolean {
  const item = findClass(editor.ontology, annotation.class_id);
  return (item?.geometry_kinds.includes(kind) ?? false) && canConvert(annotation.geometry, kind);
}

export function convertSelected(editor: Editor, kind: GeometryKind): void {
  const name = shapeNamed(kind).name.toLowerCase();
  if (!kindsToConvertTo(editor).includes(kind)) return editor.say(msg`What is selected cannot become a ${name}, or its class is not drawn so.`);
  attempt(editor, () => {
    const entries = editor.editableSelection().filter((e) => e.annotation.geometry.kind !== kind);
    const puts = entries.flatMap((e) => {
      const shapes = converted(e.annotation.geometry, kind, editor.frame);
      // The parts of one object stay together.
      const group_id = shapes.length > 1 ? (e.annotation.group_id ?? editor.newId()) : e.annotation.group_id;
      return inPlaceOf(editor, { z: e.z, annotation: { ...e.annotation, group_id } }, shapes);
    });
    const usable = puts.filter((e) => shapeOf(e.annotation.geometry).fault(e.annotation.geometry, editor.frame) === null);
    if (!usable.length) return editor.say(msg`Nothing of it would be left as a ${name}.`);
    editor.put(usable, msg`Convert to ${name}`);
    editor.select(usable.map((e) => e.annotation.annotation_id));
  });
}

// --- flips and quarter turns

/** Flips or turns all that is selected about its common middle. */
export function flipSelected(editor: Editor, how: Flip, name: string): void {
  const entries = editor.editableSelection();
  const area = entries.map((e) => boundsOfGeometry(e.annotation.geometry)).reduce<Bounds | null>((all, b) => (all ? union(all, b) : b), null);
  if (!area) return;
  const turned = entries.map((e) => withGeometry(e, flipped(e.annotation.geometry, area, how)));
  const after = turned.map((e) => boundsOfGeometry(e.annotation.geometry)).reduce(union);
  const [dx, dy] = insideStep(after, 0, 0, editor.frame);
  const placed = turned.map((e) => (dx || dy ? withGeometry(e, shapeOf(e.annotation.geometry).translate(e.annotation.geometry, dx, dy)) : e));
  const fault = placed.map((e) => shapeOf(e.annotation.geometry).fault(e.annotation.geometry, editor.frame)).find((f) => f !== null);
  const wasFaulty = entries.some((e) => shapeOf(e.annotation.geometry).fault(e.annotation.geometry, editor.frame) !== null);
  if (fault && !wasFaulty) return editor.say(msg`Turned, it would not fit into the picture.`);
  editor.put(placed, counted(name, entries.length));
}

// --- what lies above what

export function restackSelected(editor: Editor, way: Way, name: string): void {
  const ids = new Set(editor.editableSelection().map((e) => e.annotation.annotation_id));
  const changed = restacked(editor.document.inOrder(), ids, way);
  if (changed.length) editor.put(changed, name);
  else if (ids.size) editor.say(way === "front" || way === "up" ? msg`Nothing that it touches lies above it.` : msg`Nothing that it touches lies below it.`);
}

// --- groups

export function groupSelected(editor: Editor): void {
  const entries = editor.editableSelection();
  if (entries.length < 2) return editor.say(msg`Select two or more objects to group them.`);
  const group_id = editor.newId();
  editor.put(entries.map((e) => ({ z: e.z, annotation: { ...e.annotation, group_id } })), counted(msg`Group`, entries.length));
}

export function ungroupSelected(editor: Editor): void {
  const entries = editor.editableSelection().filter((e) => e.annotation.group_id !== null);
  editor.put(entries.map((e) => ({ z: e.z, annotation: { ...e.annotation, group_id: null } })), counted(msg`Ungroup`, entries.length));
}

export function hasGroups(editor: Editor): boolean {
  return [...editor.selection].some((id) => (editor.document.findAnnotation(id)?.group_id ?? null) !== null);
}

/** An object and all others of its group. */
export function groupOf(editor: Editor, id: string): string[] {
  const group = editor.document.findAnnotation(id)?.group_id ?? null;
  if (group === null) return [id];
  return editor.document.inOrder().filter((e) => e.annotation.group_id === group).map((e) => e.annotation.annotation_id);
}

export function selectGroups(editor: Editor): void {
  editor.select([...editor.selection].flatMap((id) => groupOf(editor, id)));
}
