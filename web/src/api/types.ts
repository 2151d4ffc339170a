/** The wire, by its JSON names. Label types live in the engine; this file re-exports them for pages. */
import type { Labelling, Ontology } from "../engine/types";

export type { Annotation, Attribute, AttributeValue, Geometry, Labelling, Ontology, OntologyClass } from "../engine/types";

export type Role = "owner" | "manager" | "reviewer" | "annotator" | "viewer";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors: { where: string; what: string }[];
}

export interface User {
  user_id: string;
  email: string;
  name: string;
}

export interface Membership {
  workspace_id: string;
  workspace_name: string;
  member_id: string;
  role: Role;
}

export interface Me {
  user: User;
  memberships: Membership[];
  csrf_token: string;
}

export interface InvitationPreview {
  email: string;
  workspace_name: string;
  role: Role;
  has_account: boolean;
}

export interface Workflow {
  overlap: number;
  lease_s: number;
  review: { mode: "none" | "share" | "all" | "flagged"; share: number; posterior_below: number };
  gold_rate: number;
  order: "sequence" | "random" | "gain";
  skip_reasons: string[];
  reject_reasons: string[];
  use_prelabels: boolean;
}

export interface Project {
  project_id: string;
  workspace_id: string;
  name: string;
  state: "active" | "paused" | "archived";
  ontology_version: number;
  instructions_version: number;
  workflow_version: number;
  created_by: string;
  created_ms: number;
  archived_ms: number | null;
}

/** A project with where its work stands. */
export interface ProjectView extends Project {
  progress: { items: number; states: Record<string, number>; submissions_7d: number; members: number };
}

export interface VersionedOntology {
  version: number;
  ontology: Ontology;
}

export interface Instructions {
  version: number;
  /** Markdown. */
  instructions: string;
  /** Ids of the examples that stand with it, in their order. */
  examples: string[];
}

export interface VersionedWorkflow {
  version: number;
  workflow: Workflow;
}

export type Stage = "label" | "review";

export interface Lease {
  judgement_id: string;
  /** Grows with each claim; the server takes answers with the newest only. */
  token: number;
  expires_ms: number;
  stage: Stage;
}

export interface Media {
  original: string;
  preview: string;
  thumbnail: string;
}

export type PartKind = "text" | "markdown" | "image" | "pdf" | "audio" | "video" | "website";

/** One part of a document, or of what a task shows beside its item. */
export interface PartView {
  kind: PartKind;
  title: string;
  /** The text itself, where the part carries it; else its bytes are at `url`. */
  text: string | null;
  /** Where the bytes are, on this server; of a website, its own address, which is shown as a link. */
  url: string | null;
  media_type: string | null;
  /** Of a document that is drawn on, where this page lies in the plane of all of them; its number is that of the part. */
  page?: PageArea | null;
}

/** At the left edge of the plane, in pixels; what is drawn on the page is `top` lower there. */
export interface PageArea {
  top: number;
  width: number;
  height: number;
}

export interface TaskItem {
  item_id: string;
  name: string;
  /** Of a text, its number of code points, and `height` is 1; of a document the plane of its pages, 0 where nothing is drawn on it. */
  width: number;
  height: number;
  /** `image`, `text` or `document`. */
  kind: string;
  metadata: Record<string, unknown>;
  media: Media;
  /** Of a text; absent for the others. */
  text?: string | null;
  /** Of a document, in the order in which it is read; absent for the others. */
  parts?: PartView[] | null;
}

/** How large, how detailed and how many the shapes of one kind must and may be; null for no limit. */
export interface GeometryLimits {
  min_width_px: number | null;
  min_height_px: number | null;
  min_points: number | null;
  max_points: number | null;
  min_count: number | null;
  max_count: number | null;
}

/** What one task asks for, where that is not what its project asks for; null for all of the project's. */
export interface TaskScope {
  /** Markdown, shown after the project's. */
  instructions: string;
  class_ids: string[] | null;
  attribute_ids: string[] | null;
  question_ids: string[] | null;
  relation_type_ids: string[] | null;
  /** By kind of geometry. */
  limits: Record<string, GeometryLimits>;
  /** Shown beside the item and never labelled. */
  context: PartView[];
}

export interface ReviewSubmission {
  submission_id: string;
  /** A letter: reviewers do not see names. */
  author: string;
  version: number;
  labelling: Labelling;
  active_ms: number;
  created_ms: number;
}

export interface ReviewMaterial {
  consensus: Labelling | null;
  consensus_version: number;
  submissions: ReviewSubmission[];
}

export interface ServerDraft {
  body: unknown;
  revision: number;
  saved_ms: number;
  /** Lines of the edit log. */
  log: string[];
}

export interface TaskPayload {
  lease: Lease;
  task: { task_id: string; project_id: string; state: string; batch_id: string | null };
  item: TaskItem;
  prelabel: Labelling | null;
  draft: ServerDraft | null;
  ontology_version: number;
  instructions_version: number;
  review: ReviewMaterial | null;
  /** Absent where the task asks for all that its project asks for. */
  scope?: TaskScope | null;
}

export interface SubmitBody {
  token: Lease["token"];
  request_key: string;
  labelling: Labelling;
  active_ms: number;
  ontology_version: number;
  instructions_version: number;
  /** What became of assistants' suggestions. */
  assistance?: Assistance[];
}

export interface Assistance {
  /** `assist:<tool>` or `model:<model_version_id>`. */
  source: string;
  outcome: "accepted" | "fixed" | "refused";
  took_ms: number;
}

/** A model that can help while people draw. */
export interface AssistantModel {
  model_version_id: string;
  model_id: string;
  model_name: string;
  number: number;
}

/** The lines of models that help in a project; null leaves it to the newest. */
export interface AssistantChoice {
  detector_model_id: string | null;
  segmenter_model_id: string | null;
}

/** The models that can help in a project, the newest version of each; what its lead chose stands first. */
export interface ProjectAssistants {
  detectors: AssistantModel[];
  segmenters: AssistantModel[];
  chosen: AssistantChoice;
}

export interface SkipBody {
  token: Lease["token"];
  reason: string;
  request_key: string;
}

export type Verdict = "accept" | "fix" | "reject";

export interface ReviewReason {
  code: string;
  annotation_id?: string;
  text?: string;
}

export interface PinnedComment {
  x: number;
  y: number;
  text: string;
  /** The object it is about. */
  annotation_id?: string | null;
}

export interface ReviewBody {
  token: Lease["token"];
  request_key: string;
  verdict: Verdict;
  reasons: ReviewReason[];
  comments: PinnedComment[];
  labelling?: Labelling;
  active_ms: number;
  /** What became of assistants' suggestions while mending. */
  assistance?: Assistance[];
}

export interface DraftPut {
  token: Lease["token"];
  body: unknown;
  revision: number;
  /** The revision of the server that this goes on from; when another stands there, it is refused with that one. */
  after_revision: number;
  /** What the same writer saved before never stands in its way. */
  writer: string;
  log: { from_line: number; lines: readonly string[] };
}

export interface ReviseBody {
  request_key: string;
  labelling: Labelling;
  active_ms: number;
  ontology_version: number;
  instructions_version: number;
  /** The version that it was made from. */
  after_version: number;
  assistance?: Assistance[];
}
