/** A lesson looked back at: the own answer over the known one, and what is to be learnt object by object. */
import type { CourseFinding, CourseTask, Feedback } from "../api/own-quality";
import { Editor } from "../engine/editor";
import { union } from "../engine/geometry";
import { boundsOfGeometry } from "../engine/shapes/registry";
import { msg } from "../engine/text";
import type { Annotation, Labelling, Ontology } from "../engine/types";
import { Bench } from "../workbench/bench.svelte";
import { withPages } from "../workbench/document/pages.svelte";
import { withText } from "../workbench/text/room.svelte";
import type { Mode, Sides } from "./outcome-desk.svelte";

/** Where the line goes so that the middle belongs to one's own answer. */
const ASIDE = 0.75;

export class LessonDesk implements Sides {
  readonly names = { before: msg`Your answer`, after: msg`The known answer` };
  readonly hasTwo = true;
  mode = $state<Mode>("slide");
  line = $state(0.5);
  current = $state<number | null>(null);
  readonly beforeBench: Bench;
  readonly afterBench: Bench;

  constructor(readonly task: CourseTask, readonly feedback: Feedback & { known: Labelling }, private readonly given: Labelling, ontology: Ontology) {
    const { width, height } = task.item;
    const bench = (base: Labelling): Bench => withPages(withText(new Bench(new Editor({ frame: { width, height }, ontology, base, isReadonly: true, now: Date.now, newId: () => "none" })), task.item), task.item);
    [this.beforeBench, this.afterBench] = [bench(given), bench(feedback.known)];
  }

  /** What is wrong comes first. */
  readonly findings: readonly CourseFinding[] = $derived.by(() => this.feedback.findings.toSorted((a, b) => Number(a.kind === "right") - Number(b.kind === "right")));

  look(at: number | null): void {
    this.current = at;
    const finding = at === null ? null : this.findings[at];
    const own = concerned(this.given, finding?.annotation_id, finding?.relation_id);
    const known = concerned(this.feedback.known, finding?.known_annotation_id, finding?.known_relation_id);
    for (const [bench, objects] of [[this.beforeBench, own], [this.afterBench, known]] as const) bench.editor.select(objects.map((a) => a.annotation_id));
    const areas = [...own, ...known].map((a) => boundsOfGeometry(a.geometry));
    if (!areas.length) return;
    // What only one side has is not cut in two by the line.
    this.line = own.length && known.length ? 0.5 : own.length ? ASIDE : 1 - ASIDE;
    const { editor } = this.beforeBench;
    editor.viewport.focus(areas.reduce(union));
    editor.changed("view");
  }

  step(by: 1 | -1): void {
    const { length } = this.findings;
    if (length) this.look(this.current === null ? (by === 1 ? 0 : length - 1) : (this.current + by + length) % length);
  }

  flip(): void {
    this.mode = this.mode === "before" ? "after" : "before";
  }
}

/** The object a finding is of; of a relation, the objects at its ends. */
function concerned(labelling: Labelling, objectId: string | null | undefined, relationId: string | null | undefined): Annotation[] {
  const relation = labelling.relations?.find((r) => r.relation_id === relationId);
  return labelling.annotations.filter(({ annotation_id: id }) => id === objectId || id === relation?.from_id || id === relation?.to_id);
}
