/** The server's part of the assistants, by the wire's names. */
import type { Http } from "../../api/http";
import type { Labelling } from "../../api/types";
import type { MaskGeometry } from "../../engine/types";

export interface AssistantModel {
  model_version_id: string;
  model_id: string;
  model_name: string;
  number: number;
}

/** The models that can help in a project; those in front are the ones chosen, or the newest. */
export interface AssistantModels {
  detectors: AssistantModel[];
  segmenters: AssistantModel[];
}

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

  models(): Promise<AssistantModels> {
    return this.http.get(`/projects/${this.projectId}/assistants`);
  }

  segment(itemId: string, body: SegmentBody, signal: AbortSignal): Promise<SegmentAnswer> {
    return this.http.post(`/projects/${this.projectId}/items/${itemId}/segment`, body, { signal });
  }

  suggest(itemId: string, body: { model_version_id: string; score_threshold: number }, signal: AbortSignal): Promise<{ model_version_id: string; labelling: Labelling }> {
    return this.http.post(`/projects/${this.projectId}/items/${itemId}/suggest`, body, { signal });
  }
}
