/** Putting options in order: what a ranking is while it is made, and after a move. All functions give a new list of option ids, best first. */
import type { AttributeValue } from "../../engine/types";

/** The options that have a place so far; what the question does not know is left out. */
export function placedOf(optionIds: readonly string[], value: AttributeValue | undefined): string[] {
  const known = new Set(optionIds);
  return Array.isArray(value) ? [...new Set((value as readonly string[]).filter((id) => known.has(id)))] : [];
}

/** All options as they are listed: those with a place, best first, then the others as the question has them. */
export function listed(optionIds: readonly string[], value: AttributeValue | undefined): string[] {
  const placed = placedOf(optionIds, value);
  return [...placed, ...optionIds.filter((id) => !placed.includes(id))];
}

/** Gives the next place to an option, or takes its place away where it has one; null when nothing has a place any more. */
export function toggled(optionIds: readonly string[], value: AttributeValue | undefined, id: string): string[] | null {
  const placed = placedOf(optionIds, value);
  if (!placed.includes(id)) return completed(optionIds, [...placed, id]);
  const rest = placed.filter((other) => other !== id);
  return rest.length ? rest : null;
}

/** Puts an option to a place; beyond the placed ones it comes right after them. */
export function movedTo(optionIds: readonly string[], value: AttributeValue | undefined, id: string, place: number): string[] {
  const others = placedOf(optionIds, value).filter((other) => other !== id);
  const at = Math.max(0, Math.min(place, others.length));
  return completed(optionIds, [...others.slice(0, at), id, ...others.slice(at)]);
}

/** One up or down; an option without a place gets the next one. */
export function movedBy(optionIds: readonly string[], value: AttributeValue | undefined, id: string, by: 1 | -1): string[] {
  const placed = placedOf(optionIds, value);
  const at = placed.indexOf(id);
  return movedTo(optionIds, value, id, at < 0 ? placed.length : at + by);
}

/** The last one left can only come last. */
function completed(optionIds: readonly string[], placed: readonly string[]): string[] {
  const left = optionIds.filter((id) => !placed.includes(id));
  return left.length === 1 ? [...placed, left[0]!] : [...placed];
}
