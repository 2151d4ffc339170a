/** What a label is, in the words of the wire: the engine edits these objects and nothing else. */
import type { Point } from "./geometry";

export interface BoxGeometry {
  readonly kind: "box";
  readonly box_xyxy: readonly [x0: number, y0: number, x1: number, y1: number];
}

export interface PolygonGeometry {
  readonly kind: "polygon";
  /** First ring outer, further rings holes; rings are not closed (last point differs from the first). */
  readonly rings: readonly (readonly Point[])[];
}

/** Each kind has one entry here and one module in `shapes/`. */
export interface GeometryByKind {
  box: BoxGeometry;
  polygon: PolygonGeometry;
}

export type GeometryKind = keyof GeometryByKind;
export type Geometry = GeometryByKind[GeometryKind];

/** option_id, [option_id], number, text or yes/no. */
export type AttributeValue = string | readonly string[] | number | boolean;
export type AttributeValues = Readonly<Record<string, AttributeValue>>;

export interface Annotation {
  readonly annotation_id: string;
  readonly class_id: string;
  readonly geometry: Geometry;
  readonly attributes: AttributeValues;
  readonly is_occluded: boolean;
  readonly is_truncated: boolean;
  /** Only predictions and consensus objects carry a score. */
  readonly score: number | null;
  /** For example the annotation_id of the pre-label it came from. */
  readonly origin: string | null;
}

export interface Labelling {
  readonly annotations: readonly Annotation[];
  readonly answers: AttributeValues;
}

export interface AttributeOption {
  readonly option_id: string;
  readonly name: string;
}

export interface Condition {
  readonly attribute_id: string;
  readonly equals: readonly AttributeValue[];
}

export interface Attribute {
  readonly attribute_id: string;
  readonly name: string;
  readonly kind: "choice" | "multi_choice" | "number" | "text" | "boolean";
  readonly options: readonly AttributeOption[];
  readonly is_required: boolean;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly default: AttributeValue | null;
  readonly condition: Condition | null;
}

export interface OntologyClass {
  readonly class_id: string;
  readonly name: string;
  readonly color: string;
  readonly parent_id: string | null;
  readonly geometry_kinds: readonly string[];
  readonly attributes: readonly Attribute[];
}

export interface Ontology {
  readonly classes: readonly OntologyClass[];
  readonly questions: readonly Attribute[];
}
