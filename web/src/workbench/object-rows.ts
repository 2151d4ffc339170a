/** Which objects a list shows, and in which order. */
import type { Entry } from "../engine/edits/delta";
import { isFromPrelabel } from "../engine/assist/source";
import { boundsOfGeometry, shapeOf } from "../engine/shapes/registry";
import type { Annotation, Attribute, AttributeValue, OntologyClass } from "../engine/types";
import { msg } from "../engine/text";

export const sortings = ["above", "class", "size", "score"] as const;
export type Sorting = (typeof sortings)[number];

export const sortingNames: Readonly<Record<Sorting, string>> = { above: msg`Top first`, class: msg`By class`, size: msg`Largest first`, score: msg`Least sure first` };

export const textSortingNames: Readonly<Record<Sorting, string>> = { ...sortingNames, above: msg`As in the text`, size: msg`Longest first` };

/** What a filter may ask of an object besides its own words. */
export interface RowFacts {
  readonly classOf: (annotation: Annotation) => OntologyClass | null;
  readonly isHidden: (id: string) => boolean;
  readonly isLocked: (id: string) => boolean;
  readonly hasProblem: (annotation: Annotation) => boolean;
  /** What a span says; empty for others. */
  readonly textOf: (annotation: Annotation) => string;
}

type Test = (annotation: Annotation, facts: RowFacts) => boolean;

const STATES: Readonly<Record<string, Test>> = {
  occluded: (a) => a.is_occluded,
  truncated: (a) => a.is_truncated,
  hidden: (a, f) => f.isHidden(a.annotation_id),
  locked: (a, f) => f.isLocked(a.annotation_id),
  open: (a, f) => f.hasProblem(a),
  prelabel: isFromPrelabel,
};

/**
 * Words that must all fit. `car` is looked for in class, shape, attributes and their values; `class:car`, `shape:box`, `side:left` and
 * `is:occluded` (truncated, hidden, locked, open, prelabel) ask one thing; `score<0.5` and `score>0.9` compare; a minus before a word turns it round.
 */
export function filterOf(query: string): Test {
  const tests = (query.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => testOf(word.replaceAll('"', "").toLowerCase()));
  return (annotation, facts) => tests.every((test) => test(annotation, facts));
}

function testOf(word: string): Test {
  if (word.length > 1 && word.startsWith("-")) {
    const test = testOf(word.slice(1));
    return (a, facts) => !test(a, facts);
  }
  const score = /^score([<>])(\d*\.?\d+)$/.exec(word);
  if (score) return (a) => a.score !== null && (score[1] === "<" ? a.score < Number(score[2]) : a.score > Number(score[2]));
  const at = word.indexOf(":");
  if (at <= 0 || at === word.length - 1) return (a, facts) => wordsOf(a, facts).some((text) => text.includes(word));
  const [field, wanted] = [word.slice(0, at), word.slice(at + 1)];
  if (field === "is") return STATES[wanted] ?? (() => false);
  if (field === "class") return (a, facts) => className(a, facts).includes(wanted);
  if (field === "shape") return (a) => shapeName(a).includes(wanted);
  return (a, facts) => attributesOf(a, facts).some(({ attribute, value }) => attribute.name.toLowerCase().includes(field) && valueWords(attribute, value).some((v) => v.includes(wanted)));
}

/** Spans have the order of the text in place of that of the stack. */
export function sortedRows(entries: readonly Entry[], by: Sorting, facts: RowFacts): readonly Entry[] {
  if (by === "above") return entries.some((e) => e.annotation.geometry.kind === "span") ? [...entries].sort(byPlace) : entries;
  const rank: Readonly<Record<Exclude<Sorting, "above">, (a: Annotation) => number | string>> = {
    class: (a) => className(a, facts),
    size: (a) => -areaOf(a),
    score: (a) => a.score ?? 2,
  };
  const keyed = entries.map((entry) => ({ entry, rank: rank[by](entry.annotation) }));
  // Equal ones keep the order they have.
  return keyed.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0)).map((k) => k.entry);
}

/** What is said of an object beside its class: attribute values, in short. */
export function noteOf(annotation: Annotation, item: OntologyClass | null): string {
  return (item?.attributes ?? []).flatMap((attribute) => {
    const value = annotation.attributes[attribute.attribute_id];
    if (value === undefined) return [];
    if (typeof value === "boolean") return value ? [attribute.name] : [];
    return [(Array.isArray(value) ? (value as readonly string[]) : [value]).map((v) => optionName(attribute, v as AttributeValue)).join(", ")];
  }).filter(Boolean).join(" · ");
}

function byPlace({ annotation: a }: Entry, { annotation: b }: Entry): number {
  const [one, other] = [boundsOfGeometry(a.geometry), boundsOfGeometry(b.geometry)];
  return one.x0 - other.x0 || other.x1 - one.x1;
}

function areaOf(a: Annotation): number {
  const b = boundsOfGeometry(a.geometry);
  return (b.x1 - b.x0) * (b.y1 - b.y0);
}

function className(a: Annotation, facts: RowFacts): string {
  return (facts.classOf(a)?.name ?? a.class_id).toLowerCase();
}

function shapeName(a: Annotation): string {
  return shapeOf(a.geometry).name.toLowerCase();
}

function attributesOf(a: Annotation, facts: RowFacts): { attribute: Attribute; value: AttributeValue }[] {
  return (facts.classOf(a)?.attributes ?? []).flatMap((attribute) => {
    const value = a.attributes[attribute.attribute_id];
    return value === undefined ? [] : [{ attribute, value }];
  });
}

function optionName(attribute: Attribute, value: AttributeValue): string {
  return attribute.options.find((o) => o.option_id === value)?.name ?? String(value);
}

function valueWords(attribute: Attribute, value: AttributeValue): string[] {
  if (typeof value === "boolean") return value ? ["yes", "true"] : ["no", "false"];
  return (Array.isArray(value) ? value : [value]).map((v: AttributeValue) => optionName(attribute, v).toLowerCase());
}

function wordsOf(a: Annotation, facts: RowFacts): string[] {
  return [className(a, facts), shapeName(a), facts.textOf(a).toLowerCase(), ...attributesOf(a, facts).flatMap(({ attribute, value }) => (typeof value === "boolean" ? (value ? [attribute.name.toLowerCase()] : []) : valueWords(attribute, value)))];
}
