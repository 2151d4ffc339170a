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

export interface MaskGeometry {
  readonly kind: "mask";
  /** Top left pixel of the tight box around the foreground. */
  readonly origin_xy: readonly [x: number, y: number];
  readonly size_wh: readonly [width: number, height: number];
  /** Lengths of runs inside that box, row by row, background and foreground in turn; the first is background and may be 0. */
  readonly runs: readonly number[];
}

export interface RotatedBoxGeometry {
  readonly kind: "rotated_box";
  readonly center_xy: Point;
  /** Both above zero; the side w lies along the angle. */
  readonly size_wh: readonly [w: number, h: number];
  /** Clockwise on screen, in [0, 360). */
  readonly angle_deg: number;
}

export interface PolylineGeometry {
  readonly kind: "polyline";
  readonly points: readonly Point[];
}

export interface BezierNode {
  readonly at: Point;
  /** Absolute, like `at`; a corner has both handles where it is itself. */
  readonly handle_in: Point;
  readonly handle_out: Point;
}

export interface BezierGeometry {
  readonly kind: "bezier";
  readonly nodes: readonly BezierNode[];
  readonly is_closed: boolean;
}

export interface EllipseGeometry {
  readonly kind: "ellipse";
  readonly center_xy: Point;
  readonly radii_xy: readonly [rx: number, ry: number];
  /** Clockwise on screen, in [0, 180). */
  readonly angle_deg: number;
}

export interface PointGeometry {
  readonly kind: "point";
  readonly point_xy: Point;
}

export type NodeState = "visible" | "occluded" | "outside";

export interface SkeletonNode {
  readonly node_id: string;
  readonly at: Point;
  readonly state: NodeState;
}

export interface SkeletonGeometry {
  readonly kind: "skeleton";
  /** Every node of the class' template once, in its order. */
  readonly nodes: readonly SkeletonNode[];
}

export interface CuboidGeometry {
  readonly kind: "cuboid";
  /** Front face from the top left clockwise, then the back face likewise. */
  readonly corners: readonly Point[];
}

/** A stretch of a text, in Unicode code points: JavaScript's own offsets count UTF-16 units. */
export interface SpanGeometry {
  readonly kind: "span";
  readonly start: number;
  /** Behind the last character. */
  readonly end: number;
}

/** Each kind has one entry here and one module in `shapes/`. */
export interface GeometryByKind {
  box: BoxGeometry;
  polygon: PolygonGeometry;
  rotated_box: RotatedBoxGeometry;
  polyline: PolylineGeometry;
  bezier: BezierGeometry;
  ellipse: EllipseGeometry;
  point: PointGeometry;
  skeleton: SkeletonGeometry;
  cuboid: CuboidGeometry;
  mask: MaskGeometry;
  span: SpanGeometry;
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
  /** Objects of one group share it. */
  readonly group_id: string | null;
}

/** How one object is related to another one of the same labelling. */
export interface Relation {
  readonly relation_id: string;
  readonly relation_type_id: string;
  readonly from_id: string;
  readonly to_id: string;
  /** Only predictions and consensus carry a score. */
  readonly score: number | null;
}

export interface Labelling {
  readonly annotations: readonly Annotation[];
  readonly answers: AttributeValues;
  readonly relations?: readonly Relation[];
}

export interface AttributeOption {
  readonly option_id: string;
  readonly name: string;
}

/** Met where another attribute of the same object has one of these values. */
export interface SimpleCondition {
  readonly attribute_id: string;
  readonly equals: readonly AttributeValue[];
}

export type Condition = SimpleCondition | { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] };

export type AttributeKind = "choice" | "multi_choice" | "number" | "text" | "boolean" | "ranking" | "date";

export interface Attribute {
  readonly attribute_id: string;
  readonly name: string;
  readonly kind: AttributeKind;
  readonly options: readonly AttributeOption[];
  readonly is_required: boolean;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly default: AttributeValue | null;
  readonly condition: Condition | null;
  /** Shown under the name. */
  readonly description?: string;
}

export interface TemplateNode {
  readonly node_id: string;
  readonly name: string;
  /** Where it stands when the template is placed: 0..1 of its box. */
  readonly at: Point;
}

/** What a skeleton of a class is made of. */
export interface SkeletonTemplate {
  readonly nodes: readonly TemplateNode[];
  /** Pairs of node_ids. */
  readonly edges: readonly (readonly [string, string])[];
}

export interface OntologyClass {
  readonly class_id: string;
  readonly name: string;
  readonly color: string;
  readonly parent_id: string | null;
  readonly geometry_kinds: readonly string[];
  readonly attributes: readonly Attribute[];
  /** There when it is drawn as a skeleton. */
  readonly skeleton?: SkeletonTemplate | null;
}

/** One way in which objects may be related; no classes named means any. */
export interface RelationType {
  readonly relation_type_id: string;
  readonly name: string;
  readonly is_directed: boolean;
  readonly from_class_ids: readonly string[];
  readonly to_class_ids: readonly string[];
}

export interface Ontology {
  readonly classes: readonly OntologyClass[];
  readonly questions: readonly Attribute[];
  readonly relation_types?: readonly RelationType[];
}
