/** Answers as JSON text. What a picture with thousands of points says is put into words while nobody waits, object by object. */
import type { Annotation, Labelling } from "../engine/types";
import type { EntryBody } from "./kept";

/** Objects are never changed, only replaced, so what was said of one stays true. */
const said = new WeakMap<Annotation, string>();

/** The same as JSON.stringify gives, but for the order of the fields. */
export function bodyText(body: EntryBody): string {
  if (!("labelling" in body) || !body.labelling) return JSON.stringify(body);
  const { labelling, ...rest } = body;
  return `{"labelling":${labellingText(labelling)},${JSON.stringify(rest).slice(1)}`;
}

/** A labelling in words; called ahead, only what changes from there on is left to be said. */
export function labellingText({ annotations, ...rest }: Labelling): string {
  return `{"annotations":[${annotations.map(textOf).join(",")}],${JSON.stringify(rest).slice(1)}`;
}

function textOf(annotation: Annotation): string {
  let text = said.get(annotation);
  if (text === undefined) said.set(annotation, (text = JSON.stringify(annotation)));
  return text;
}
