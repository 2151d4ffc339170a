/**
 * One change of masks under way: pixels are added to a mask or taken from masks while the pointer moves, shown at once and
 * made one step at the end. Each move costs the rows that it touches.
 */
import { intersects } from "../geometry";
import { isEmptySpans, boundsOfSpans, NO_SPANS, type Spans } from "../raster/spans";
import { intersected, subtracted, united } from "../raster/combine";
import { maskOfSpans, spansOfMask } from "../raster/runs";
import type { Entry } from "../edits/delta";
import type { Editor } from "../editor";
import { defaultValues, findClass } from "../ontology";
import type { Annotation, MaskGeometry } from "../types";
import { msg } from "../text";

/** What is shown of a mask that has lost all pixels; it is never kept. */
const NOTHING: MaskGeometry = { kind: "mask", origin_xy: [0, 0], size_wh: [0, 0], runs: [] };

export class Stroke {
  /** What each touched mask has become so far. */
  readonly #now = new Map<string, { readonly entry: Entry; spans: Spans }>();
  readonly #others: readonly Entry[];
  #target: Entry | null;

  private constructor(
    private readonly editor: Editor,
    private readonly isErasing: boolean,
    target: Entry | null,
  ) {
    this.#target = target;
    this.#others = maskEntries(editor).filter((e) => e !== target && !editor.isHidden(e.annotation.annotation_id));
  }

  /** A stroke that paints: into the selected mask of the class at hand, or a new one. Null, with a remark, where no class takes masks. */
  static painting(editor: Editor): Stroke | null {
    const target = paintTarget(editor) ?? newEntry(editor);
    if (!target) editor.say(msg`No class of this project is drawn as a mask.`);
    return target && new Stroke(editor, false, target);
  }

  /** A stroke that erases: from the selected masks, else from the one on top of what the first pixels meet. */
  static erasing(editor: Editor): Stroke {
    return new Stroke(editor, true, null);
  }

  /** Adds or takes these pixels. */
  extend(pixels: Spans): void {
    if (isEmptySpans(pixels)) return;
    if (this.isErasing) this.#erase(pixels);
    else this.#paint(pixels);
    this.editor.preview([...this.#now.values()].map(({ entry, spans }) => withMask(entry, maskOfSpans(spans) ?? NOTHING)));
  }

  cancel(): void {
    this.editor.dropPreview();
  }

  /** Makes the stroke one step and selects what was painted. */
  commit(name: string): void {
    this.editor.dropPreview();
    const puts: Entry[] = [];
    const removed: string[] = [];
    for (const { entry, spans } of this.#now.values()) {
      const mask = maskOfSpans(spans);
      if (mask) puts.push(withMask(entry, mask));
      else if (this.editor.document.find(entry.annotation.annotation_id)) removed.push(entry.annotation.annotation_id);
    }
    this.editor.replace(removed, puts, name);
    const target = this.#target?.annotation.annotation_id;
    if (target !== undefined && puts.some((e) => e.annotation.annotation_id === target)) this.editor.select([target]);
  }

  #paint(pixels: Spans): void {
    const target = this.#target!;
    const { overlap } = this.editor.brush;
    const kept = overlap === "allow" ? pixels : this.#spared(pixels, overlap === "take");
    this.#change(target, (spans) => united(spans, kept));
    if (overlap === "take") for (const other of this.#meeting(kept)) if (this.#canLose(other)) this.#change(other, (spans) => subtracted(spans, kept));
  }

  /** Without the pixels of masks that must keep theirs. */
  #spared(pixels: Spans, isTaking: boolean): Spans {
    return this.#meeting(pixels)
      .filter((e) => !isTaking || !this.#canLose(e))
      .reduce((rest, e) => subtracted(rest, spansOf(e)), pixels);
  }

  #erase(pixels: Spans): void {
    const { editor } = this;
    const chosen = editor.editableSelection().filter(isMask);
    if (chosen.length) return chosen.forEach((e) => this.#takeFrom(e, pixels));
    this.#target ??= this.#meeting(pixels).filter((e) => this.#canLose(e) && !isEmptySpans(intersected(spansOf(e), pixels))).at(-1) ?? null;
    if (this.#target) this.#takeFrom(this.#target, pixels);
  }

  #takeFrom(entry: Entry, pixels: Spans): void {
    this.#change(entry, (spans) => subtracted(spans, pixels));
  }

  #change(entry: Entry, change: (spans: Spans) => Spans): void {
    const id = entry.annotation.annotation_id;
    const state = this.#now.get(id) ?? { entry, spans: spansOf(entry) };
    state.spans = change(state.spans);
    this.#now.set(id, state);
  }

  #canLose(entry: Entry): boolean {
    return this.editor.canEdit(entry.annotation.annotation_id);
  }

  /** Other masks whose box the pixels touch, lowest first. */
  #meeting(pixels: Spans): Entry[] {
    const area = boundsOfSpans(pixels);
    if (!area) return [];
    return this.#others.filter((e) => {
      const { origin_xy: [x, y], size_wh: [w, h] } = e.annotation.geometry as MaskGeometry;
      return intersects(area, { x0: x, y0: y, x1: x + w, y1: y + h });
    });
  }
}

export function isMask(entry: Entry): boolean {
  return entry.annotation.geometry.kind === "mask";
}

function maskEntries(editor: Editor): Entry[] {
  return editor.document.inOrder().filter(isMask);
}

/** The selected mask that a stroke would add to. */
export function paintTarget(editor: Editor): Entry | null {
  const [id, ...more] = editor.selection;
  if (id === undefined || more.length || !editor.canEdit(id)) return null;
  const entry = editor.document.find(id);
  return entry && isMask(entry) && entry.annotation.class_id === editor.classId ? entry : null;
}

function newEntry(editor: Editor): Entry | null {
  const takes = (id: string | null): boolean => id !== null && (findClass(editor.ontology, id)?.geometry_kinds.includes("mask") ?? false);
  const item = takes(editor.classId) ? editor.currentClass : editor.ontology.classes.find((c) => takes(c.class_id));
  if (!item) return null;
  const annotation: Annotation = {
    annotation_id: editor.newId(),
    class_id: item.class_id,
    geometry: NOTHING,
    attributes: defaultValues(item.attributes),
    is_occluded: false,
    is_truncated: false,
    score: null,
    origin: null,
    group_id: null,
  };
  return { annotation, z: editor.document.topZ() };
}

function spansOf(entry: Entry): Spans {
  const geometry = entry.annotation.geometry as MaskGeometry;
  return geometry === NOTHING ? NO_SPANS : spansOfMask(geometry);
}

function withMask(entry: Entry, geometry: MaskGeometry): Entry {
  return { z: entry.z, annotation: { ...entry.annotation, geometry } };
}
