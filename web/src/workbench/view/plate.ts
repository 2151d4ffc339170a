/** What the plate of an object says. */
import type { Annotation, AttributeValue, OntologyClass } from "../../engine/types";

export interface PlateRule {
  readonly hasName: boolean;
  readonly hasAttributes: boolean;
  readonly hasScore: boolean;
}

export function plateText(annotation: Annotation, item: OntologyClass | null, rule: PlateRule): string {
  const parts = [
    rule.hasName ? (item?.name ?? annotation.class_id) : "",
    rule.hasScore && annotation.score !== null ? annotation.score.toFixed(2) : "",
    rule.hasAttributes ? attributesText(annotation, item) : "",
  ];
  return parts.filter(Boolean).join("  ");
}

/** The values by the names that people know: "Left · Lamp on". */
export function attributesText({ attributes }: Annotation, item: OntologyClass | null): string {
  const said = Object.entries(attributes).map(([id, value]) => {
    const attribute = item?.attributes.find((a) => a.attribute_id === id);
    return attribute ? valueText(value, attribute) : "";
  });
  return said.filter(Boolean).join(" · ");
}

function valueText(value: AttributeValue, attribute: OntologyClass["attributes"][number]): string {
  if (typeof value === "boolean") return value ? attribute.name : "";
  const nameOf = (id: string): string => attribute.options.find((o) => o.option_id === id)?.name ?? id;
  if (Array.isArray(value)) return value.map((v) => nameOf(String(v))).join(", ");
  return attribute.options.length ? nameOf(String(value)) : String(value);
}
