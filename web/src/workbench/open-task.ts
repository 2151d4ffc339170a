/** One task on the bench: its editor, its draft, its clock. Knows how to come back from a draft. */
import type { Labelling } from "../engine/types";
import { Editor } from "../engine/editor";
import { type DraftBody, readDraft } from "../engine/edits/draft";
import { idMaker } from "../engine/ids";
import type { ServerDraft } from "../api/types";
import type { DraftKeeper } from "../outbox/draft-keeper";
import type { KeptDraft } from "../outbox/kept";
import { secureRandom } from "../outbox/request-key";
import { ActiveClock } from "./active-clock";
import { Bench } from "./bench.svelte";
import type { Picture } from "./picture";
import type { ReadyTask } from "./task-queue";

/** What a page adds to the draft, such as a reviewer's comments. */
export type DraftExtra = Readonly<Record<string, unknown>>;

export interface OpenTask {
  readonly ready: ReadyTask;
  readonly bench: Bench;
  readonly picture: Picture | null;
  readonly clock: ActiveClock;
  readonly keeper: DraftKeeper;
  readonly extra: DraftExtra;
}

export interface ChosenDraft {
  readonly body: (DraftBody & { extra?: DraftExtra }) | null;
  readonly revision: number;
  readonly confirmed: number;
  /** Another device had gone on with it; its state was taken. */
  readonly isFromElsewhere: boolean;
}

/** The newer of what this computer and the server kept. */
export function chooseDraft(here: KeptDraft | null, server: ServerDraft | null): ChosenDraft {
  const confirmed = server?.revision ?? 0;
  const revision = Math.max(here?.revision ?? 0, confirmed);
  const isServerNewer = server !== null && (here === null || server.revision > here.revision);
  const body = readDraft(isServerNewer ? server.body : (here?.body ?? null));
  const extra = (isServerNewer ? server.body : here?.body) as { extra?: DraftExtra } | undefined;
  const hadUnsent = here !== null && here.revision > here.serverRevision;
  return {
    body: body && (extra?.extra ? { ...body, extra: extra.extra } : body),
    revision, confirmed,
    isFromElsewhere: isServerNewer && hadUnsent,
  };
}

const newAnnotationId = idMaker("ann", Date.now, secureRandom);

/** Pre-labels become objects of this labelling that remember where they came from; the same each time they are handed out. */
export function fromPrelabel(prelabel: Labelling): Labelling {
  return {
    annotations: prelabel.annotations.map((a) => ({ ...a, annotation_id: `pre_${a.annotation_id}`.slice(0, 200), origin: a.annotation_id, score: null })),
    answers: prelabel.answers,
  };
}

export function openBench(ready: ReadyTask, base: Labelling, draft: DraftBody | null, isReadonly: boolean): { bench: Bench; clock: ActiveClock } {
  const { width, height } = ready.payload.item;
  const editor = new Editor({
    frame: { width, height },
    ontology: ready.ontology,
    base: draft?.base ?? base,
    log: draft?.log ?? [],
    hidden: draft?.hidden ?? [],
    locked: draft?.locked ?? [],
    decisions: draft?.decisions ?? [],
    isReadonly,
    now: Date.now,
    newId: newAnnotationId,
  });
  return { bench: new Bench(editor), clock: new ActiveClock(draft?.active_ms ?? 0) };
}
