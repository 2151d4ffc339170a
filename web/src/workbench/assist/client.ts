/** Asks the worker. Of each kind only the newest request is answered; the ones before it get null at once. */
import type { Frame } from "../../engine/geometry";
import { type Patch, patchKey } from "../../engine/assist/raster";
import { type Answers, MOST_PATCHES, type RequestKind, type Requests } from "../../engine/assist/workshop";
import type { FromWorker, ToWorker } from "./protocol";
import { msg } from "../../engine/text";

/** The part of a Worker that is used. */
export interface Line {
  postMessage(message: ToWorker, transfer: Transferable[]): void;
  onmessage: ((event: { data: FromWorker }) => void) | null;
  terminate(): void;
}

/** Cuts the pixels of a patch out of the open picture. */
export type Cut = (patch: Patch) => Promise<ImageBitmap>;

interface Asked {
  readonly kind: RequestKind;
  readonly patch: Patch;
  readonly request: Requests[RequestKind];
  readonly done: (answer: Answers[RequestKind] | null) => void;
  isSecondTry: boolean;
}

export class AssistClient {
  readonly #line: Line;
  readonly #asked = new Map<number, Asked>();
  /** The request under way of each kind. */
  readonly #newest = new Map<RequestKind, number>();
  readonly #sent = new Map<string, Promise<void>>();
  #next = 0;

  constructor(makeLine: () => Line, private readonly frame: Frame, private readonly cut: Cut, private readonly onFailure: (text: string) => void) {
    this.#line = makeLine();
    this.#line.onmessage = ({ data }) => this.#answered(data);
  }

  async ask<K extends RequestKind>(kind: K, patch: Patch, request: Requests[K]): Promise<Answers[K] | null> {
    const id = ++this.#next;
    const before = this.#newest.get(kind);
    if (before !== undefined) this.#drop(before);
    this.#newest.set(kind, id);
    return new Promise((done) => {
      this.#asked.set(id, { kind, patch, request, done: done as Asked["done"], isSecondTry: false });
      void this.#post(id);
    });
  }

  close(): void {
    for (const id of [...this.#asked.keys()]) this.#drop(id);
    this.#line.terminate();
  }

  async #post(id: number): Promise<void> {
    const asked = this.#asked.get(id);
    if (!asked) return;
    try {
      await this.#send(asked.patch);
    } catch {
      this.onFailure(msg`The picture cannot be read here, so the assistants see nothing of it.`);
      return this.#finish(id, null);
    }
    // While the pixels were on their way, something newer may have been asked.
    if (!this.#asked.has(id)) return;
    this.#line.postMessage({ say: "ask", id, kind: asked.kind, patch: asked.patch, frame: this.frame, request: asked.request }, []);
  }

  /** Sends the pixels of a patch once; the newest few stay with the worker. */
  #send(patch: Patch): Promise<void> {
    const key = patchKey(patch);
    let sent = this.#sent.get(key);
    this.#sent.delete(key);
    sent ??= this.cut(patch).then((bitmap) => this.#line.postMessage({ say: "keep", patch, bitmap }, [bitmap]));
    this.#sent.set(key, sent);
    sent.catch(() => this.#sent.delete(key));
    while (this.#sent.size > MOST_PATCHES) this.#sent.delete(this.#sent.keys().next().value!);
    return sent;
  }

  #answered(data: FromWorker): void {
    const asked = this.#asked.get(data.id);
    if (!asked) return;
    if ("isMissing" in data) {
      if (asked.isSecondTry) return this.#finish(data.id, null);
      asked.isSecondTry = true;
      this.#sent.delete(patchKey(asked.patch));
      return void this.#post(data.id);
    }
    if ("failure" in data) {
      this.onFailure(msg`The assistant failed on this place; the labels are untouched.`);
      return this.#finish(data.id, null);
    }
    this.#finish(data.id, data.answer);
  }

  #drop(id: number): void {
    if (!this.#asked.has(id)) return;
    this.#line.postMessage({ say: "drop", id }, []);
    this.#finish(id, null);
  }

  #finish(id: number, answer: Answers[RequestKind] | null): void {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    if (this.#newest.get(asked.kind) === id) this.#newest.delete(asked.kind);
    asked.done(answer);
  }
}
