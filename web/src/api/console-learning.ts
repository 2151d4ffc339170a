/** What the console reads and sends of datasets, training and evaluation, by the wire's names. */
import type { Estimate, JobState } from "./console-types";
import type { Geometry, Media, Page } from "./types";

// --- datasets

export interface Dataset {
  dataset_id: string;
  workspace_id: string;
  name: string;
  created_ms: number;
  version_count: number;
}

export interface VersionPolicy {
  project_ids: string[];
  item_ids?: string[] | null;
  labels: {
    label_kinds: ("consensus" | "gold")[];
    task_states: string[];
    reviewed_only: boolean;
    minimum_posterior: number;
    below_minimum: "drop_object" | "drop_item";
    include_empty: boolean;
  };
  split: {
    mode: "hash" | "fixed" | "metadata";
    fractions: Record<string, number>;
    seed: number;
    fixed_split: string;
    metadata_key: string;
    duplicate_distance: number;
  };
  keep_apart_from: string[];
}

export interface SplitFacts {
  items: number;
  empty_items: number;
  objects: number;
  classes: Record<string, number>;
}

export interface Spread {
  p05?: number;
  median?: number;
  p95?: number;
}

export interface Datasheet {
  splits?: Record<string, SplitFacts>;
  label_kinds?: Record<string, number>;
  left_out?: Record<string, number>;
  objects_below_posterior?: number;
  posterior?: Spread;
  groups?: { count: number; largest: number };
  image_size_px?: { width: Spread; height: Spread };
}

export interface DatasetVersion {
  dataset_version_id: string;
  dataset_id: string;
  dataset_name: string;
  workspace_id: string;
  number: number;
  content_hash: string;
  policy: VersionPolicy;
  card: Datasheet;
  parent_id: string | null;
  created_by: string;
  created_ms: number;
}

/** What an export job gave. */
export interface ExportResult {
  sha256: string;
  size_bytes: number;
  file_name: string;
  format: string;
  losses: { samples?: number; annotations?: number; losses?: Record<string, number>; examples?: Record<string, string[]> };
}

export interface VersionDiff {
  older_id: string;
  newer_id: string;
  counts: Record<string, number>;
  objects_before: Record<string, number>;
  objects_after: Record<string, number>;
  changes: { sha256: string; name: string; change: "added" | "removed" | "relabelled" | "moved"; before: string; after: string }[];
}

// --- training

export type Recipe = Record<string, unknown>;

export interface RecipeEntry {
  name: string;
  description: string;
  recipe: Recipe;
}

export interface CurvePoint {
  epoch: number;
  step: number;
  losses: Record<string, number>;
  learning_rate: number;
  validation_ap50: number | null;
}

export interface Run {
  run_id: string;
  workspace_id: string;
  model_id: string;
  model_name: string;
  recipe: Recipe;
  recipe_hash: string;
  dataset_version_id: string;
  seed: number;
  job_id: string;
  state: JobState;
  environment: Record<string, unknown>;
  curves: CurvePoint[];
  model_version_id: string | null;
  created_by: string;
  created_ms: number;
  finished_ms: number | null;
}

export interface ModelVersion {
  model_version_id: string;
  model_id: string;
  model_name: string;
  number: number;
  source: "trained" | "imported";
  run_id: string | null;
  format: "onnx" | "segmenter" | "predictions";
  weights_sha256: string | null;
  classes: string[];
  card: Record<string, unknown>;
  created_ms: number;
}

export interface Model {
  model_id: string;
  name: string;
  created_ms: number;
  versions: ModelVersion[];
}

// --- evaluation

export interface ClassResult {
  class_id: string;
  name: string;
  gold: number;
  ap: Estimate;
  ap50: Estimate;
  precision_curve: number[];
}

export interface Metrics {
  images: number;
  objects: number;
  predictions: number;
  numbers: Record<string, Estimate>;
  classes: ClassResult[];
  slices: { name: string; kind: "size" | "metadata" | "attribute"; images: number; objects: number; ap50: Estimate }[];
  confusion: { labels: string[]; counts: number[][]; score_threshold: number };
  errors: Record<string, number>;
}

export interface Evaluation {
  evaluation_id: string;
  workspace_id: string;
  model_version_id: string;
  dataset_version_id: string;
  split: string;
  job_id: string;
  state: JobState;
  metrics: Metrics | null;
  created_by: string;
  created_ms: number;
  finished_ms: number | null;
}

export interface SampleObject {
  class_id: string;
  box_xyxy: [number, number, number, number];
  score: number | null;
  kind: string;
  iou: number | null;
}

export interface Sample {
  item_id: string;
  name: string;
  width: number;
  height: number;
  badness: number;
  gold: SampleObject[];
  predictions: SampleObject[];
  media: Media;
}

/** What may be wrong with a label: none where there should be one, its place, its class, a second one of the same object, nothing under it. */
export type DoubtKind = "missed" | "shape" | "class" | "twice" | "extra";

export interface LabelError {
  /** Its number in the evaluation; 1 is the strongest. */
  suspicion: number;
  kind: DoubtKind;
  score: number;
  item_id: string;
  item_name: string;
  width: number;
  height: number;
  task_id: string | null;
  project_id: string | null;
  annotation_id: string | null;
  class_id: string;
  suggested_class_id: string | null;
  label: Geometry | null;
  prediction: Geometry | null;
  sentence: string;
  is_gold: boolean;
  asked_ms: number | null;
  media: Media;
}

export interface LabelErrors extends Page<LabelError> {
  counts: Partial<Record<DoubtKind, number>>;
  looked_at: number;
  learnt: number;
  /** What should be known before they are trusted. */
  note: string;
}

export interface Relabelled {
  tasks: number;
  already: number;
  left_out: number;
  batches: { project_id: string; batch_id: string; tasks: number }[];
}

export interface Comparison {
  metric: string;
  this: number;
  other: number;
  difference: Estimate;
  probability_better: number;
  verdict: "better" | "worse" | "inconclusive";
  classes: Record<string, Estimate>;
}
