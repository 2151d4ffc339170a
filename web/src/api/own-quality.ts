/** What one's own quality page and the course ask of the server. */
import type { AnnotatorQuality } from "./console-types";
import type { Http } from "./http";
import type { Consequence } from "./quality-types";
import type { Labelling, TaskPayload } from "./types";

export interface DayOfQuality {
  /** Such as "2026-03-14", UTC. */
  day: string;
  decisions: number;
  /** Share of the decisions that agree with what was decided in the end. */
  agreement: number | null;
  gold_right: number;
  gold_total: number;
}

export interface CourseStanding {
  state: "none" | "required" | "running" | "passed" | "failed";
  tries_left: number;
  lessons_done: number;
  lessons: number;
  exam_right: number;
  exam_total: number;
}

export interface OwnQuality {
  /** Null until something was learnt of the member. */
  skill: Pick<AnnotatorQuality, "skill" | "per_class" | "gold" | "agreement" | "is_enough" | "submissions" | "objects"> | null;
  series: DayOfQuality[];
  submissions: number;
  active_ms: number;
  skips: number;
  median_ms: number | null;
  /** Of everybody in the project. */
  project_median_ms: number | null;
  standing: { state: "active" | "paused" | "course"; reason: string; tier: number };
  consequences: Consequence[];
  course: CourseStanding;
}

/** Which task of the course is handed out, counted from 1. */
export interface CourseStep {
  kind: "lesson" | "exam";
  number: number;
  of: number;
}

export type CourseTask = TaskPayload & { course: CourseStep };

export interface CourseFinding {
  kind: "right" | "class" | "shape" | "extra" | "missed" | "relation" | "answer";
  annotation_id: string | null;
  known_annotation_id: string | null;
  relation_id: string | null;
  known_relation_id: string | null;
  sentence: string;
}

export interface Feedback {
  /** Null in an exam, whose tasks may be asked again. */
  known: Labelling | null;
  right: number;
  wrong: number;
  missed: number;
  findings: CourseFinding[];
  text: string;
  result: "passed" | "failed" | null;
}

export class OwnQualityApi {
  constructor(private readonly http: Http) {}

  read(projectId: string): Promise<OwnQuality> {
    return this.http.get(`/projects/${projectId}/quality/me`);
  }

  appeal(consequenceId: string, text: string): Promise<Consequence> {
    return this.http.post(`/consequences/${consequenceId}/appeal`, { text });
  }

  /** The next task of the course; the same one until it is answered, null when nothing is left. */
  nextOfCourse(projectId: string): Promise<CourseTask | null> {
    return this.http.post(`/projects/${projectId}/course/next`);
  }

  feedback(judgementId: string): Promise<Feedback> {
    return this.http.post(`/course/${judgementId}/feedback`);
  }
}
