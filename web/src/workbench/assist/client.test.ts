import { describe, expect, it } from "vitest";
import type { Patch } from "../../engine/assist/raster";
import { AssistClient, type Line } from "./client";
import type { FromWorker, ToWorker } from "./protocol";

const frame = { width: 100, height: 100 };
const patch = (x0: number): Patch => ({ x0, y0: 0, scale: 1, width: 10, height: 10 });
const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

function setUp(cut: () => Promise<ImageBitmap> = async () => ({}) as ImageBitmap) {
  const said: ToWorker[] = [];
  const failures: string[] = [];
  const line: Line = { postMessage: (m) => void said.push(m), onmessage: null, terminate: () => undefined };
  const client = new AssistClient(() => line, frame, cut, (text) => failures.push(text));
  const answer = (data: FromWorker): void => line.onmessage!({ data });
  const asks = () => said.filter((m) => m.say === "ask");
  return { client, said, failures, answer, asks };
}
const superpixels = { side: 10 };
const cells = (count: number) => ({ width: 1, height: 1, of: new Int32Array(1), count });

describe("the line to the worker", () => {
  it("sends the pixels of a patch once, then the requests", async () => {
    const { client, said, answer, asks } = setUp();
    const first = client.ask("superpixels", patch(0), superpixels);
    await soon();
    answer({ id: asks()[0]!.id, answer: cells(7) });
    expect((await first)?.count).toBe(7);
    void client.ask("superpixels", patch(0), superpixels);
    await soon();
    expect(said.map((m) => m.say)).toEqual(["keep", "ask", "ask"]);
  });

  it("drops what is stale: only the newest of a kind is answered", async () => {
    const { client, said, answer, asks } = setUp();
    const stale = client.ask("superpixels", patch(0), superpixels);
    const other = client.ask("wire", patch(0), { anchor: [1, 1], reach: 2 });
    await soon();
    const newest = client.ask("superpixels", patch(0), superpixels);
    expect(await stale).toBeNull();
    await soon();
    const [first, wire, third] = asks();
    expect(said.filter((m) => m.say === "drop").map((m) => m.id)).toEqual([first!.id]);
    answer({ id: first!.id, answer: cells(1) });
    answer({ id: third!.id, answer: cells(3) });
    answer({ id: wire!.id, answer: { anchor: 5, towards: new Uint8Array(1), strength: new Uint8Array(1) } });
    expect((await newest)?.count).toBe(3);
    expect((await other)?.anchor).toBe(5);
  });

  it("sends the pixels again when the worker let them go, but not for ever", async () => {
    const { client, said, answer, asks } = setUp();
    const asked = client.ask("superpixels", patch(0), superpixels);
    await soon();
    answer({ id: asks()[0]!.id, isMissing: true });
    await soon();
    expect(said.map((m) => m.say)).toEqual(["keep", "ask", "keep", "ask"]);
    answer({ id: asks()[0]!.id, isMissing: true });
    expect(await asked).toBeNull();
  });

  it("answers with nothing and a sentence when pixels or worker fail", async () => {
    const broken = setUp(() => Promise.reject(new Error("detached")));
    expect(await broken.client.ask("superpixels", patch(0), superpixels)).toBeNull();
    const { client, failures, answer, asks } = setUp();
    const asked = client.ask("superpixels", patch(0), superpixels);
    await soon();
    answer({ id: asks()[0]!.id, failure: "out of memory" });
    expect(await asked).toBeNull();
    expect([broken.failures.length, failures.length]).toEqual([1, 1]);
  });

  it("leaves nobody waiting when it is closed", async () => {
    const { client } = setUp();
    const asked = client.ask("superpixels", patch(0), superpixels);
    client.close();
    expect(await asked).toBeNull();
  });
});
