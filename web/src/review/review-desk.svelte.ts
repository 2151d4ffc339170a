/** One review: what to look at, whose shapes are shown, comments, and the verdict in the making. */
import type { Thread } from "../api/talk";
import type { PinnedComment, ReviewMaterial, ReviewReason } from "../api/types";
import { paste } from "../engine/commands";
import type { Point } from "../engine/geometry";
import type { Overlay } from "../engine/render/objects";
import { boundsOfGeometry } from "../engine/shapes/registry";
import type { OpenTask } from "../workbench/open-task";
import { authorColor } from "./author-colors";
import { type Difference, differencesOf } from "./differences";
import { msg } from "../engine/text";

export interface DeskExtra {
  readonly comments?: PinnedComment[];
  readonly isFixing?: boolean;
}

const EMPTY = { annotations: [], answers: {} };

export class ReviewDesk {
  readonly differences: readonly Difference[];
  readonly material: ReviewMaterial;
  /** Authors whose shapes are shown. */
  shown = $state.raw<ReadonlySet<string>>(new Set());
  showsConsensus = $state(true);
  currentKey = $state<string | null>(null);
  comments = $state<PinnedComment[]>([]);
  isFixing = $state(false);
  /** Where the comment being written is pinned. */
  pinAt = $state<Point | null>(null);

  constructor(readonly task: OpenTask, private readonly onChange: () => void) {
    this.material = task.ready.payload.review ?? { consensus: null, consensus_version: 0, submissions: [] };
    this.differences = differencesOf(this.material.consensus ?? EMPTY, this.material.submissions, task.bench.editor.frame);
    this.shown = new Set(this.material.submissions.map((s) => s.author));
    const extra = task.extra as DeskExtra;
    this.comments = extra.comments ?? [];
    if (extra.isFixing) this.#setFixing(true);
    task.bench.editor.onPin = (at) => (this.pinAt = at);
  }

  get extra(): Record<string, unknown> {
    return { comments: $state.snapshot(this.comments), isFixing: this.isFixing };
  }

  get current(): Difference | null {
    return this.differences.find((d) => d.key === this.currentKey) ?? null;
  }

  readonly quarrels: readonly Difference[] = $derived.by(() => this.differences.filter((d) => d.weight > 0));
  readonly agreed: readonly Difference[] = $derived.by(() => this.differences.filter((d) => d.weight === 0));

  colorOf(author: string): string {
    return authorColor(this.material.submissions.findIndex((s) => s.author === author));
  }

  /** All shown authors' shapes; with one difference in hand only those that belong to it. */
  readonly overlays: readonly Overlay[] = $derived.by(() => {
    const { current } = this;
    if (current) {
      return current.votes.flatMap((v) => (v.annotation && this.shown.has(v.author) ? [{ annotation: v.annotation, color: this.colorOf(v.author), tag: v.author }] : []));
    }
    return this.material.submissions.flatMap((s) =>
      this.shown.has(s.author) ? s.labelling.annotations.map((annotation) => ({ annotation, color: this.colorOf(s.author), tag: null })) : [],
    );
  });

  /** What was kept beside the fix on another device: comments come together. */
  join(theirs: DeskExtra): void {
    const isHere = (c: PinnedComment): boolean => this.comments.some((own) => own.x === c.x && own.y === c.y && own.text === c.text);
    this.comments.push(...(theirs.comments ?? []).filter((c) => !isHere(c)));
    if (theirs.isFixing && !this.isFixing) this.#setFixing(true);
  }

  /** Shows the place of a comment, and the object it is about. */
  lookAt(thread: Thread): void {
    const { editor } = this.task.bench;
    const entry = thread.annotation_id === null ? null : editor.document.find(thread.annotation_id);
    if (entry) editor.select([thread.annotation_id!]);
    if (thread.x !== null && thread.y !== null) editor.viewport.reveal({ x0: thread.x - 20, y0: thread.y - 20, x1: thread.x + 20, y1: thread.y + 20 });
    else if (entry) editor.viewport.reveal(boundsOfGeometry(entry.annotation.geometry));
    editor.changed("view");
  }

  toggleAuthor(author: string): void {
    const next = new Set(this.shown);
    if (!next.delete(author)) next.add(author);
    this.shown = next;
  }

  look(difference: Difference | null): void {
    this.currentKey = difference?.key ?? null;
    const { editor } = this.task.bench;
    if (!difference) return;
    editor.select(difference.consensusId ? [difference.consensusId] : []);
    editor.viewport.focus(boundsOfGeometry(difference.annotation.geometry));
    editor.changed("view");
  }

  step(by: 1 | -1): void {
    const list = this.quarrels.length ? this.quarrels : this.agreed;
    if (!list.length) return;
    const at = list.findIndex((d) => d.key === this.currentKey);
    this.look(list[at < 0 ? (by === 1 ? 0 : list.length - 1) : (at + by + list.length) % list.length]!);
  }

  /** A click on the picture picks the difference of the object. */
  follow(id: string | null): void {
    if (id === null) this.currentKey = null;
    else if (this.differences.some((d) => d.consensusId === id)) this.currentKey = id;
  }

  startFix(): void {
    if (!this.isFixing) this.#setFixing(true);
    this.onChange();
  }

  /** Takes all changes back; they stay in the log and can be redone. */
  dropFix(): void {
    const { editor } = this.task.bench;
    while (editor.history.canUndo) editor.undo();
    this.#setFixing(false);
    this.onChange();
  }

  /** Puts an author's object into the labels. */
  take(difference: Difference, author: string): void {
    const own = difference.votes.find((v) => v.author === author)?.annotation;
    if (!own) return;
    this.startFix();
    const { editor } = this.task.bench;
    const entry = difference.consensusId === null ? null : editor.document.find(difference.consensusId);
    if (!entry) return paste(editor, [own], msg`Take from ${author}`);
    editor.put([{ z: entry.z, annotation: { ...own, annotation_id: entry.annotation.annotation_id, origin: own.annotation_id, score: null } }], msg`Take from ${author}`);
  }

  addComment(text: string): void {
    if (!this.pinAt) return;
    const [x, y] = this.pinAt;
    const [about] = this.task.bench.editor.selection;
    this.comments.push({ x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100, text, ...(about ? { annotation_id: about } : {}) });
    this.pinAt = null;
    this.onChange();
  }

  dropComment(index: number): void {
    this.comments.splice(index, 1);
    this.onChange();
  }

  reasons(codes: readonly string[], note: string): ReviewReason[] {
    const [id] = this.task.bench.editor.selection;
    return codes.map((code) => ({ code, ...(id ? { annotation_id: id } : {}), ...(note ? { text: note } : {}) }));
  }

  #setFixing(isFixing: boolean): void {
    this.isFixing = isFixing;
    const { editor } = this.task.bench;
    editor.isReadonly = !isFixing;
    editor.changed("tool");
    editor.changed("live");
  }
}
