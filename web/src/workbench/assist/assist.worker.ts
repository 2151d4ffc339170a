/** The assistants' own thread. One request runs at a time; between its steps it listens, so that a stale one stops. */
import { type RequestKind, Workshop } from "../../engine/assist/workshop";
import type { Patch } from "../../engine/assist/raster";
import type { FromWorker, ToWorker } from "./protocol";

interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}
const scope = self as unknown as Scope;

const workshop = new Workshop();
const waiting: Extract<ToWorker, { say: "ask" }>[] = [];
let running: number | null = null;
let isStopped = false;

scope.onmessage = ({ data }) => {
  switch (data.say) {
    case "keep":
      return keep(data.patch, data.bitmap);
    case "drop": {
      const at = waiting.findIndex((w) => w.id === data.id);
      if (at >= 0) waiting.splice(at, 1);
      else if (data.id === running) isStopped = true;
      return;
    }
    case "ask":
      waiting.push(data);
      if (running === null) void work();
  }
};

function keep(patch: Patch, bitmap: ImageBitmap): void {
  const canvas = new OffscreenCanvas(patch.width, patch.height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0, patch.width, patch.height);
  bitmap.close();
  workshop.keep(patch, { width: patch.width, height: patch.height, rgba: context.getImageData(0, 0, patch.width, patch.height).data });
}

async function work(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    running = next.id;
    isStopped = false;
    try {
      await run(next);
    } catch (error) {
      scope.postMessage({ id: next.id, failure: String(error) }, []);
    }
  }
  running = null;
}

async function run({ id, kind, patch, frame, request }: Extract<ToWorker, { say: "ask" }>): Promise<void> {
  const steps = workshop.answer<RequestKind>(kind, patch, frame, request);
  for (;;) {
    await turn();
    if (isStopped) return;
    const step = steps.next();
    if (!step.done) continue;
    const answer = step.value;
    if (answer === undefined) scope.postMessage({ id, isMissing: true }, []);
    else scope.postMessage({ id, answer }, transfers(answer));
    return;
  }
}

/** Large arrays go over without a copy. */
function transfers(answer: unknown): Transferable[] {
  const fields = typeof answer === "object" && answer !== null ? Object.values(answer) : [];
  return fields.flatMap((v) => (ArrayBuffer.isView(v) ? [v.buffer as ArrayBuffer] : []));
}

const channel = new MessageChannel();
let onTurn: (() => void) | null = null;
channel.port1.onmessage = () => onTurn?.();

/** One turn of the event loop, without the delay of a timer. */
function turn(): Promise<void> {
  return new Promise((done) => {
    onTurn = done;
    channel.port2.postMessage(null);
  });
}
