/** The calls of the console, on the page's one `Http`. */
import type {
  ApiKey, AssistanceOfSource, AuditEntry, AuditVerification, Batch, BrowserSession, Comparison, Dataset, DatasetVersion, Delivery, DocumentVersion, DoubtKind, Evaluation,
  GridItem, ImportProblem, ImportView, Invitation, Job, JobRef, LabelErrors, LineageReport, Member, MigrationReport, Model, ModelVersion, NewProject,
  PersonActivity, ProjectMember, ProjectProgress, QualityReport, Recipe, RecipeEntry, Relabelled, Rule, Run, Sample, TaskPage, VersionDiff, VersionPolicy,
  Webhook,
} from "./console-types";
import type { Http, Query } from "./http";
import type { AssistantChoice, Labelling, Ontology, Page, Project, ProjectAssistants, ProjectView, Role, Workflow } from "./types";

type Cursor = string | null;
const PAGE = 100;

export class ConsoleApi {
  constructor(private readonly http: Http) {}

  // --- jobs

  jobs(workspaceId: string, cursor: Cursor = null, query: Query = {}): Promise<Page<Job>> {
    return this.http.get(`/workspaces/${workspaceId}/jobs`, { query: { limit: PAGE, ...query, cursor } });
  }

  job(workspaceId: string, jobId: string): Promise<Job> {
    return this.http.get(`/workspaces/${workspaceId}/jobs/${jobId}`);
  }

  steerJob(job: Pick<Job, "workspace_id" | "job_id">, action: "cancel" | "retry"): Promise<Job> {
    return this.http.post(`/workspaces/${job.workspace_id}/jobs/${job.job_id}/${action}`);
  }

  // --- projects

  projects(workspaceId: string, cursor: Cursor = null, withArchived = false): Promise<Page<ProjectView>> {
    return this.http.get(`/workspaces/${workspaceId}/projects`, { query: { limit: PAGE, cursor, with_archived: withArchived } });
  }

  createProject(workspaceId: string, body: NewProject): Promise<Project> {
    return this.http.post(`/workspaces/${workspaceId}/projects`, body);
  }

  changeProject(projectId: string, change: { name?: string; state?: Project["state"] }): Promise<Project> {
    return this.http.patch(`/projects/${projectId}`, change);
  }

  checkOntology(projectId: string, ontology: Ontology, rules: readonly Rule[] | null): Promise<MigrationReport> {
    return this.http.post(`/projects/${projectId}/ontology/check`, { ontology, migration: rules && { rules } });
  }

  putOntology(projectId: string, body: { ontology: Ontology; note: string; base_version: number; migration: { rules: readonly Rule[] } | null }): Promise<{ version: number }> {
    return this.http.put(`/projects/${projectId}/ontology`, body);
  }

  putInstructions(projectId: string, body: { instructions: string; examples?: readonly string[]; note: string; base_version: number }): Promise<{ version: number }> {
    return this.http.put(`/projects/${projectId}/instructions`, body);
  }

  putWorkflow(projectId: string, body: { workflow: Workflow; note: string; base_version: number }): Promise<{ version: number }> {
    return this.http.put(`/projects/${projectId}/workflow`, body);
  }

  versions(projectId: string, cursor: Cursor = null): Promise<Page<DocumentVersion>> {
    return this.http.get(`/projects/${projectId}/versions`, { query: { limit: PAGE, cursor } });
  }

  projectMembers(projectId: string, cursor: Cursor = null): Promise<Page<ProjectMember>> {
    return this.http.get(`/projects/${projectId}/members`, { query: { cursor } });
  }

  addProjectMember(projectId: string, memberId: string): Promise<null> {
    return this.http.put(`/projects/${projectId}/members/${memberId}`, {});
  }

  removeProjectMember(projectId: string, memberId: string): Promise<null> {
    return this.http.delete(`/projects/${projectId}/members/${memberId}`);
  }

  batches(projectId: string, cursor: Cursor = null): Promise<Page<Batch>> {
    return this.http.get(`/projects/${projectId}/batches`, { query: { limit: PAGE, cursor } });
  }

  createBatch(projectId: string, body: { name: string; priority: number }): Promise<Batch> {
    return this.http.post(`/projects/${projectId}/batches`, body);
  }

  changeBatch(batchId: string, change: { name?: string; priority?: number; state?: Batch["state"] }): Promise<Batch> {
    return this.http.patch(`/batches/${batchId}`, change);
  }

  progress(projectId: string): Promise<ProjectProgress> {
    return this.http.get(`/projects/${projectId}/progress`);
  }

  async activity(projectId: string): Promise<PersonActivity[]> {
    return (await this.http.get<{ people: PersonActivity[] }>(`/projects/${projectId}/activity`)).people;
  }

  // --- items

  items(projectId: string, query: Query, cursor: Cursor = null): Promise<Page<GridItem>> {
    return this.http.get(`/projects/${projectId}/items`, { query: { limit: 200, ...query, cursor } });
  }

  task(taskId: string): Promise<TaskPage> {
    return this.http.get(`/tasks/${taskId}`);
  }

  requeue(projectId: string, body: { task_ids: string[]; priority?: number | null; extra_judgements: number; batch_id?: string | null }): Promise<{ requeued: number; created: number }> {
    return this.http.post(`/projects/${projectId}/tasks/requeue`, body);
  }

  /** Hidden known answers from now on, by task id; a later answer is a new version. */
  markGold(projectId: string, answers: Readonly<Record<string, Labelling>>): Promise<{ marked: number }> {
    return this.http.post(`/projects/${projectId}/tasks/gold`, { answers });
  }

  imports(projectId: string, cursor: Cursor = null): Promise<Page<ImportView>> {
    return this.http.get(`/projects/${projectId}/imports`, { query: { cursor } });
  }

  importProblems(importId: string, cursor: Cursor = null): Promise<Page<ImportProblem>> {
    return this.http.get(`/imports/${importId}/problems`, { query: { cursor } });
  }

  startImport(projectId: string, body: object): Promise<JobRef> {
    return this.http.post(`/projects/${projectId}/imports`, body);
  }

  uploadImport(projectId: string, form: FormData): Promise<JobRef> {
    return this.http.upload(`/projects/${projectId}/imports`, form);
  }

  // --- quality

  assistance(projectId: string): Promise<{ sources: AssistanceOfSource[] }> {
    return this.http.get(`/projects/${projectId}/assistance`);
  }

  /** Models that can help while people draw; what the lead chose stands first. */
  assistants(projectId: string): Promise<ProjectAssistants> {
    return this.http.get(`/projects/${projectId}/assistants`);
  }

  chooseAssistants(projectId: string, choice: AssistantChoice): Promise<AssistantChoice> {
    return this.http.put(`/projects/${projectId}/assistants`, choice);
  }

  quality(projectId: string): Promise<QualityReport> {
    return this.http.get(`/projects/${projectId}/quality`);
  }

  resolveAgain(projectId: string): Promise<JobRef> {
    return this.http.post(`/projects/${projectId}/quality/resolve`);
  }

  // --- datasets

  datasets(workspaceId: string, cursor: Cursor = null): Promise<Page<Dataset>> {
    return this.http.get(`/workspaces/${workspaceId}/datasets`, { query: { cursor: cursor ?? undefined } });
  }

  createDataset(workspaceId: string, name: string): Promise<Dataset> {
    return this.http.post(`/workspaces/${workspaceId}/datasets`, { name });
  }

  dataset(datasetId: string): Promise<{ dataset: Dataset; versions: DatasetVersion[] }> {
    return this.http.get(`/datasets/${datasetId}`);
  }

  cutVersion(datasetId: string, policy: VersionPolicy): Promise<JobRef> {
    return this.http.post(`/datasets/${datasetId}/versions`, policy);
  }

  datasetVersion(versionId: string): Promise<DatasetVersion> {
    return this.http.get(`/dataset-versions/${versionId}`);
  }

  diffVersions(newerId: string, olderId: string): Promise<VersionDiff> {
    return this.http.get(`/dataset-versions/${newerId}/diff/${olderId}`);
  }

  exportVersion(versionId: string, body: { format: string; with_media: boolean; yolo_variant?: string }): Promise<JobRef> {
    return this.http.post(`/dataset-versions/${versionId}/exports`, body);
  }

  // --- training

  recipes(): Promise<RecipeEntry[]> {
    return this.http.get("/recipes");
  }

  runs(workspaceId: string, cursor: Cursor = null): Promise<Page<Run>> {
    return this.http.get(`/workspaces/${workspaceId}/runs`, { query: { cursor: cursor ?? undefined } });
  }

  run(runId: string): Promise<Run> {
    return this.http.get(`/runs/${runId}`);
  }

  startRun(workspaceId: string, body: { recipe: Recipe; dataset_version_id: string; seed: number; model_name: string }): Promise<{ run_id: string; job_id: string }> {
    return this.http.post(`/workspaces/${workspaceId}/runs`, body);
  }

  models(workspaceId: string): Promise<Model[]> {
    return this.http.get(`/workspaces/${workspaceId}/models`);
  }

  /** One or two ONNX files, with the name of the line of models. */
  addSegmenter(workspaceId: string, form: FormData): Promise<ModelVersion> {
    return this.http.upload(`/workspaces/${workspaceId}/segmenters`, form);
  }

  modelVersion(versionId: string): Promise<ModelVersion> {
    return this.http.get(`/model-versions/${versionId}`);
  }

  prelabel(projectId: string, body: { model_version_id: string; score_threshold: number }): Promise<JobRef> {
    return this.http.post(`/projects/${projectId}/prelabels`, body);
  }

  // --- evaluation

  evaluations(workspaceId: string, cursor: Cursor = null): Promise<Page<Evaluation>> {
    return this.http.get(`/workspaces/${workspaceId}/evaluations`, { query: { cursor: cursor ?? undefined } });
  }

  evaluation(evaluationId: string): Promise<Evaluation> {
    return this.http.get(`/evaluations/${evaluationId}`);
  }

  startEvaluation(workspaceId: string, body: { model_version_id: string; dataset_version_id: string; split: string }): Promise<{ evaluation_id: string; job_id: string }> {
    return this.http.post(`/workspaces/${workspaceId}/evaluations`, body);
  }

  importEvaluation(workspaceId: string, body: { name: string; dataset_version_id: string; split: string; results: unknown }): Promise<{ evaluation_id: string; job_id: string }> {
    return this.http.post(`/workspaces/${workspaceId}/evaluations/import`, body);
  }

  samples(evaluationId: string, cursor: Cursor = null): Promise<Page<Sample>> {
    return this.http.get(`/evaluations/${evaluationId}/samples`, { query: { cursor: cursor ?? undefined, limit: 60 } });
  }

  compare(evaluationId: string, otherId: string, metric: "ap" | "ap50"): Promise<Comparison> {
    return this.http.get(`/evaluations/${evaluationId}/compare/${otherId}`, { query: { metric } });
  }

  sendToLabelling(evaluationId: string, body: { project_id: string; count: number; policy: "gain" | "random"; name: string; item_ids?: readonly string[] }): Promise<JobRef> {
    return this.http.post(`/evaluations/${evaluationId}/send-to-labelling`, body);
  }

  labelErrors(evaluationId: string, kind: DoubtKind | null, cursor: Cursor = null): Promise<LabelErrors> {
    return this.http.get(`/evaluations/${evaluationId}/label-errors`, { query: { kind: kind ?? undefined, cursor: cursor ?? undefined, limit: 60 } });
  }

  relabel(evaluationId: string, body: { suspicions: readonly number[]; name: string }): Promise<Relabelled> {
    return this.http.post(`/evaluations/${evaluationId}/label-errors/relabel`, body);
  }

  // --- lineage

  lineage(subjectId: string, direction: "up" | "down", itemIds: readonly string[] = [], slice: string | null = null): Promise<LineageReport> {
    const items = itemIds.map((id) => `&item_id=${encodeURIComponent(id)}`).join("");
    const part = slice === null ? "" : `&slice=${encodeURIComponent(slice)}`;
    return this.http.get(`/lineage/${subjectId}?direction=${direction}${items}${part}`);
  }

  // --- the workspace

  renameWorkspace(workspaceId: string, name: string): Promise<unknown> {
    return this.http.patch(`/workspaces/${workspaceId}`, { name });
  }

  members(workspaceId: string, cursor: Cursor = null): Promise<Page<Member>> {
    return this.http.get(`/workspaces/${workspaceId}/members`, { query: { cursor } });
  }

  changeRole(workspaceId: string, memberId: string, role: Role): Promise<Member> {
    return this.http.patch(`/workspaces/${workspaceId}/members/${memberId}`, { role });
  }

  removeMember(workspaceId: string, memberId: string): Promise<null> {
    return this.http.delete(`/workspaces/${workspaceId}/members/${memberId}`);
  }

  invitations(workspaceId: string, cursor: Cursor = null): Promise<Page<Invitation>> {
    return this.http.get(`/workspaces/${workspaceId}/invitations`, { query: { cursor } });
  }

  invite(workspaceId: string, body: { email: string; role: Role; project_ids: string[] }): Promise<{ invitation: Invitation; url: string }> {
    return this.http.post(`/workspaces/${workspaceId}/invitations`, body);
  }

  takeBackInvitation(workspaceId: string, invitationId: string): Promise<null> {
    return this.http.delete(`/workspaces/${workspaceId}/invitations/${invitationId}`);
  }

  keys(workspaceId: string, cursor: Cursor = null): Promise<Page<ApiKey>> {
    return this.http.get(`/workspaces/${workspaceId}/keys`, { query: { cursor } });
  }

  createKey(workspaceId: string, body: { name: string; mode: "live" | "test"; lasts_days: number | null }): Promise<{ key: ApiKey; secret: string }> {
    return this.http.post(`/workspaces/${workspaceId}/keys`, body);
  }

  revokeKey(workspaceId: string, keyId: string): Promise<null> {
    return this.http.delete(`/workspaces/${workspaceId}/keys/${keyId}`);
  }

  webhooks(workspaceId: string, cursor: Cursor = null): Promise<Page<Webhook>> {
    return this.http.get(`/workspaces/${workspaceId}/webhooks`, { query: { cursor } });
  }

  createWebhook(workspaceId: string, body: { url: string; events: string[] }): Promise<{ webhook: Webhook; secret: string }> {
    return this.http.post(`/workspaces/${workspaceId}/webhooks`, body);
  }

  changeWebhook(workspaceId: string, webhookId: string, change: { is_active: boolean }): Promise<Webhook> {
    return this.http.patch(`/workspaces/${workspaceId}/webhooks/${webhookId}`, change);
  }

  deleteWebhook(workspaceId: string, webhookId: string): Promise<null> {
    return this.http.delete(`/workspaces/${workspaceId}/webhooks/${webhookId}`);
  }

  pingWebhook(workspaceId: string, webhookId: string): Promise<{ delivery_id: string }> {
    return this.http.post(`/workspaces/${workspaceId}/webhooks/${webhookId}/ping`);
  }

  deliveries(workspaceId: string, webhookId: string, cursor: Cursor = null): Promise<Page<Delivery>> {
    return this.http.get(`/workspaces/${workspaceId}/webhooks/${webhookId}/deliveries`, { query: { cursor } });
  }

  redeliver(workspaceId: string, deliveryId: string): Promise<Delivery> {
    return this.http.post(`/workspaces/${workspaceId}/deliveries/${deliveryId}/redeliver`);
  }

  audit(workspaceId: string, cursor: Cursor = null, action = ""): Promise<Page<AuditEntry>> {
    return this.http.get(`/workspaces/${workspaceId}/audit`, { query: { cursor, action } });
  }

  verifyAudit(workspaceId: string): Promise<AuditVerification> {
    return this.http.post(`/workspaces/${workspaceId}/audit/verify`);
  }

  // --- one's own account

  rename(name: string): Promise<unknown> {
    return this.http.patch("/auth/me", { name });
  }

  changePassword(body: { current_password: string | null; new_password: string }): Promise<null> {
    return this.http.post("/auth/password", body);
  }

  sessions(): Promise<Page<BrowserSession>> {
    return this.http.get("/auth/sessions");
  }

  endSession(sessionId: string): Promise<null> {
    return this.http.delete(`/auth/sessions/${sessionId}`);
  }
}
