/** What the console reads and sends, by the wire's names. */
import type { Annotation, Labelling, Media, Ontology, Role, TaskItem, TaskScope, Workflow } from "./types";

export type * from "./console-learning";

export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface JobRef {
  job_id: string;
}

// --- jobs

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Job {
  job_id: string;
  workspace_id: string;
  kind: string;
  subject: string;
  state: JobState;
  attempt: number;
  max_attempts: number;
  done: number;
  total: number | null;
  message: string;
  rate_per_s: number | null;
  eta_ms: number | null;
  is_cancel_requested: boolean;
  result: unknown;
  error: { code: string; detail: string } | null;
  created_by: string | null;
  created_ms: number;
  started_ms: number | null;
  finished_ms: number | null;
}

// --- projects

export type TaskState = "open" | "resolving" | "review" | "done" | "idle" | "cancelled";
export type StateCounts = Readonly<Partial<Record<string, number>>>;

export interface NewProject {
  name: string;
  ontology?: Ontology;
  instructions?: string;
  workflow?: Workflow;
}

export interface Subject {
  class_id: string | null;
  geometry_kind: string | null;
  attribute_id: string | null;
  option_id: string | null;
}

export type Remedy = "map" | "drop" | "convert" | "fill" | "keep";

export interface Finding {
  code: string;
  severity: "info" | "warning" | "breaking";
  subject: Subject;
  what: string;
  use_count: number;
  remedies: Remedy[];
  suggestion: string | null;
}

export interface Rule {
  subject: Subject;
  action: Remedy;
  to?: string | null;
  value?: string | number | boolean | string[] | null;
}

export interface MigrationReport {
  findings: Finding[];
  faults: { where: string; what: string }[];
}

export interface DocumentVersion {
  aspect: "ontology" | "instructions" | "workflow" | "quality";
  version: number;
  note: string;
  created_by: string;
  created_ms: number;
}

export interface ProjectMember {
  member_id: string;
  name: string;
  kind: string;
  role: Role;
  added_by: string;
  added_ms: number;
}

export interface Batch {
  batch_id: string;
  project_id: string;
  name: string;
  priority: number;
  state: "staging" | "open" | "paused" | "cancelled";
  is_for_some: boolean;
  /** Who alone labels it, by name, where it is for some. */
  members: string[];
  origin: Record<string, unknown>;
  created_by: string;
  created_ms: number;
  states: StateCounts;
}

export interface DayOfWork {
  day: string;
  submissions: number;
  skips: number;
  reviews: number;
  active_ms: number;
}

export interface ProjectProgress {
  states: StateCounts;
  tasks: number;
  gold_tasks: number;
  submissions: number;
  gold_submissions: number;
  open_judgements: number;
  objects: number;
  days: DayOfWork[];
}

export interface PersonActivity {
  member_id: string;
  name: string;
  kind: string;
  submissions: number;
  skips: number;
  reviews: number;
  active_ms: number;
  last_ms: number | null;
  days: DayOfWork[];
}

// --- items and tasks

export interface GridItem {
  item_id: string;
  name: string;
  kind: string;
  width: number;
  height: number;
  group_key: string;
  media: Media;
  task_id: string;
  batch_id: string | null;
  state: TaskState;
  is_gold: boolean | null;
  submission_count: number;
  object_count: number;
  lowest_posterior: number | null;
  updated_ms: number;
  deleted_ms: number | null;
  classes: Record<string, number>;
  /** Where a picture is that stands for a document; null for texts, and for images, whose thumbnail does. */
  cover: string | null;
  /** The first words of a text, or of a document without a picture. */
  words: string;
}

export interface TaskPage {
  project_id: string;
  task: { task_id: string; item_id: string; name: string; state: TaskState; is_gold: boolean | null; batch_id: string | null; priority: number; open_judgements: number; submission_count: number; consensus_version: number; lowest_posterior: number | null; created_ms: number; updated_ms: number };
  item: TaskItem;
  ontology_version: number;
  instructions_version: number;
  submissions: TaskSubmission[];
  consensus: { version: number; method: string; labelling: Labelling; lowest_posterior: number | null } | null;
  reviews: { review_id: string; reviewer: string | null; verdict: string; reasons: { code: string; annotation_id: string | null; text: string }[]; comments: { x: number; y: number; text: string }[]; created_ms: number }[];
  events: { event_id: string; kind: string; who: string | null; detail: Record<string, unknown>; at_ms: number }[];
  /** Absent where the task asks for all that its project asks for. */
  scope?: TaskScope | null;
}

export interface TaskSubmission {
  submission_id: string;
  author: string;
  member_id: string | null;
  is_mine: boolean;
  kind: "human" | "fix" | "imported" | "prediction" | "gold" | "bulk";
  version: number;
  is_newest: boolean;
  is_rejected: boolean;
  model_version_id: string | null;
  labelling: Labelling;
  active_ms: number;
  created_ms: number;
}

export type { Annotation };

export interface ImportView {
  import_id: string;
  project_id: string;
  batch_id: string | null;
  options: { format: string; labels_as: string; batch: string };
  source_kind: string;
  settled: number;
  imported: number;
  labelled: number;
  duplicates: number;
  refused: number;
  warnings: number;
  created_by: string;
  created_ms: number;
  finished_ms: number | null;
}

export interface ImportProblem {
  number: number;
  where: string;
  what: string;
  severity: string;
}

// --- quality

export interface Interval {
  value: number;
  low: number;
  high: number;
}

export interface AnnotatorQuality {
  member_id: string;
  name: string;
  kind: string;
  skill: Interval;
  per_class: Record<string, Interval>;
  gold: { right: number; total: number };
  agreement: number;
  is_enough: boolean;
  submissions: number;
  objects: number;
  active_ms: number;
  skips: number;
  last_ms: number | null;
}

export interface PairAgreement {
  first: string;
  second: string;
  f1: number;
  mean_iou: number;
  items: number;
}

export interface ClassAgreement {
  class_id: string;
  f1: Interval;
  mean_iou: number;
  objects: number;
}

/** How an assistant (`assist:<tool>`) or a model (`model:<model_version_id>`) did. */
export interface AssistanceOfSource {
  source: string;
  accepted: number;
  fixed: number;
  refused: number;
  submissions: number;
  mean_took_ms: number;
}

export interface QualityReport {
  objects: number;
  tasks: number;
  expected_right: number | null;
  posterior_histogram: number[];
  overall: { f1: number | null; low: number | null; high: number | null };
  per_class: ClassAgreement[];
  per_pair: PairAgreement[];
  annotators: AnnotatorQuality[];
  fit_version: number;
  fitted_ms: number | null;
}

// --- lineage

export interface LineageNode {
  kind: string;
  id: string;
  name: string;
  at_ms: number | null;
  detail: Record<string, unknown>;
}

export interface LineageReport {
  subject: LineageNode;
  direction: "up" | "down";
  steps: { kind: string; why: string; count: number; nodes: LineageNode[] }[];
}

// --- the workspace

export interface Member {
  member_id: string;
  name: string;
  email: string | null;
  kind: "person" | "service" | "simulated" | "model";
  role: Role;
  created_ms: number;
}

export interface Invitation {
  invitation_id: string;
  email: string;
  role: Role;
  project_ids: string[];
  created_ms: number;
  expires_ms: number;
}

export interface ApiKey {
  key_id: string;
  name: string;
  hint: string;
  mode: "live" | "test";
  member_id: string;
  member_name: string;
  created_ms: number;
  expires_ms: number | null;
  revoked_ms: number | null;
}

export interface BrowserSession {
  session_id: string;
  created_ms: number;
  expires_ms: number;
  user_agent: string;
  is_current: boolean;
}

export interface AuditEntry {
  sequence: number;
  at_ms: number;
  actor: string;
  actor_name: string | null;
  action: string;
  target: string;
  detail: Record<string, unknown>;
  hash: string;
}

export interface AuditVerification {
  is_intact: boolean;
  rows: number;
  head_hash: string;
  fault: Record<string, unknown> | null;
}

export interface Webhook {
  webhook_id: string;
  url: string;
  events: string[];
  is_active: boolean;
  created_ms: number;
}

export interface Delivery {
  delivery_id: string;
  event: string;
  body: Record<string, unknown>;
  state: "waiting" | "delivered" | "failed";
  created_ms: number;
  attempts: number;
  delivered_ms: number | null;
  last_status: number | null;
  last_error: string | null;
}
