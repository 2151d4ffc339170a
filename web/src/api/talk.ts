/** Talk about tasks, own work and its revision, by their JSON names. */
import type { Http } from "./http";
import type { DraftPut, Labelling, Page, ReviewReason, ServerDraft, TaskItem, TaskScope, Verdict } from "./types";

export interface Reply {
  comment_id: string;
  /** A name; a letter or a role for those who may not know it. */
  author: string;
  is_mine: boolean;
  text: string;
  created_ms: number;
}

export interface Thread extends Reply {
  /** Where it is pinned; null for the whole item. */
  x: number | null;
  y: number | null;
  annotation_id: string | null;
  review_id: string | null;
  resolved_ms: number | null;
  resolved_by: string | null;
  replies: Reply[];
}

export interface CommentBody {
  request_key: string;
  text: string;
  x?: number;
  y?: number;
  annotation_id?: string;
}

export interface ReplyBody {
  request_key: string;
  text: string;
}

export type Doing = "label" | "review" | "revise" | "look" | "away";

export interface Present {
  who: string;
  /** Oneself on another device. */
  is_me: boolean;
  doing: Doing;
  has_lease: boolean;
  since_ms: number;
  seen_ms: number;
}

export interface BlameMark {
  who: string;
  is_mine: boolean;
  source: "human" | "fix" | "imported" | "prediction" | "gold" | "consensus";
  submission_id: string | null;
  version: number;
  model_version_id: string | null;
  at_ms: number;
}

export interface BlameOfObject {
  created: BlameMark;
  changed: BlameMark | null;
  origin: BlameMark | null;
  supporters: BlameMark[];
}

export type Blame = Readonly<Record<string, BlameOfObject>>;

export type WorkShow = "all" | "unread" | "accepted" | "fixed" | "rejected" | "talk";

export interface WorkEntry {
  task_id: string;
  project_id: string;
  project_name: string;
  item_id: string;
  item_name: string;
  thumbnail: string;
  /** Null where one only talked or reviewed. */
  submission: { submission_id: string; version: number; annotation_count: number; active_ms: number; is_rejected: boolean; created_ms: number } | null;
  review: { review_id: string; verdict: Verdict; reasons: ReviewReason[]; created_ms: number } | null;
  news: { kind: "accepted" | "fixed" | "rejected" | "commented" | "replied" | "consequence"; at_ms: number; is_unread: boolean } | null;
  comment_count: number;
  open_threads: number;
}

export interface RevisionSubmission {
  submission_id: string;
  version: number;
  labelling: Labelling;
  is_rejected: boolean;
  created_ms: number;
}

export interface Revision {
  task_id: string;
  project_id: string;
  item: TaskItem;
  submission: RevisionSubmission;
  may_revise: boolean;
  why_not: string | null;
  draft: ServerDraft | null;
  ontology_version: number;
  instructions_version: number;
  /** Absent where the task asks for all that its project asks for. */
  scope?: TaskScope | null;
}

/** A task as those see it who had a part in it. */
export interface OutcomePage {
  project_id: string;
  task: { task_id: string; state: string; consensus_version: number };
  item: TaskItem;
  ontology_version: number;
  submissions: {
    submission_id: string;
    author: string;
    is_mine: boolean;
    kind: "human" | "fix" | "imported" | "prediction" | "gold";
    version: number;
    is_newest: boolean;
    is_rejected: boolean;
    labelling: Labelling;
    created_ms: number;
  }[];
  consensus: { version: number; method: string; labelling: Labelling } | null;
  reviews: { review_id: string; reviewer: string | null; verdict: Verdict; reasons: ReviewReason[]; submission_id: string | null; created_ms: number }[];
}

export class TalkApi {
  constructor(private readonly http: Http) {}

  threads(taskId: string, cursor: string | null = null): Promise<Page<Thread>> {
    return this.http.get(`/tasks/${taskId}/comments`, { query: { cursor, limit: 100 } });
  }

  async allThreads(taskId: string): Promise<Thread[]> {
    const found: Thread[] = [];
    for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
      const page: Page<Thread> = await this.threads(taskId, cursor);
      found.push(...page.items);
      cursor = page.next_cursor;
    }
    return found;
  }

  resolve(commentId: string, isResolved: boolean): Promise<Thread> {
    return this.http.post(`/comments/${commentId}/resolve`, { is_resolved: isResolved });
  }

  /** `isLast`: the page goes away and will not hear the answer. */
  presence(taskId: string, device: string, doing: Doing, isLast = false): Promise<{ others: Present[] }> {
    return this.http.put(`/tasks/${taskId}/presence`, { device, doing }, { isLast });
  }

  async blame(taskId: string): Promise<Blame> {
    return (await this.http.get<{ objects: Blame }>(`/tasks/${taskId}/blame`)).objects;
  }

  work(workspaceId: string, show: WorkShow, cursor: string | null = null): Promise<Page<WorkEntry>> {
    return this.http.get(`/workspaces/${workspaceId}/work`, { query: { show, cursor, limit: 50 } });
  }

  async unread(workspaceId: string): Promise<number> {
    return (await this.http.get<{ unread: number }>(`/workspaces/${workspaceId}/work/unread`, { retries: 0 })).unread;
  }

  outcome(taskId: string): Promise<OutcomePage> {
    return this.http.get(`/tasks/${taskId}`);
  }

  seen(taskId: string): Promise<null> {
    return this.http.post(`/tasks/${taskId}/seen`);
  }

  revision(taskId: string): Promise<Revision> {
    return this.http.get(`/tasks/${taskId}/revision`);
  }

  putRevisionDraft(taskId: string, body: DraftPut): Promise<{ revision?: number; saved_ms?: number } | null> {
    return this.http.put(`/tasks/${taskId}/revision/draft`, body);
  }
}
