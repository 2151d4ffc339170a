import { describe, expect, it } from "vitest";
import { ApiError, Http, OfflineError, sentenceFor } from "./http";

function http(...answers: (Response | Error)[]) {
  const seen: { url: string; init: RequestInit }[] = [];
  const slept: number[] = [];
  const client = new Http({
    fetch: async (url, init) => {
      seen.push({ url: String(url), init: init! });
      const answer = answers.shift();
      if (answer instanceof Error || !answer) throw answer ?? new TypeError("no more answers");
      return answer;
    },
    sleep: async (ms) => void slept.push(ms),
  });
  return { client, seen, slept };
}

const problem = (status: number, code: string): Response =>
  new Response(JSON.stringify({ type: "about:blank", title: "t", status, code, detail: "Do this.", errors: [{ where: "a", what: "b" }] }), { status });

describe("http", () => {
  it("sends the CSRF token on writes only", async () => {
    const { client, seen } = http(new Response("{}"), new Response("{}"));
    client.csrfToken = "tok";
    await client.get("/x", { query: { limit: 3, cursor: null } });
    await client.post("/x", { a: 1 });
    expect(seen[0]!.url).toBe("/api/v1/x?limit=3");
    expect(new Headers(seen[0]!.init.headers).has("X-CSRF-Token")).toBe(false);
    expect(new Headers(seen[1]!.init.headers).get("X-CSRF-Token")).toBe("tok");
  });

  it("reads problem+json", async () => {
    const { client } = http(problem(409, "lease_lost"));
    const error = await client.post("/x").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, code: "lease_lost", isTransient: false });
    expect(sentenceFor(error)).toBe("Do this. a: b");
  });

  it("repeats reads, never writes", async () => {
    const reads = http(new TypeError("down"), problem(503, "database_busy"), new Response('{"ok":1}'));
    expect(await reads.client.get("/x")).toEqual({ ok: 1 });
    expect(reads.slept).toEqual([250, 1000]);
    const writes = http(new TypeError("down"));
    await expect(writes.client.post("/x")).rejects.toBeInstanceOf(OfflineError);
    expect(writes.slept).toEqual([]);
  });

  it("gives null for an empty answer and tells of an ended session", async () => {
    const { client } = http(new Response(null, { status: 204 }), problem(401, "not_authenticated"));
    let isOut = false;
    client.onSignedOut = () => (isOut = true);
    expect(await client.post("/projects/p/tasks/next")).toBeNull();
    await client.get("/x").catch(() => null);
    expect(isOut).toBe(true);
  });
});
