/** One task on the bench: its editor, its draft, its clock. Knows how to come back from a draft. */
import type { Labelling } from "../engine/types";
import { Editor } from "../engine/editor";
import { type Draft, readDraft } from "../engine/edits/draft";
import { LogWriter } from "../engine/edits/kept-log";
import { changesTo } from "../engine/edits/merge";
import { idMaker } from "../engine/ids";
import type { ServerDraft } from "../api/types";
import type { DraftKeeper } from "../outbox/draft-keeper";
import { sharedLines } from "../outbox/draft-merge";
import type { KeptDraft } from "../outbox/kept";
import { secureRandom } from "../outbox/request-key";
import { ActiveClock } from "./active-clock";
import { Bench } from "./bench.svelte";
import type { Picture } from "./picture";
import { withPages } from "./document/pages.svelte";
import { withText } from "./text/room.svelte";
import type { ReadyTask } from "./task-queue";
import type { TaskView } from "./views";
import { msg } from "../engine/text";

/** What a page adds to the draft, such as a reviewer's comments. */
export type DraftExtra = Readonly<Record<string, unknown>>;

export interface OpenTask {
  readonly ready: ReadyTask;
  readonly bench: Bench;
  readonly picture: Picture | null;
  readonly view: TaskView;
  readonly clock: ActiveClock;
  readonly keeper: DraftKeeper;
  readonly extra: DraftExtra;
}

/** Which draft is gone on with, and how it lies with what is kept here and on the server. */
export interface ChosenDraft {
  readonly draft: Draft | null;
  readonly lines: readonly string[];
  readonly extra: DraftExtra;
  /** Of what the draft began with, where that is counted. */
  readonly baseVersion: number | null;
  readonly revision: number;
  readonly confirmed: number;
  readonly keptLines: number;
  readonly sentLines: number;
  readonly writer: string;
  /** What another device did meanwhile, to be merged with it. */
  readonly theirs: ServerDraft | null;
}

/**
 * What is here is gone on with as long as the server has nothing that it lacks; what is only there is taken. Where both
 * have something of their own, what is here is opened and the other is to be merged with it.
 */
export function chooseDraft(here: KeptDraft | null, server: ServerDraft | null, newWriter: () => string): ChosenDraft {
  const hasUnsent = here !== null && here.revision > here.serverRevision;
  const isNews = server !== null && (here === null || server.revision > here.serverRevision);
  const takesServer = isNews && (!hasUnsent || readDraft(here.head, here.lines) === null);
  const chosen = takesServer || !here ? { head: server?.body, lines: server?.log ?? [] } : { head: here.head, lines: here.lines };
  const draft = readDraft(chosen.head, chosen.lines);
  const lines = draft ? chosen.lines : [];
  const sharedHere = sharedLines(lines, here?.lines ?? []);
  const sharedThere = sharedLines(lines, server?.log ?? []);
  // Own lines that arrived although the answer did not are no other device's.
  const isOwn = server !== null && sharedThere === server.log.length && sharedThere > 0;
  const beside = chosen.head as { extra?: DraftExtra; base_version?: number } | null | undefined;
  return {
    draft, lines,
    extra: (draft && beside?.extra) ?? {},
    baseVersion: (draft && beside?.base_version) ?? null,
    revision: Math.max(here?.revision ?? 0, server?.revision ?? 0),
    confirmed: Math.max(server?.revision ?? 0, here?.serverRevision ?? 0),
    keptLines: sharedHere,
    // What the server was last known to have, where the draft that came with the task is an older one.
    sentLines: server === null || (here !== null && server.revision < here.serverRevision) ? 0 : sharedThere,
    writer: here?.writer ?? newWriter(),
    theirs: isNews && !takesServer && !isOwn ? server : null,
  };
}

const newAnnotationId = idMaker("ann", Date.now, secureRandom);

/** Pre-labels become objects of this labelling that remember where they came from; the same each time they are handed out. */
export function fromPrelabel(prelabel: Labelling): Labelling {
  const idOf = (id: string): string => `pre_${id}`.slice(0, 200);
  const relations = (prelabel.relations ?? []).map((r) => ({ ...r, relation_id: idOf(r.relation_id), from_id: idOf(r.from_id), to_id: idOf(r.to_id), score: null }));
  return {
    annotations: prelabel.annotations.map((a) => ({ ...a, annotation_id: idOf(a.annotation_id), origin: a.annotation_id, score: null })),
    answers: prelabel.answers,
    ...(relations.length ? { relations } : {}),
  };
}

export interface OpenBench {
  readonly bench: Bench;
  readonly clock: ActiveClock;
  readonly log: LogWriter;
  /** Lines of the draft that could not be read. */
  readonly lostLines: number;
}

export function openBench(ready: ReadyTask, base: Labelling, chosen: Pick<ChosenDraft, "draft" | "lines">, isReadonly: boolean): OpenBench {
  const { width, height } = ready.payload.item;
  const { draft, lines } = chosen;
  const editor = new Editor({
    frame: { width, height },
    ontology: ready.ontology,
    base: draft?.beginning.labelling ?? base,
    baseZ: draft?.beginning.z ?? null,
    log: draft?.log ?? [],
    hidden: draft?.hidden ?? [],
    locked: draft?.locked ?? [],
    decided: draft?.beginning.decided ?? [],
    isReadonly,
    now: Date.now,
    newId: newAnnotationId,
  });
  const log = draft && lines.length ? LogWriter.resume(lines, draft) : new LogWriter({ labelling: editor.base, z: editor.baseZ, decided: draft?.beginning.decided ?? [] });
  if (draft?.kept) becomeKept(editor, draft.kept);
  const bench = withPages(withText(new Bench(editor, ready.payload.scope?.limits), ready.payload.item), ready.payload.item);
  return { bench, clock: new ActiveClock(draft?.active_ms ?? 0), log, lostLines: draft ? lines.length - draft.lineCount : 0 };
}

/** What was handed in too late is the newest state; it is one more step of the log. */
function becomeKept(editor: Editor, kept: Labelling): void {
  const { entries, answers, relations } = changesTo(editor.document, kept);
  const { isReadonly } = editor;
  editor.isReadonly = false;
  editor.enact(msg`Take up what was kept when the lease had ended`, entries, answers, relations);
  editor.isReadonly = isReadonly;
}
