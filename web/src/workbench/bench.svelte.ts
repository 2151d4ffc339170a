/** The reactive face of one editor: panels read from here and are redrawn when their part changes. */
import type { Aspect, Editor } from "../engine/editor";
import type { Entry } from "../engine/edits/delta";
import { type Problem, annotationProblems, findClass, questionProblems, relationProblems } from "../engine/ontology";
import { isFromPrelabel } from "../engine/assist/source";
import { shapeOf } from "../engine/shapes/registry";
import type { ToolId } from "../engine/tools/registry";
import type { Point } from "../engine/geometry";
import type { Annotation, OntologyClass, Relation } from "../engine/types";
import { type Limits, countProblems, sizeProblems } from "./scope-limits";
import type { Pages } from "./document/pages.svelte";
import type { TextRoom } from "./text/room.svelte";
import { type ColorRule, type Colors, colorsFor } from "./view/colors";
import { msg } from "../engine/text";

/** A place of the picture under the pointer, and the colour of its pixel where that is known. */
export interface Spot {
  readonly at: Point;
  readonly rgb: readonly [r: number, g: number, b: number] | null;
}

export class Bench {
  // One counter for each aspect; reading it subscribes the reader.
  #document = $state(0);
  #selection = $state(0);
  #view = $state(0);
  #tool = $state(0);
  #flags = $state(0);
  #class = $state(0);
  #colors = $state.raw<Colors>();
  /** Where the pointer is; null while it is not over the picture. */
  spot = $state.raw<Spot | null>(null);
  /** Where the item is a text: what is chosen in it, and what is done to its spans. */
  text: TextRoom | null = null;
  /** Where the item is a document that is drawn on. */
  pages: Pages | null = null;
  /** Where a place of the plane stands over the item, while that is laid out otherwise than by the view of a picture. */
  placeOf: ((at: Point) => Point) | null = null;
  /** The picture itself could not be decoded here. */
  hasPreviewOnly = $state(false);
  /** The person tried to submit while something was open: from then on what is missing is said where it is missing. */
  hasTried = $state(false);
  readonly #found = new WeakMap<Annotation, readonly Problem[]>();
  readonly #unsubscribe: () => void;

  /** @param limits How large, how detailed and how many objects may be, where the task says so. */
  constructor(readonly editor: Editor, private readonly limits: Limits | null = null) {
    this.#unsubscribe = editor.subscribe((aspect) => this.#bump(aspect));
  }

  destroy(): void {
    this.text?.destroy();
    this.#unsubscribe();
  }

  readonly problems: readonly Problem[] = $derived.by(() => {
    void this.#document;
    const { document, ontology } = this.editor;
    return [...document.inOrder().flatMap(({ annotation }) => this.#problemsOf(annotation)), ...this.#countProblems(), ...this.#relationProblems(), ...questionProblems(document.answers, ontology)];
  });

  readonly objects: readonly Entry[] = $derived.by(() => {
    void this.#document;
    return [...this.editor.document.inOrder()].reverse();
  });

  get relations(): readonly Relation[] {
    void this.#document;
    return this.editor.document.relations;
  }

  /** Objects by class. */
  readonly counts: ReadonlyMap<string, number> = $derived.by(() => {
    const counts = new Map<string, number>();
    for (const { annotation } of this.objects) counts.set(annotation.class_id, (counts.get(annotation.class_id) ?? 0) + 1);
    return counts;
  });

  get documentVersion(): number {
    return this.#document;
  }

  /** Grows with what is hidden and locked. */
  get flagsVersion(): number {
    return this.#flags;
  }

  get viewVersion(): number {
    return this.#view;
  }

  get selection(): ReadonlySet<string> {
    void this.#selection;
    void this.#document;
    return this.editor.selection;
  }

  /** The selected object when it is the only one. */
  get active(): Annotation | null {
    return this.selection.size === 1 ? this.editor.document.findAnnotation([...this.editor.selection][0]!) : null;
  }

  get activeClass(): OntologyClass | null {
    return this.active && findClass(this.editor.ontology, this.active.class_id);
  }

  get scale(): number {
    void this.#view;
    return this.editor.viewport.scale;
  }

  /** How far the view is turned, in degrees. */
  get turn(): number {
    void this.#view;
    return this.editor.viewport.turn;
  }

  get toolId(): ToolId {
    void this.#tool;
    return this.editor.toolId;
  }

  get keepsDrawing(): boolean {
    void this.#tool;
    return this.editor.keepsDrawing;
  }

  get isReadonly(): boolean {
    void this.#tool;
    return this.editor.isReadonly;
  }

  get classId(): string | null {
    void this.#class;
    return this.editor.classId;
  }

  get canUndo(): boolean {
    void this.#document;
    return this.editor.history.canUndo;
  }

  get canRedo(): boolean {
    void this.#document;
    return this.editor.history.canRedo;
  }

  get answers(): ReturnType<Editor["document"]["toLabelling"]>["answers"] {
    void this.#document;
    return this.editor.document.answers;
  }

  isHidden(id: string): boolean {
    void this.#flags;
    return this.editor.isHidden(id);
  }

  isLocked(id: string): boolean {
    void this.#flags;
    return this.editor.isLocked(id);
  }

  problemOf(annotation: Annotation): string | null {
    return this.#problemsOf(annotation)[0]?.text ?? null;
  }

  /** Annotations are never changed in place, so what was found once holds. */
  #problemsOf(annotation: Annotation): readonly Problem[] {
    let found = this.#found.get(annotation);
    if (!found) {
      const { ontology, frame } = this.editor;
      found = [...annotationProblems(annotation, ontology, frame), ...(this.limits ? sizeProblems(annotation, ontology, this.limits) : []), ...(this.pages?.problemsOf(annotation) ?? [])];
      this.#found.set(annotation, found);
    }
    return found;
  }

  #relationProblems(): readonly Problem[] {
    const { document, ontology } = this.editor;
    return document.relations.length ? relationProblems({ annotations: document.inOrder().map((e) => e.annotation), relations: document.relations }, ontology) : [];
  }

  #countProblems(): readonly Problem[] {
    return this.limits ? countProblems(this.editor.document.inOrder().map((e) => e.annotation), this.limits) : [];
  }

  classOf(annotation: Annotation): OntologyClass | null {
    return findClass(this.editor.ontology, annotation.class_id);
  }

  nameOf(annotation: Annotation): string {
    return this.classOf(annotation)?.name ?? annotation.class_id;
  }

  /** The colours to show objects and classes in from now on. */
  colorBy(rule: Pick<ColorRule, "by" | "palette">): void {
    this.#colors = this.#colorsFor(rule);
  }

  colorOf(annotation: Annotation): string {
    return this.#shownColors.of(annotation);
  }

  colorOfClass(classId: string): string {
    return this.#shownColors.ofClass(classId);
  }

  /** Who an object is by, as far as this page knows; a page that knows more says so. */
  authorOf: (annotation: Annotation) => string = (a) => (!isFromPrelabel(a) ? msg`drawn here` : this.editor.isUntouched(a.annotation_id) ? "pre-label" : "pre-label, changed");

  get #shownColors(): Colors {
    return this.#colors ?? this.#plainColors;
  }

  readonly #plainColors: Colors = $derived(this.#colorsFor({ by: "class", palette: "own" }));

  #colorsFor(rule: Pick<ColorRule, "by" | "palette">): Colors {
    return colorsFor({ ...rule, ontology: this.editor.ontology, authorOf: (a) => this.authorOf(a) });
  }

  shapeName(annotation: Annotation): string {
    return shapeOf(annotation.geometry).name;
  }

  #bump(aspect: Aspect): void {
    switch (aspect) {
      case "document":
        this.#document += 1;
        return;
      case "selection":
        this.#selection += 1;
        return;
      case "view":
        this.#view += 1;
        return;
      case "tool":
        this.#tool += 1;
        return;
      case "flags":
        this.#flags += 1;
        return;
      case "class":
        this.#class += 1;
        return;
      case "live":
        return;
    }
  }
}
