/** A list of attributes in hand, one at a time: up and down, digits, and what is typed. Objects and the picture's questions share it. */
import { isAnswered } from "../../engine/ontology";
import type { Attribute, AttributeValue, AttributeValues } from "../../engine/types";
import { isSaidAtOnce, optionsOf, valueAfter } from "./values";

export interface SheetPorts {
  /** What is asked now, given the answers so far. */
  readonly asked: () => readonly Attribute[];
  readonly values: () => AttributeValues;
  readonly set: (attribute: Attribute, value: AttributeValue | null) => void;
  /** Puts the cursor into the field of an attribute that is typed. */
  readonly type: (attribute: Attribute, digit: number) => void;
  /** Brings the keys to the attribute in hand, where they are elsewhere on the page; false where they are there. */
  readonly enter?: (attribute: Attribute) => boolean;
}

export class Sheet {
  #atId = $state<string | null>(null);

  constructor(private readonly ports: SheetPorts) {}

  get asked(): readonly Attribute[] {
    return this.ports.asked();
  }

  get values(): AttributeValues {
    return this.ports.values();
  }

  /** The attribute in hand; the first when the one that was is asked no more. */
  get current(): Attribute | null {
    const asked = this.ports.asked();
    return asked.find((a) => a.attribute_id === this.#atId) ?? asked[0] ?? null;
  }

  /** Takes an attribute in hand. */
  take(attributeId: string): void {
    this.#atId = attributeId;
  }

  /** Takes the first open one in hand, or the first. */
  start(): void {
    const asked = this.ports.asked();
    this.#atId = (asked.find((a) => this.#isOpen(a)) ?? asked[0])?.attribute_id ?? null;
  }

  /** To the next or the one before, round and round. */
  step(by: 1 | -1): void {
    const asked = this.ports.asked();
    if (!asked.length || (this.current && this.ports.enter?.(this.current))) return;
    const at = asked.findIndex((a) => a.attribute_id === this.current?.attribute_id);
    this.#atId = asked[(at + by + asked.length) % asked.length]!.attribute_id;
  }

  digit(digit: number): void {
    const attribute = this.current;
    if (!attribute) return;
    const value = valueAfter(attribute, this.ports.values()[attribute.attribute_id], digit);
    if (value === undefined) {
      if (attribute.kind === "number" || attribute.kind === "text" || attribute.kind === "date") this.ports.type(attribute, digit);
      return;
    }
    this.answer(attribute, value);
  }

  /** Sets a value; what is said at once leads to what is still open. */
  answer(attribute: Attribute, value: AttributeValue | null): void {
    this.take(attribute.attribute_id);
    this.ports.set(attribute, value);
    if (value !== null && isSaidAtOnce(attribute)) this.#goOn(attribute);
  }

  clear(): void {
    const attribute = this.current;
    if (attribute) this.ports.set(attribute, null);
  }

  get openCount(): number {
    return this.ports.asked().filter((a) => this.#isOpen(a)).length;
  }

  #goOn(after: Attribute): void {
    const asked = this.ports.asked();
    const at = asked.findIndex((a) => a.attribute_id === after.attribute_id);
    const next = [...asked.slice(at + 1), ...asked.slice(0, Math.max(0, at))].find((a) => this.#isOpen(a));
    // What is typed and may stay empty does not take the keys by itself: the next digit may be meant for the same question.
    if (next && (next.is_required || optionsOf(next).length)) this.#atId = next.attribute_id;
  }

  #isOpen(attribute: Attribute): boolean {
    return !isAnswered(this.ports.values()[attribute.attribute_id]);
  }
}
