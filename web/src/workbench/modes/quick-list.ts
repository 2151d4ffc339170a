/** What quick mode asks about a task, one decision at a time, and what was said. Plain data, kept with the draft. */
import { askedAttributes, findClass, isAnswered } from "../../engine/ontology";
import { isFromPrelabel } from "../../engine/assist/source";
import type { Annotation, AttributeValue, Labelling, Ontology } from "../../engine/types";
import type { Entry } from "../../engine/edits/delta";

export type Verdict = "accept" | "reject" | "skip";

/** What is decided: whether an object is right, what it must say of itself, a question about the picture, whether something was missed. */
export type Subject =
  | { readonly kind: "object"; readonly id: string }
  | { readonly kind: "attribute"; readonly id: string; readonly attributeId: string }
  | { readonly kind: "question"; readonly id: string }
  | { readonly kind: "missing"; readonly id: "missing" };

export interface Decision {
  readonly subject: Subject;
  readonly verdict: Verdict;
  /** What a rejected object was, so that it can come back. */
  readonly removed: Entry | null;
  /** The answer before, for questions and attributes. */
  readonly before: AttributeValue | null;
}

export interface QuickDraft {
  readonly decisions: readonly Decision[];
}

export function readQuickDraft(json: unknown): QuickDraft {
  const found = json as Partial<QuickDraft> | undefined;
  return { decisions: Array.isArray(found?.decisions) ? found.decisions : [] };
}

/** Objects that came with the task in reading order, then the questions, then what may be missing. */
export function subjectsOf(order: readonly string[], objects: readonly Annotation[], ontology: Ontology, asksMissing: boolean): Subject[] {
  const place = new Map(order.map((id, i) => [id, i]));
  const given = objects
    .filter(isFromPrelabel)
    .map((a) => a.annotation_id)
    .sort((a, b) => (place.get(a) ?? order.length) - (place.get(b) ?? order.length));
  return [
    ...given.map((id): Subject => ({ kind: "object", id })),
    ...ontology.questions.map((q): Subject => ({ kind: "question", id: q.attribute_id })),
    ...(asksMissing && ontology.classes.length ? [{ kind: "missing", id: "missing" } as const] : []),
  ];
}

/** The first subject that nothing was said about and that is still asked. */
export function nextSubject(subjects: readonly Subject[], decisions: readonly Decision[], now: Labelling, ontology: Ontology): Subject | null {
  const said = new Set(decisions.map((d) => key(d.subject)));
  const objects = new Set(now.annotations.map((a) => a.annotation_id));
  const asked = new Set(askedAttributes(ontology.questions, now.answers).map((q) => q.attribute_id));
  const isAsked = (s: Subject): boolean => (s.kind === "object" ? objects.has(s.id) : s.kind === "question" ? asked.has(s.id) : true);
  for (const subject of subjects) {
    if (!said.has(key(subject))) {
      if (isAsked(subject)) return subject;
    } else if (subject.kind === "object") {
      const open = requiredOf(now.annotations.find((a) => a.annotation_id === subject.id), ontology).find((s) => !said.has(key(s)));
      if (open) return open;
    }
  }
  return null;
}

/** What an object must say of itself and does not. */
function requiredOf(annotation: Annotation | undefined, ontology: Ontology): Subject[] {
  const item = annotation && findClass(ontology, annotation.class_id);
  if (!item) return [];
  return askedAttributes(item.attributes, annotation.attributes)
    .filter((a) => a.is_required && !isAnswered(annotation.attributes[a.attribute_id]))
    .map((a) => ({ kind: "attribute", id: annotation.annotation_id, attributeId: a.attribute_id }));
}

export function key(subject: Subject): string {
  return subject.kind === "attribute" ? `attribute:${subject.id}/${subject.attributeId}` : `${subject.kind}:${subject.id}`;
}

/** Decisions in a sitting, and how many a minute while somebody was at work. */
export class Tally {
  readonly #times: { readonly atMs: number; readonly verdict: Verdict }[] = [];

  constructor(private readonly pauseMs = 60_000) {}

  add(verdict: Verdict, atMs: number): void {
    this.#times.push({ atMs, verdict });
  }

  takeBack(): void {
    this.#times.pop();
  }

  count(verdict: Verdict): number {
    return this.#times.filter((t) => t.verdict === verdict).length;
  }

  get total(): number {
    return this.#times.length;
  }

  /** Decisions a minute over the last fifty; pauses do not count. Null until there are two. */
  perMinute(): number | null {
    const last = this.#times.slice(-50);
    let worked = 0;
    let steps = 0;
    for (let i = 1; i < last.length; i++) {
      const gap = last[i]!.atMs - last[i - 1]!.atMs;
      if (gap > this.pauseMs) continue;
      worked += gap;
      steps += 1;
    }
    return worked > 0 ? (steps * 60_000) / worked : null;
  }
}
