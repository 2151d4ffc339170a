/** One fetch for the whole page: CSRF header, problem+json to ApiError, retries where a repeat does no harm. */
import type { Problem } from "./types";
import { msg } from "../engine/text";

export const API_BASE = "/api/v1";

/** The server answered, and said no. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: Problem["errors"] = [],
    readonly retryAfterMs: number | null = null,
    /** The whole of what the server said, such as what stands in the way. */
    readonly problem: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }

  /** Trying again later may help. */
  get isTransient(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** No answer at all: the server is down or the network is gone. */
export class OfflineError extends Error {
  override readonly name = "OfflineError";
}

export function isOffline(error: unknown): boolean {
  return error instanceof OfflineError || (error instanceof ApiError && [502, 503, 504].includes(error.status));
}

/** A sentence for people about any failure. */
export function sentenceFor(error: unknown): string {
  if (error instanceof OfflineError) return msg`The server does not answer. Your work is kept; trying again.`;
  if (error instanceof ApiError) return [sentence(error.detail), ...error.errors.slice(0, 3).map((e) => `${e.where}: ${e.what}`)].join(" ");
  return error instanceof Error ? error.message : String(error);
}

/** With a capital and a full stop, as it stands by itself on a page. */
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  /** A body that is JSON text already. */
  readonly bodyText?: string;
  readonly signal?: AbortSignal;
  /** Sent even while the page is being closed. */
  readonly isLast?: boolean;
  /** How often a failed idempotent request is repeated; 0 for none. */
  readonly retries?: number;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface HttpPorts {
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number) => Promise<void>;
}

const RETRY_MS = [250, 1000, 3000] as const;

export class Http {
  csrfToken: string | null = null;
  /** Told when the session has ended, so that the page can ask to sign in without losing its place. */
  onSignedOut: () => void = () => undefined;

  constructor(private readonly ports: HttpPorts) {}

  get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.#json<T>("GET", path, { retries: 2, ...options });
  }

  post<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return this.#json<T>("POST", path, { ...options, body });
  }

  put<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
    return this.#json<T>("PUT", path, { ...options, body });
  }

  patch<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
    return this.#json<T>("PATCH", path, { ...options, body });
  }

  delete<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.#json<T>("DELETE", path, options);
  }

  /** Multipart upload of files. */
  upload<T>(path: string, form: FormData, options: RequestOptions = {}): Promise<T> {
    return this.#json<T>("POST", path, { ...options, body: form });
  }

  async blob(url: string, signal?: AbortSignal): Promise<Blob> {
    return (await this.#send("GET", url, { retries: 2, ...(signal ? { signal } : {}) })).blob();
  }

  async #json<T>(method: Method, path: string, options: RequestOptions): Promise<T> {
    const response = await this.#send(method, API_BASE + path, options);
    // 204 and empty bodies are null: `T | null` where the API says so.
    const text = response.status === 204 ? "" : await response.text();
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  async #send(method: Method, url: string, options: RequestOptions): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(method, url + queryString(options.query), options);
      } catch (error) {
        const wait = RETRY_MS[attempt];
        const mayRepeat = isOffline(error) || (error instanceof ApiError && error.isTransient);
        if (!mayRepeat || attempt >= (options.retries ?? 0) || wait === undefined || options.signal?.aborted) throw error;
        await this.ports.sleep((error instanceof ApiError ? error.retryAfterMs : null) ?? wait);
      }
    }
  }

  async #once(method: Method, url: string, { body, bodyText, signal, isLast }: RequestOptions): Promise<Response> {
    const headers = new Headers({ Accept: "application/json" });
    const isForm = body instanceof FormData;
    const text = bodyText ?? (body === undefined || isForm ? null : JSON.stringify(body));
    if (text !== null) headers.set("Content-Type", "application/json");
    if (method !== "GET" && this.csrfToken) headers.set("X-CSRF-Token", this.csrfToken);
    let response: Response;
    try {
      response = await this.ports.fetch(url, {
        method,
        headers,
        credentials: "same-origin",
        body: isForm ? body : text,
        signal: signal ?? null,
        keepalive: isLast ?? false,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new OfflineError(msg`The server does not answer.`);
    }
    if (response.ok) return response;
    const failure = await errorOf(response);
    if (failure.status === 401 && !url.includes("/auth/")) this.onSignedOut();
    throw failure;
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const after = Number(response.headers.get("Retry-After"));
  const retryAfterMs = after > 0 ? after * 1000 : null;
  try {
    const problem = (await response.json()) as Partial<Problem>;
    const detail = problem.detail ?? problem.title ?? response.statusText;
    return new ApiError(response.status, problem.code ?? "unknown", detail, problem.errors ?? [], retryAfterMs, { ...problem });
  } catch {
    return new ApiError(response.status, "unknown", response.statusText || msg`The server answered ${response.status}.`, [], retryAfterMs);
  }
}

function queryString(query: Query | undefined): string {
  if (!query) return "";
  const parts = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== "") parts.set(key, String(value));
  const text = parts.toString();
  return text ? `?${text}` : "";
}
