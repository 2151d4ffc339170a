/** Quick mode: one decision a screen. Right, wrong, skip, back; the task is handed in after the last one. */
import { readingOrder, setAttribute } from "../../engine/commands";
import { findClass } from "../../engine/ontology";
import type { Annotation, Attribute, AttributeValue } from "../../engine/types";
import type { Bench } from "../bench.svelte";
import { type Decision, type QuickDraft, type Subject, type Verdict, Tally, nextSubject, subjectsOf } from "./quick-list";
import { optionsOf, valueAfter } from "./values";
import { msg } from "../../engine/text";

export interface QuickPorts {
  readonly now: () => number;
  /** Hands the task in. */
  readonly submit: () => void;
  /** Opens the task before this one again; false when it was sent. */
  readonly takeBack: () => Promise<boolean>;
  /** Lets the person work on the open task by hand. */
  readonly pause: (why: string) => void;
  readonly changed: () => void;
  readonly say: (text: string) => void;
  readonly asksMissing: () => boolean;
}

export class Quick {
  #decisions = $state.raw<readonly Decision[]>([]);
  #tallied = $state(0);
  /** Of a sitting, whatever the task. */
  readonly #tally: Tally;
  #found: readonly Subject[] | null = null;

  constructor(readonly bench: Bench, draft: QuickDraft, tally: Tally, private readonly ports: QuickPorts) {
    this.#tally = tally;
    this.#decisions = draft.decisions;
  }

  /** Looked up when the mode is first entered: most tasks are worked on without it. */
  get #subjects(): readonly Subject[] {
    const { editor } = this.bench;
    return (this.#found ??= subjectsOf(readingOrder(editor), editor.base.annotations, editor.ontology, this.ports.asksMissing()));
  }

  get draft(): QuickDraft {
    return { decisions: this.#decisions };
  }

  readonly subject: Subject | null = $derived.by(() => {
    void this.bench.documentVersion;
    const { document, ontology } = this.bench.editor;
    return nextSubject(this.#subjects, this.#decisions, document.toLabelling(), ontology);
  });

  /** The object in question. */
  get object(): Annotation | null {
    void this.bench.documentVersion;
    const { subject } = this;
    return subject?.kind === "object" || subject?.kind === "attribute" ? this.bench.editor.document.findAnnotation(subject.id) : null;
  }

  /** What is asked with values of its own: about the picture, or what the object must say. */
  get question(): Attribute | null {
    const { subject } = this;
    const { ontology } = this.bench.editor;
    if (subject?.kind === "question") return ontology.questions.find((q) => q.attribute_id === subject.id) ?? null;
    if (subject?.kind !== "attribute" || !this.object) return null;
    return findClass(ontology, this.object.class_id)?.attributes.find((a) => a.attribute_id === subject.attributeId) ?? null;
  }

  get answer(): AttributeValue | undefined {
    if (!this.question) return undefined;
    return (this.subject?.kind === "attribute" ? this.object!.attributes : this.bench.answers)[this.question.attribute_id];
  }

  get skipped(): number {
    return this.#decisions.filter((d) => d.verdict === "skip").length;
  }

  get place(): { readonly at: number; readonly of: number } {
    return { at: Math.min(this.#decisions.length + 1, this.#subjects.length), of: this.#subjects.length };
  }

  get counts(): { readonly accept: number; readonly reject: number; readonly skip: number; readonly perMinute: number | null } {
    void this.#tallied;
    return { accept: this.#tally.count("accept"), reject: this.#tally.count("reject"), skip: this.#tally.count("skip"), perMinute: this.#tally.perMinute() };
  }

  /** Shows what is decided next. */
  show(): void {
    const { editor } = this.bench;
    const id = this.object?.annotation_id;
    const bounds = id === undefined ? null : editor.scene.boundsOf(id);
    editor.select(bounds ? [id!] : []);
    if (bounds) editor.viewport.focus(bounds);
    else editor.viewport.fit();
    editor.changed("view");
  }

  accept(): void {
    const { question, subject } = this;
    if (!subject) return this.#finish();
    if (question?.kind === "boolean") return this.#say(subject, "accept", true);
    if (question && this.answer === undefined && question.is_required) return this.ports.say(optionsOf(question).length ? msg`Choose by a digit.` : msg`Type the answer first.`);
    this.#decide({ subject, verdict: "accept", removed: null, before: this.answer ?? null });
  }

  reject(): void {
    const { question, subject } = this;
    const { editor } = this.bench;
    if (!subject) return this.ports.pause(msg`Change what you like, then submit. Quick mode goes on with the next task.`);
    if (subject.kind === "missing") return this.ports.pause(msg`Draw what is missing, then submit. Quick mode goes on with the next task.`);
    if (question?.kind === "boolean") return this.#say(subject, "reject", false);
    if (question) {
      // What was suggested is wrong: it goes, and a digit says what is right.
      if (this.answer !== undefined) this.set(null);
      return this.ports.say(msg`Choose by a digit, or skip it.`);
    }
    const removed = editor.document.find(subject.id);
    if (!removed) return;
    if (!editor.canEdit(subject.id)) return this.ports.say(msg`The object is locked; unlock it first.`);
    const name = findClass(editor.ontology, removed.annotation.class_id)?.name ?? "object";
    this.#decide({ subject, verdict: "reject", removed, before: null }, () => editor.remove([subject.id], msg`Reject ${name}`));
  }

  skip(): void {
    const { subject } = this;
    if (subject) this.#decide({ subject, verdict: "skip", removed: null, before: null });
  }

  digit(digit: number): void {
    const { question, subject } = this;
    if (!question || !subject) return;
    const value = valueAfter(question, this.answer, digit);
    if (value === undefined) return;
    if (question.kind === "multi_choice") return this.set(value);
    this.#say(subject, value === false ? "reject" : "accept", value);
  }

  /** Sets an answer that is typed or has many parts; a press of accept goes on. */
  set(value: AttributeValue | null): void {
    const { question, subject } = this;
    if (question && subject) this.#put(subject, question.attribute_id, question.name, value);
  }

  /** Takes back the last decision, be it of the task before this one. */
  async back(): Promise<void> {
    const last = this.#decisions.at(-1);
    if (!last) {
      if (!(await this.ports.takeBack())) this.ports.say(msg`There is nothing to take back: what was sent is sent.`);
      return;
    }
    this.#decisions = this.#decisions.slice(0, -1);
    const { editor } = this.bench;
    if (last.removed && !editor.document.find(last.subject.id)) editor.put([last.removed], msg`Take back a rejection`);
    if (last.subject.kind === "question") this.#put(last.subject, last.subject.id, "answer", last.before);
    if (last.subject.kind === "attribute") this.#put(last.subject, last.subject.attributeId, "answer", last.before);
    this.#tally.takeBack();
    this.#tallied += 1;
    this.ports.changed();
    this.show();
  }

  /** Goes through what was skipped once more. */
  again(): void {
    this.#decisions = this.#decisions.filter((d) => d.verdict !== "skip");
    this.ports.changed();
    this.show();
  }

  #say(subject: Subject, verdict: Verdict, value: AttributeValue | null): void {
    const { question } = this;
    if (!question) return;
    const before = this.answer ?? null;
    this.#decide({ subject, verdict, removed: null, before }, () => this.set(value));
  }

  #put(subject: Subject, attributeId: string, name: string, value: AttributeValue | null): void {
    if (subject.kind === "attribute") setAttribute(this.bench.editor, subject.id, attributeId, value, name);
    else this.bench.editor.answer(attributeId, value, msg`Answer ${name}`);
  }

  #decide(decision: Decision, change?: () => void): void {
    change?.();
    this.#decisions = [...this.#decisions, decision];
    this.#tally.add(decision.verdict, this.ports.now());
    this.#tallied += 1;
    this.ports.changed();
    if (this.subject) return this.show();
    // What was skipped is for the person to settle; otherwise there is nothing more to say.
    if (this.skipped) this.show();
    else this.#finish();
  }

  #finish(): void {
    this.ports.submit();
  }
}
