/** The server's part of the assistants, by the wire's names. */
import type { Http } from "../../api/http";
import type { Labelling, ProjectAssistants } from "../../api/types";
import type { MaskGeometry } from "../../engine/types";

export interface SegmentBody {
  model_version_id: string;
  points: { x: number; y: number; is_object: boolean }[];
  box_xyxy: [number, number, number, number] | null;
}

export interface SegmentAnswer {
  model_version_id: string;
  mask: MaskGeometry | null;
  score: number | null;
}

export class AssistApi {
  constructor(private readonly http: Http, private readonly projectId: string) {}

  models(): Promise<ProjectAssistants> {
    return this.http.get(`/projects/${this.projectId}/assistants`);
  }

  segment(itemId: string, body: SegmentBody, signal: AbortSignal): Promise<SegmentAnswer> {
    return this.http.post(`/projects/${this.projectId}/items/${itemId}/segment`, body, { signal });
  }

  suggest(itemId: string, body: { model_version_id: string; score_threshold: number }, signal: AbortSignal): Promise<{ model_version_id: string; labelling: Labelling }> {
    return this.http.post(`/projects/${this.projectId}/items/${itemId}/suggest`, body, { signal });
  }
}
