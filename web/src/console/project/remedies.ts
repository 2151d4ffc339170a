/** What is done about labels that a change of the ontology touches, as chosen in the form. */
import type { Finding, Remedy, Rule } from "../../api/console-types";
import type { AttributeKind, DraftAttribute, DraftClass } from "./ontology-draft.svelte";
import { msg } from "../../engine/text";

/** `to` is an id for `map`, a value as typed for `fill`. */
export interface Answer {
  readonly action: Remedy;
  readonly to: string;
}

/** By the finding's place in the report. */
export type Answers = Readonly<Record<number, Answer | undefined>>;

export const REMEDY_NAMES: Readonly<Record<Remedy, string>> = { map: msg`Read them as`, drop: msg`Leave them out`, convert: msg`Redraw them in a shape it still has`, fill: msg`Fill in`, keep: msg`Leave them as they are` };

interface Drafted {
  readonly classes: readonly DraftClass[];
  readonly questions: readonly DraftAttribute[];
}

const attributesOf = (draft: Drafted, finding: Finding): readonly DraftAttribute[] =>
  finding.subject.class_id === null ? draft.questions : (draft.classes.find((c) => c.class_id === finding.subject.class_id)?.attributes ?? []);

/** The attribute or question it is about, where it still exists. */
export const attributeOf = (draft: Drafted, finding: Finding): DraftAttribute | null =>
  attributesOf(draft, finding).find((a) => a.attribute_id === finding.subject.attribute_id) ?? null;

/** What a subject can be read as, of its own sort. */
export function targetsOf(draft: Drafted, finding: Finding): { id: string; name: string }[] {
  if (finding.subject.option_id !== null) return (attributeOf(draft, finding)?.options ?? []).map((o) => ({ id: o.option_id, name: o.name }));
  if (finding.subject.attribute_id !== null) return attributesOf(draft, finding).map((a) => ({ id: a.attribute_id, name: a.name }));
  return draft.classes.map((c) => ({ id: c.class_id, name: c.name }));
}

/** Whether saving has to wait for an answer. */
export function isUnanswered(finding: Finding, answer: Answer | undefined): boolean {
  if (!answer?.action) return finding.severity === "breaking" && finding.remedies.length > 0;
  return (answer.action === "map" || answer.action === "fill") && !answer.to;
}

export function rulesOf(findings: readonly Finding[], answers: Answers, kindOf: (finding: Finding) => AttributeKind | null = () => null): Rule[] {
  return findings.flatMap((finding, i): Rule[] => {
    const answer = answers[i];
    if (!answer?.action) return [];
    const rule = { subject: finding.subject, action: answer.action };
    if (answer.action === "map") return [{ ...rule, to: answer.to || finding.suggestion }];
    return [answer.action === "fill" ? { ...rule, value: valueOf(answer.to, kindOf(finding)) } : rule];
  });
}

function valueOf(typed: string, kind: AttributeKind | null): NonNullable<Rule["value"]> {
  if (kind === "boolean") return typed === "true";
  if (kind === "number") return Number(typed);
  return kind === "multi_choice" ? [typed] : typed;
}
