/** The calls of a labelling lead: the items grid, what is done to many items, slices, examples, two side by side. */
import type { GridItem } from "./console-types";
import type { Http } from "./http";
import type { AttributeValue, Labelling, Page } from "./types";

export type Change =
  | { readonly kind: "answer"; readonly question_id: string; readonly value: AttributeValue; readonly is_final: boolean }
  | { readonly kind: "requeue"; readonly extra_judgements: number; readonly priority: number | null; readonly batch_id: string | null }
  | { readonly kind: "move"; readonly priority: number | null; readonly batch_id: string | null }
  | { readonly kind: "gold" }
  | { readonly kind: "delete" }
  | { readonly kind: "restore" };

/** Which items: those named, or all that fit a filter in the words of the grid's address. */
export type Chosen = { readonly task_ids: readonly string[] } | { readonly filter: string };

export interface ChangeView {
  change_id: string;
  project_id: string;
  change: Change;
  total: number;
  settled: number;
  changed: number;
  job_id: string | null;
  created_by: string;
  created_ms: number;
  finished_ms: number | null;
  undone_by: string | null;
  undone_ms: number | null;
  is_undoable: boolean;
}

export interface Slice {
  slice_id: string;
  project_id: string;
  name: string;
  query: string;
  created_by: string;
  created_ms: number;
}

export type Crop = readonly [x0: number, y0: number, x1: number, y1: number];

export interface Example {
  example_id: string;
  project_id: string;
  item_id: string;
  item_name: string;
  width: number;
  height: number;
  verdict: "good" | "bad";
  /** Markdown. */
  why: string;
  crop: Crop;
  labelling: Labelling;
  ontology_version: number;
  /** The part of the image, by its address. */
  picture: string;
  created_by: string;
  created_ms: number;
}

export interface NewExample {
  readonly item_id: string;
  readonly verdict: "good" | "bad";
  readonly why: string;
  readonly crop: Crop;
  readonly labelling: Labelling;
  readonly ontology_version: number;
}

export interface ComparedTask {
  task_id: string;
  item_id: string;
  name: string;
  width: number;
  height: number;
  left: Labelling;
  right: Labelling;
}

/** With more than one value for a name. */
export function queryText(values: Readonly<Record<string, string | number | null | undefined | readonly string[]>>): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value)) for (const each of value) text.append(name, each);
    else if (value !== null && value !== undefined && value !== "") text.append(name, String(value));
  }
  return text.toString();
}

export class LeadApi {
  constructor(private readonly http: Http) {}

  /** `query` in the words of the grid's address. */
  items(projectId: string, query: string, cursor: string | null = null): Promise<Page<GridItem>> {
    return this.http.get(`/projects/${projectId}/items?${query}${query && "&"}${queryText({ limit: 200, cursor })}`);
  }

  async count(projectId: string, query: string): Promise<number> {
    return (await this.http.get<{ count: number }>(`/projects/${projectId}/items/count?${query}`)).count;
  }

  change(projectId: string, change: Change, chosen: Chosen): Promise<ChangeView> {
    return this.http.post(`/projects/${projectId}/items/changes`, { change, ...chosen });
  }

  changes(projectId: string, cursor: string | null = null): Promise<Page<ChangeView>> {
    return this.http.get(`/projects/${projectId}/items/changes`, { query: { cursor } });
  }

  changeOf(changeId: string): Promise<ChangeView> {
    return this.http.get(`/changes/${changeId}`);
  }

  undo(changeId: string): Promise<ChangeView> {
    return this.http.post(`/changes/${changeId}/undo`);
  }

  async slices(projectId: string): Promise<Slice[]> {
    return (await this.http.get<{ items: Slice[] }>(`/projects/${projectId}/slices`)).items;
  }

  putSlice(projectId: string, body: { name: string; query: string }): Promise<Slice> {
    return this.http.post(`/projects/${projectId}/slices`, body);
  }

  dropSlice(sliceId: string): Promise<null> {
    return this.http.delete(`/slices/${sliceId}`);
  }

  makeExample(projectId: string, body: NewExample): Promise<Example> {
    return this.http.post(`/projects/${projectId}/examples`, body);
  }

  /** Of a version of the instructions. */
  async examples(projectId: string, version?: number): Promise<Example[]> {
    return (await this.http.get<{ items: Example[] }>(`/projects/${projectId}/examples`, { query: { version } })).items;
  }

  /** All that were made, also those that no version has. */
  async examplesMade(projectId: string): Promise<Example[]> {
    return (await this.http.get<{ items: Example[] }>(`/projects/${projectId}/examples/made`)).items;
  }

  /** Items that two labelled: `consensus`, `gold`, `prediction`, or members by their ids. */
  compared(projectId: string, sides: { left: string; right: string }, place: { cursor: string | null; direction: "forward" | "back" }): Promise<Page<ComparedTask>> {
    return this.http.get(`/projects/${projectId}/comparisons`, { query: { ...sides, ...place } });
  }
}
