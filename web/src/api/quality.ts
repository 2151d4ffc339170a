/** The calls of the quality page: the policy, what it leads to, audits, people and gold. */
import type { JobRef } from "./console-types";
import type { Http } from "./http";
import type { Audit, Consequence, ConsequenceKind, Course, GoldTask, QualityPolicy, Simulation, SimulationRequest, TargetReport, VersionedPolicy } from "./quality-types";

export class QualityApi {
  constructor(private readonly http: Http) {}

  policy(projectId: string): Promise<VersionedPolicy> {
    return this.http.get(`/projects/${projectId}/quality-policy`);
  }

  putPolicy(projectId: string, body: { policy: QualityPolicy; note: string; base_version: number }): Promise<VersionedPolicy> {
    return this.http.put(`/projects/${projectId}/quality-policy`, body);
  }

  target(projectId: string): Promise<TargetReport> {
    return this.http.get(`/projects/${projectId}/quality/target`);
  }

  simulate(projectId: string, body: SimulationRequest): Promise<Simulation> {
    return this.http.post(`/projects/${projectId}/quality/simulations`, body);
  }

  /** Newest first. */
  async audits(projectId: string): Promise<Audit[]> {
    return (await this.http.get<{ audits: Audit[] }>(`/projects/${projectId}/quality/audits`)).audits;
  }

  startAudit(projectId: string, body: { target: number; confidence: number; most_tasks: number }): Promise<Audit> {
    return this.http.post(`/projects/${projectId}/quality/audits`, body);
  }

  stopAudit(auditId: string): Promise<Audit> {
    return this.http.post(`/audits/${auditId}/stop`);
  }

  async consequences(projectId: string, memberId: string | null = null): Promise<Consequence[]> {
    const path = `/projects/${projectId}/quality/consequences`;
    return (await this.http.get<{ consequences: Consequence[] }>(path, { query: { member_id: memberId } })).consequences;
  }

  /** Looks for signs against people's work, and for gold that is doubtful or known. */
  lookForSignals(projectId: string): Promise<JobRef> {
    return this.http.post(`/projects/${projectId}/quality/signals`);
  }

  impose(projectId: string, body: { member_id: string; kind: ConsequenceKind; text: string }): Promise<Consequence> {
    return this.http.post(`/projects/${projectId}/quality/consequences`, body);
  }

  lift(consequenceId: string, text: string): Promise<Consequence> {
    return this.http.post(`/consequences/${consequenceId}/lift`, { text });
  }

  answerAppeal(consequenceId: string, body: { verdict: "granted" | "upheld"; text: string }): Promise<Consequence> {
    return this.http.post(`/consequences/${consequenceId}/answer`, body);
  }

  async gold(projectId: string): Promise<GoldTask[]> {
    return (await this.http.get<{ gold: GoldTask[] }>(`/projects/${projectId}/gold`)).gold;
  }

  /** `left` were not reviewed, or are gold already. */
  makeGold(projectId: string, taskIds: readonly string[]): Promise<{ made: string[]; left: string[] }> {
    return this.http.post(`/projects/${projectId}/gold`, { task_ids: taskIds });
  }

  /** Taken out of the stream; or put back into it, which settles what was doubted as well. */
  keepGold(projectId: string, taskId: string, action: "retire" | "restore"): Promise<unknown> {
    return this.http.post(`/projects/${projectId}/gold/${taskId}/${action}`);
  }

  course(projectId: string): Promise<Course> {
    return this.http.get(`/projects/${projectId}/course`);
  }

  putCourse(projectId: string, body: Course): Promise<Course> {
    return this.http.put(`/projects/${projectId}/course`, body);
  }
}
