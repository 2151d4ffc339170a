/** The way through the objects in attribute mode. */
import type { Editor } from "../../engine/editor";
import { readingOrder } from "../../engine/commands";
import { findClass } from "../../engine/ontology";
import type { Annotation } from "../../engine/types";
import { openAttributes } from "./values";

/** Whether its class asks anything of an object. */
export function isAsked(editor: Editor, annotation: Annotation): boolean {
  return (findClass(editor.ontology, annotation.class_id)?.attributes.length ?? 0) > 0;
}

export function isOpen(editor: Editor, annotation: Annotation): boolean {
  const item = findClass(editor.ontology, annotation.class_id);
  return item !== null && openAttributes(item.attributes, annotation.attributes).length > 0;
}

/** Objects to walk through, in reading order: those whose class asks something; only open ones, if so wished. */
export function stops(editor: Editor, skipsAnswered: boolean): string[] {
  return readingOrder(editor).filter((id) => {
    const annotation = editor.document.findAnnotation(id);
    return annotation !== null && (skipsAnswered ? isOpen(editor, annotation) : isAsked(editor, annotation));
  });
}

/** The stop after or before an object, which itself may be none; null when there is no other. */
export function nextStop(editor: Editor, from: string | null, step: 1 | -1, skipsAnswered: boolean): string | null {
  const wanted = new Set(stops(editor, skipsAnswered));
  const order = readingOrder(editor).filter((id) => id === from || wanted.has(id));
  if (!order.length) return null;
  const at = from === null ? -1 : order.indexOf(from);
  const next = order[at < 0 ? (step === 1 ? 0 : order.length - 1) : (at + step + order.length) % order.length]!;
  return next === from && !wanted.has(next) ? null : next;
}
