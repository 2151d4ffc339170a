/**
 * One open task: document, history, scene, selection, view and the tool in hand.
 * Tools and commands change it; pictures and panels listen to it. It knows no DOM.
 */
import type { Bounds, Frame, Point } from "./geometry";
import { boundsOfGeometry, shapeOf } from "./shapes/registry";
import type { Annotation, AttributeValue, Geometry, GeometryKind, Labelling, Ontology, OntologyClass, Relation } from "./types";
import { type Decision, type Edit, type Entry, type EntryDelta, type LogRecord, type RelationDelta, inverse, isEmpty } from "./edits/delta";
import type { AssistPort } from "./assist/port";
import { Suggestions } from "./assist/suggestions";
import { DRAFT_FORMAT, type DraftHead } from "./edits/draft";
import { LabelDocument } from "./edits/document";
import { History } from "./edits/history";
import { orphaned, removeRelation, setRelation } from "./edits/relations";
import { type Hit, Scene } from "./scene/scene";
import { Snapper } from "./snapping/snapper";
import { REACH_PX, type Tool } from "./tools/tool";
import { BrushSettings } from "./tools/brush-settings";
import { RefineSettings } from "./tools/refine-settings";
import { type ToolId, makeTool } from "./tools/registry";
import { Viewport } from "./viewport";
import { defaultValues, findClass, linksIn, takes } from "./ontology";
import type { MakeId } from "./ids";
import { msg } from "./text";

/** What a listener may care about. "live" is everything that changes while the pointer moves. */
export type Aspect = "document" | "selection" | "view" | "tool" | "live" | "flags" | "class" | "suggestions";
export type Listener = (aspect: Aspect, ids: ReadonlySet<string>) => void;

export interface EditorOptions {
  readonly frame: Frame;
  readonly ontology: Ontology;
  readonly base: Labelling;
  /** Where the objects of the base lie in the stack; in their order, where this is not given. */
  readonly baseZ?: readonly number[] | null;
  readonly log?: readonly LogRecord[];
  readonly hidden?: readonly string[];
  readonly locked?: readonly string[];
  /** What was decided about suggestions before the log begins. */
  readonly decided?: readonly Decision[];
  readonly isReadonly?: boolean;
  readonly now: () => number;
  readonly newId: MakeId;
}

/** Presses of the same key within this time grow one step instead of making many. */
const COALESCE_MS = 700;
const NO_IDS: ReadonlySet<string> = new Set();

export class Editor {
  readonly frame: Frame;
  readonly ontology: Ontology;
  readonly base: Labelling;
  readonly baseZ: readonly number[] | null;
  readonly document: LabelDocument;
  readonly history: History;
  readonly scene: Scene;
  readonly viewport: Viewport;
  readonly suggestions: Suggestions;
  /** The assistants; null where there are none. */
  assist: AssistPort | null = null;
  readonly newId: MakeId;
  readonly now: () => number;
  isReadonly: boolean;
  readonly brush = new BrushSettings();
  readonly refining = new RefineSettings();
  readonly snapper = new Snapper(this);
  /** Stays in the drawing tool after each object. */
  keepsDrawing = false;
  /** How near counts as on it, in screen pixels; a finger reaches further than a mouse. */
  reachPx = REACH_PX;
  hover: Hit | null = null;
  #tool: Tool;
  #toolId: ToolId = "select";
  #lastDrawing: ToolId = "box";
  #selection: ReadonlySet<string> = NO_IDS;
  #classId: string | null;
  readonly #hidden: Set<string>;
  readonly #locked: Set<string>;
  readonly #preview = new Map<string, Entry>();
  readonly #first: ReadonlyMap<string, Annotation>;
  readonly #listeners = new Set<Listener>();
  #onMessage: (text: string) => void = () => undefined;
  #onPin: (at: Point) => void = () => undefined;

  constructor(options: EditorOptions) {
    this.frame = options.frame;
    this.ontology = options.ontology;
    this.base = options.base;
    this.baseZ = options.baseZ ?? null;
    this.now = options.now;
    this.newId = options.newId;
    this.isReadonly = options.isReadonly ?? false;
    this.document = new LabelDocument(options.base, this.baseZ);
    this.#first = new Map(this.document.inOrder().map(({ annotation }) => [annotation.annotation_id, annotation]));
    this.history = History.run(this.document, options.log ?? []);
    this.scene = new Scene(options.frame, (annotation) => linksIn(options.ontology, annotation));
    this.scene.reset(this.document.inOrder());
    this.viewport = new Viewport(options.frame);
    this.suggestions = new Suggestions(this, options.decided ?? []);
    this.#hidden = new Set(options.hidden);
    this.#locked = new Set(options.locked);
    this.#classId = options.ontology.classes[0]?.class_id ?? null;
    this.#tool = makeTool("select", this);
  }

  // --- listening

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(aspect: Aspect, ids: ReadonlySet<string> = NO_IDS): void {
    for (const listener of this.#listeners) listener(aspect, ids);
  }

  /** A remark for the person, such as why nothing happened. */
  say(text: string): void {
    this.#onMessage(text);
  }

  set onMessage(handler: (text: string) => void) {
    this.#onMessage = handler;
  }

  /** A place was named on the picture. */
  pinned(at: Point): void {
    this.#onPin(at);
  }

  set onPin(handler: (at: Point) => void) {
    this.#onPin = handler;
  }

  // --- looking

  get selection(): ReadonlySet<string> {
    return this.#selection;
  }

  /** The selected object when it is the only one. */
  get active(): Annotation | null {
    if (this.#selection.size !== 1) return null;
    const [id] = this.#selection;
    return this.shown(id!)?.annotation ?? null;
  }

  get previewed(): ReadonlyMap<string, Entry> {
    return this.#preview;
  }

  /** An entry as it is on screen: with the change under way, if any. */
  shown(id: string): Entry | null {
    return this.#preview.get(id) ?? this.document.find(id);
  }

  hitAt(at: Point): Hit | null {
    return this.scene.hit({
      at,
      reach: this.reachPx / this.viewport.scale,
      pixel: 1 / this.viewport.scale,
      active: this.isReadonly ? null : this.active,
      isPickable: (id) => !this.#hidden.has(id) && !this.#locked.has(id),
    });
  }

  enclosed(area: Bounds): string[] {
    return this.scene.enclosed(area, (id) => !this.#hidden.has(id) && !this.#locked.has(id));
  }

  /** Whether an object is still exactly what the task began with, such as a pre-label nobody has looked at. */
  isUntouched(id: string): boolean {
    const first = this.#first.get(id);
    if (!first) return false;
    const now = this.document.findAnnotation(id);
    return now === first || (now !== null && JSON.stringify(now) === JSON.stringify(first));
  }

  setHover(hit: Hit | null): void {
    if (sameHit(hit, this.hover)) return;
    this.hover = hit;
    this.changed("live");
  }

  select(ids: Iterable<string>): void {
    const next = new Set([...ids].filter((id) => this.document.find(id)));
    if (next.size === this.#selection.size && [...next].every((id) => this.#selection.has(id))) return;
    this.#selection = next;
    this.changed("selection");
  }

  canEdit(id: string): boolean {
    return !this.isReadonly && !this.#locked.has(id) && this.document.find(id) !== null;
  }

  editableSelection(): Entry[] {
    return [...this.#selection].flatMap((id) => (this.canEdit(id) ? [this.document.find(id)!] : []));
  }

  // --- hidden and locked

  isHidden(id: string): boolean {
    return this.#hidden.has(id);
  }

  isLocked(id: string): boolean {
    return this.#locked.has(id);
  }

  setFlag(flag: "hidden" | "locked", ids: Iterable<string>, isOn: boolean): void {
    const set = flag === "hidden" ? this.#hidden : this.#locked;
    const touched = new Set<string>();
    for (const id of ids) {
      if (isOn === set.has(id)) continue;
      if (isOn) set.add(id);
      else set.delete(id);
      touched.add(id);
    }
    if (touched.size) this.changed("flags", touched);
  }

  // --- class and tool in hand

  get classId(): string | null {
    return this.#classId;
  }

  get currentClass(): OntologyClass | null {
    return this.#classId === null ? null : findClass(this.ontology, this.#classId);
  }

  setClass(classId: string): void {
    if (!findClass(this.ontology, classId)) return;
    this.#classId = classId;
    this.changed("class");
  }

  get tool(): Tool {
    return this.#tool;
  }

  get toolId(): ToolId {
    return this.#toolId;
  }

  get lastDrawing(): ToolId {
    return this.#lastDrawing;
  }

  setTool(id: ToolId): void {
    if (this.isReadonly && id !== "select" && id !== "pin") return;
    this.#tool.cancel();
    this.#toolId = id;
    this.#tool = makeTool(id, this);
    if (this.#tool.draws) {
      this.#lastDrawing = id;
      if (!this.#tool.keepsSelection) this.select([]);
      this.setHover(null);
      this.#takeClassFor(this.#tool.draws);
    }
    this.changed("tool");
    this.#tool.begin?.();
  }

  /** A tool in hand draws something: a class that is drawn so is chosen, unless the one at hand is. */
  #takeClassFor(kind: GeometryKind): void {
    if (this.currentClass?.geometry_kinds.includes(kind)) return;
    const fitting = this.ontology.classes.find((c) => c.geometry_kinds.includes(kind));
    if (fitting) this.setClass(fitting.class_id);
  }

  // --- changing

  /** Shows entries as they would be, without making a step. */
  preview(entries: readonly Entry[]): void {
    for (const entry of entries) this.#preview.set(entry.annotation.annotation_id, entry);
    this.changed("live", new Set(entries.map((e) => e.annotation.annotation_id)));
  }

  dropPreview(): void {
    if (!this.#preview.size) return;
    const ids = new Set(this.#preview.keys());
    this.#preview.clear();
    this.changed("live", ids);
  }

  commitPreview(name: string): void {
    const entries = [...this.#preview.values()];
    this.#preview.clear();
    this.put(entries, name);
    this.changed("live", new Set(entries.map((e) => e.annotation.annotation_id)));
  }

  /** Adds or replaces entries as one step. */
  put(entries: readonly Entry[], name: string, coalesce = false): void {
    this.#make(name, entries.map((e) => this.#delta(settled(e))), [], coalesce);
  }

  remove(ids: Iterable<string>, name: string): void {
    this.replace(ids, [], name);
  }

  /** Takes some entries away and puts others, as one step. */
  replace(removed: Iterable<string>, entries: readonly Entry[], name: string): void {
    const gone = [...removed].flatMap((id): EntryDelta[] => {
      const before = this.document.find(id);
      return before ? [{ id, before, after: null }] : [];
    });
    this.#make(name, [...gone, ...entries.map((e) => this.#delta(settled(e)))], []);
  }

  /** Any changes to objects, answers and relations as one step, such as a merge. */
  enact(name: string, entries: readonly EntryDelta[], answers: Edit["answers"] = [], relations: readonly RelationDelta[] = []): void {
    this.#make(name, entries, answers, false, relations);
  }

  answer(questionId: string, value: AttributeValue | null, name: string): void {
    this.#make(name, [], [{ question_id: questionId, before: this.document.answer(questionId), after: value }], true);
  }

  /** Adds a relation or puts another in its place, as one step. False, with a remark, where it cannot be. */
  setRelation(relation: Relation, name?: string): boolean {
    return setRelation(this, relation, name);
  }

  removeRelation(ids: string | Iterable<string>, name?: string): void {
    removeRelation(this, ids, name);
  }

  /** A new object on top of all: of the class asked for, or one that is drawn so, with its defaults. Null with a remark when there is none. */
  entryFor(geometry: Geometry, more: { classId?: string | null; attributes?: Annotation["attributes"]; origin?: string | null } = {}): Entry | null {
    const item = (more.classId ? findClass(this.ontology, more.classId) : null) ?? this.#classFor(geometry);
    if (!item) {
      this.say(msg`No class of this project is drawn as a ${shapeOf(geometry).name.toLowerCase()}.`);
      return null;
    }
    const annotation: Annotation = {
      annotation_id: this.newId(),
      class_id: item.class_id,
      geometry,
      attributes: { ...defaultValues(item.attributes), ...more.attributes },
      is_occluded: false,
      is_truncated: false,
      score: null,
      origin: more.origin ?? null,
      group_id: null,
    };
    return { annotation, z: this.document.topZ() };
  }

  /** A shape straight from a drawing tool: gets the current class and its defaults. */
  addDrawn(geometry: Geometry): void {
    const entry = this.entryFor(geometry);
    if (!entry) return;
    this.put([entry], msg`Draw ${findClass(this.ontology, entry.annotation.class_id)?.name ?? "object"}`);
    if (this.keepsDrawing || this.#tool.isSerial) return;
    this.setTool("select");
    this.select([entry.annotation.annotation_id]);
  }

  undo(): void {
    if (this.isReadonly || this.tool.back()) return;
    const name = this.history.undoName;
    this.#travel(this.history.undo(this.now()), name && `Undone: ${name}`);
  }

  redo(): void {
    if (this.isReadonly) return;
    const name = this.history.redoName;
    this.#travel(this.history.redo(this.now()), name && `Redone: ${name}`);
  }

  /** What a draft holds beside the log. */
  draftHead(active_ms: number): DraftHead {
    return { format: DRAFT_FORMAT, hidden: [...this.#hidden], locked: [...this.#locked], active_ms };
  }

  #classFor(geometry: Geometry): OntologyClass | null {
    const current = this.currentClass;
    return current && takes(current, geometry) ? current : (this.ontology.classes.find((c) => takes(c, geometry)) ?? null);
  }

  #delta(after: Entry): EntryDelta {
    const id = after.annotation.annotation_id;
    return { id, before: this.document.find(id), after };
  }

  /** Relations go with the objects that they join, in the same step. */
  #make(name: string, entries: readonly EntryDelta[], answers: Edit["answers"], coalesce = false, told: readonly RelationDelta[] = []): void {
    const relations = [...told.filter(isChange), ...orphaned(this.document, entries, told)];
    const edit: Edit = { name, at_ms: this.now(), entries: entries.filter(isChange), answers, ...(relations.length ? { relations } : {}) };
    if (this.isReadonly || isEmpty(edit)) return;
    const newest = this.history.newest;
    if (coalesce && newest && grows(newest, edit)) this.history.amend(joined(newest, edit));
    else this.history.record(edit);
    this.#applied(edit);
  }

  #travel(edit: Edit | null, remark: string | null): void {
    if (!edit) return;
    this.dropPreview();
    this.#applied(edit);
    if (remark) this.say(remark);
  }

  #applied(edit: Edit): void {
    this.document.apply(edit);
    const ids = new Set<string>();
    for (const { id, after } of edit.entries) {
      ids.add(id);
      if (after) this.scene.put(after.annotation);
      else this.scene.remove(id);
    }
    for (const { before, after } of edit.relations ?? []) for (const r of [before, after]) if (r) ids.add(r.from_id).add(r.to_id);
    if (this.hover && ids.has(this.hover.id)) this.hover = null;
    this.changed("document", ids);
    this.select(this.#selection);
  }

  /** Bounds of the selected objects, or null. */
  selectionBounds(): Bounds | null {
    let all: Bounds | null = null;
    for (const id of this.#selection) {
      const entry = this.document.find(id);
      if (!entry) continue;
      const b = boundsOfGeometry(entry.annotation.geometry);
      all = all ? { x0: Math.min(all.x0, b.x0), y0: Math.min(all.y0, b.y0), x1: Math.max(all.x1, b.x1), y1: Math.max(all.y1, b.y1) } : b;
    }
    return all;
  }
}

/** Rounded as it will be stored, so that screen, log and server hold the same numbers. */
function settled(entry: Entry): Entry {
  const { geometry } = entry.annotation;
  return { z: entry.z, annotation: { ...entry.annotation, geometry: shapeOf(geometry).toWire(geometry) } };
}

function isChange({ before, after }: EntryDelta | RelationDelta): boolean {
  return before === null || after === null || JSON.stringify(before) !== JSON.stringify(after);
}

/** Whether `edit` carries on what `newest` did: same name, same objects, right after it. */
function grows(newest: Edit, edit: Edit): boolean {
  const ids = (e: Edit): string => [...e.entries.map((d) => d.id), ...e.answers.map((a) => a.question_id)].sort().join();
  if (newest.relations || edit.relations) return false;
  return newest.name === edit.name && edit.at_ms - newest.at_ms < COALESCE_MS && ids(newest) === ids(edit);
}

function joined(first: Edit, second: Edit): Edit {
  const back = inverse(first);
  const before = new Map(back.entries.map((d) => [d.id, d.after]));
  const answered = new Map(back.answers.map((a) => [a.question_id, a.after]));
  return {
    ...second,
    entries: second.entries.map((d) => ({ ...d, before: before.get(d.id) ?? null })),
    answers: second.answers.map((a) => ({ ...a, before: answered.get(a.question_id) ?? null })),
  };
}

function sameHit(a: Hit | null, b: Hit | null): boolean {
  if (a === null || b === null || a.on !== b.on || a.id !== b.id) return a === b;
  if (a.on === "handle" && b.on === "handle") return a.handle.id === b.handle.id;
  // The spot on an edge moves with the pointer and is drawn, so it is never the same.
  return a.on === "shape";
}
