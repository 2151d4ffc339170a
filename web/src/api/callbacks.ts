/** Callbacks: what became of tasks and batches that other programs made, told to the addresses they gave. By the wire's names. */
import type { Http } from "./http";
import type { Page } from "./types";

export type CallbackState = "waiting" | "succeeded" | "failed";

export interface Callback {
  callback_id: string;
  kind: "task" | "batch";
  subject_id: string;
  event: string;
  url: string;
  is_test: boolean;
  state: CallbackState;
  attempts: number;
  created_ms: number;
  next_try_ms: number | null;
  ended_ms: number | null;
  last_status: number | null;
  last_error: string | null;
}

export interface CallbackTry {
  at_ms: number;
  status: number | null;
  error: string | null;
  took_ms: number;
}

export interface CallbackDetail {
  callback: Callback;
  /** As it was sent last; empty while nothing was sent. */
  body: string;
  /** The beginning of the last answer. */
  answer: string;
  tries: CallbackTry[];
}

export interface CallbackSettings {
  default_url: string;
  /** `host` or `host:port` that may be told although they are not public. */
  private_hosts: string[];
  auth_key_hint: string;
  auth_key_made_ms: number | null;
}

export class CallbacksApi {
  constructor(
    private readonly http: Http,
    private readonly workspaceId: string,
  ) {}

  list(state: CallbackState | null, subjectId: string, cursor: string | null = null): Promise<Page<Callback>> {
    return this.http.get(this.#at(), { query: { state, subject_id: subjectId, cursor } });
  }

  get(callbackId: string): Promise<CallbackDetail> {
    return this.http.get(this.#at(`/${callbackId}`));
  }

  sendAgain(callbackId: string): Promise<CallbackDetail> {
    return this.http.post(this.#at(`/${callbackId}/redeliver`));
  }

  settings(): Promise<CallbackSettings> {
    return this.http.get(this.#at("/settings"));
  }

  changeSettings(change: { default_url?: string; private_hosts?: string[] }): Promise<CallbackSettings> {
    return this.http.patch(this.#at("/settings"), change);
  }

  renewAuthKey(): Promise<{ auth_key: string; settings: CallbackSettings }> {
    return this.http.post(this.#at("/auth-key"));
  }

  #at(path = ""): string {
    return `/workspaces/${this.workspaceId}/callbacks${path}`;
  }
}
