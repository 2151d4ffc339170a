/** Values by digits: what the digits mean for an attribute, and what is left open. */
import { askedAttributes, isAnswered } from "../../engine/ontology";
import type { Attribute, AttributeValue, AttributeValues } from "../../engine/types";
import { toggled } from "../form/ranking";
import { msg } from "../../engine/text";

/** One value that a digit stands for. */
export interface Option {
  /** 1 to 20; the tenth is the key 0, from the eleventh on with shift. */
  readonly digit: number;
  readonly name: string;
  readonly value: AttributeValue;
}

export const MOST_DIGITS = 20;
/** Small whole numbers are their own digits. */
const MOST_DIGIT_NUMBER = 9;

/** The values that digits choose; empty where the value is typed. */
export function optionsOf(attribute: Attribute): Option[] {
  switch (attribute.kind) {
    case "choice":
    case "multi_choice":
    case "ranking":
      return attribute.options.slice(0, MOST_DIGITS).map((o, i) => ({ digit: i + 1, name: o.name, value: o.option_id }));
    case "boolean":
      return [{ digit: 1, name: msg`Yes`, value: true }, { digit: 2, name: msg`No`, value: false }];
    case "number":
      return digitNumbers(attribute).map((n) => ({ digit: n === 0 ? 10 : n, name: String(n), value: n }));
    case "ranking":
    case "date":
    case "text":
    case "date":
      return [];
  }
}

function digitNumbers({ minimum, maximum }: Attribute): number[] {
  if (minimum === null || maximum === null || minimum < 0 || maximum > MOST_DIGIT_NUMBER) return [];
  const first = Math.ceil(minimum);
  return Array.from({ length: Math.max(0, Math.floor(maximum) - first + 1) }, (_, i) => first + i);
}

/** The value after a digit; null takes the answer away, undefined is a digit that means nothing here. */
export function valueAfter(attribute: Attribute, current: AttributeValue | undefined, digit: number): AttributeValue | null | undefined {
  const option = optionsOf(attribute).find((o) => o.digit === digit);
  if (!option) return undefined;
  if (attribute.kind === "ranking") return toggled(attribute.options.map((o) => o.option_id), current, option.value as string);
  if (attribute.kind !== "multi_choice") return option.value;
  const chosen = Array.isArray(current) ? (current as readonly string[]) : [];
  const id = option.value as string;
  const next = chosen.includes(id) ? chosen.filter((v) => v !== id) : [...chosen, id];
  return next.length ? next : null;
}

export function isChosen(option: Option, current: AttributeValue | undefined): boolean {
  return Array.isArray(current) ? current.includes(option.value as string) : current === option.value;
}

/** Whether one digit says all, so that the next attribute may follow by itself. */
export function isSaidAtOnce(attribute: Attribute): boolean {
  return attribute.kind !== "multi_choice" && attribute.kind !== "ranking" && optionsOf(attribute).length > 0;
}

/** What is asked and has no answer. */
export function openAttributes(attributes: readonly Attribute[], values: AttributeValues): Attribute[] {
  return askedAttributes(attributes, values).filter((a) => !isAnswered(values[a.attribute_id]));
}

/** A value for people. */
export function shownValue(attribute: Attribute, value: AttributeValue | undefined): string {
  if (!isAnswered(value)) return "";
  const nameOf = (v: AttributeValue): string => attribute.options.find((o) => o.option_id === v)?.name ?? String(v);
  if (typeof value === "boolean") return value ? msg`Yes` : msg`No`;
  return Array.isArray(value) ? value.map(nameOf).join(attribute.kind === "ranking" ? " › " : ", ") : nameOf(value!);
}
