/** Attribute mode: object by object, each looked at closely, its attributes answered by digits. */
import { setAttribute } from "../../engine/commands";
import type { Editor } from "../../engine/editor";
import { askedAttributes, findClass } from "../../engine/ontology";
import type { Bench } from "../bench.svelte";
import { Sheet, type SheetPorts } from "./sheet.svelte";
import { isOpen, nextStop, stops } from "./walk";

export class AttributeWalk {
  /** Goes only to objects that have something open. */
  skipsAnswered = $state(false);
  readonly sheet: Sheet;

  constructor(private readonly bench: Bench, type: SheetPorts["type"]) {
    this.sheet = new Sheet({
      asked: () => (bench.active ? askedAttributes(bench.activeClass?.attributes ?? [], bench.active.attributes) : []),
      values: () => bench.active?.attributes ?? {},
      set: (attribute, value) => bench.active && setAttribute(this.#editor, bench.active.annotation_id, attribute.attribute_id, value, attribute.name),
      type,
    });
  }

  /** False when no object of the task has attributes. */
  start(): boolean {
    const active = this.bench.active;
    const isFit = active !== null && (findClass(this.#editor.ontology, active.class_id)?.attributes.length ?? 0) > 0;
    const first = isFit ? active.annotation_id : nextStop(this.#editor, active?.annotation_id ?? null, 1, false);
    if (first) this.#goTo(first);
    return first !== null;
  }

  /** To the next object, or the one before; false when nothing is left to answer. */
  step(by: 1 | -1): boolean {
    const next = nextStop(this.#editor, this.bench.active?.annotation_id ?? null, by, this.skipsAnswered);
    if (next) this.#goTo(next);
    return next !== null;
  }

  /** Where the object in hand stands among all. */
  readonly place: { readonly at: number; readonly of: number; readonly open: number } = $derived.by(() => {
    void this.bench.documentVersion;
    const all = stops(this.#editor, false);
    const open = all.filter((id) => isOpen(this.#editor, this.#editor.document.findAnnotation(id)!)).length;
    return { at: this.bench.active ? all.indexOf(this.bench.active.annotation_id) + 1 : 0, of: all.length, open };
  });

  #goTo(id: string): void {
    const editor = this.#editor;
    editor.select([id]);
    const bounds = editor.scene.boundsOf(id);
    if (bounds) editor.viewport.focus(bounds);
    editor.changed("view");
    this.sheet.start();
  }

  get #editor(): Editor {
    return this.bench.editor;
  }
}
