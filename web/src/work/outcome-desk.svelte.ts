/** One task looked back at: what was handed in, what it became, and what differs. */
import type { OutcomePage } from "../api/talk";
import type { Ontology } from "../api/types";
import { Editor } from "../engine/editor";
import { findClass } from "../engine/ontology";
import { union } from "../engine/geometry";
import { boundsOfGeometry, shapeOf } from "../engine/shapes/registry";
import type { Annotation, Labelling } from "../engine/types";
import { Bench } from "../workbench/bench.svelte";
import { withPages } from "../workbench/document/pages.svelte";
import { withText } from "../workbench/text/room.svelte";
import { type Change, answersBetween, changesBetween } from "./changes";
import { msg } from "../engine/text";

export interface State {
  readonly id: string;
  readonly name: string;
  readonly labelling: Labelling;
}

/** before, after: one alone; slide: both, parted by a line. */
export type Mode = "before" | "after" | "slide";

/** Two states of one picture over each other, as they are shown. */
export interface Sides {
  readonly names: { readonly before: string; readonly after: string };
  readonly beforeBench: Bench;
  readonly afterBench: Bench;
  readonly hasTwo: boolean;
  mode: Mode;
  line: number;
}

const EMPTY: Labelling = { annotations: [], answers: {} };

export class OutcomeDesk implements Sides {
  readonly names = { before: msg`Before`, after: msg`After` };
  readonly states: readonly State[];
  beforeId = $state("");
  afterId = $state("");
  mode = $state<Mode>("slide");
  /** Where the line is, as a share of the width. */
  line = $state(0.5);
  currentKey = $state<string | null>(null);

  constructor(readonly page: OutcomePage, readonly ontology: Ontology) {
    this.states = statesOf(page);
    const own = page.submissions.filter((s) => s.is_mine && s.kind === "human").at(-1) ?? page.submissions.find((s) => s.kind === "human");
    const fix = page.submissions.find((s) => s.submission_id === page.reviews.at(-1)?.submission_id);
    this.beforeId = own?.submission_id ?? this.states[0]?.id ?? "";
    this.afterId = fix?.submission_id ?? (page.consensus ? "consensus" : this.beforeId);
  }

  readonly before: Labelling = $derived.by(() => this.#labelling(this.beforeId));
  readonly after: Labelling = $derived.by(() => this.#labelling(this.afterId));
  readonly beforeBench: Bench = $derived.by(() => this.#bench(this.before));
  readonly afterBench: Bench = $derived.by(() => this.#bench(this.after));
  readonly found = $derived.by(() => changesBetween(this.before, this.after, this.page.item));
  readonly answers = $derived.by(() => answersBetween(this.before, this.after));

  /** Nothing came of it yet that differs from what was handed in. */
  get hasTwo(): boolean {
    return this.beforeId !== this.afterId;
  }

  get current(): Change | null {
    return this.found.changes.find((c) => c.key === this.currentKey) ?? null;
  }

  nameOf(a: Annotation): string {
    return findClass(this.ontology, a.class_id)?.name ?? a.class_id;
  }

  shapeName(a: Annotation): string {
    return shapeOf(a.geometry).name.toLowerCase();
  }

  look(change: Change | null): void {
    this.currentKey = change?.key ?? null;
    for (const [bench, a] of [[this.beforeBench, change?.before], [this.afterBench, change?.after]] as const) bench.editor.select(a ? [a.annotation_id] : []);
    const areas = [change?.before, change?.after].flatMap((a) => (a ? [boundsOfGeometry(a.geometry)] : []));
    if (areas.length) this.show(areas.reduce(union));
  }

  /** Shows an object that a reason or a comment is about, wherever it is. */
  lookAt(annotationId: string): void {
    const change = this.found.changes.find((c) => c.before?.annotation_id === annotationId || c.after?.annotation_id === annotationId);
    if (change) return this.look(change);
    const a = [...this.before.annotations, ...this.after.annotations].find((x) => x.annotation_id === annotationId || x.annotation_id === annotationId.slice(annotationId.indexOf(":") + 1));
    if (!a) return;
    this.currentKey = null;
    for (const bench of [this.beforeBench, this.afterBench]) bench.editor.select([a.annotation_id]);
    this.show(boundsOfGeometry(a.geometry));
  }

  show(area: Parameters<Editor["viewport"]["focus"]>[0]): void {
    const { editor } = this.beforeBench;
    editor.viewport.focus(area);
    editor.changed("view");
  }

  step(by: 1 | -1): void {
    const { changes } = this.found;
    if (!changes.length) return;
    const at = changes.findIndex((c) => c.key === this.currentKey);
    this.look(changes[at < 0 ? (by === 1 ? 0 : changes.length - 1) : (at + by + changes.length) % changes.length]!);
  }

  flip(): void {
    this.mode = this.mode === "before" ? "after" : "before";
  }

  #labelling(id: string): Labelling {
    return this.states.find((s) => s.id === id)?.labelling ?? EMPTY;
  }

  #bench(base: Labelling): Bench {
    const { width, height } = this.page.item;
    return withPages(withText(new Bench(new Editor({ frame: { width, height }, ontology: this.ontology, base, isReadonly: true, now: Date.now, newId: () => "none" })), this.page.item), this.page.item);
  }
}

function statesOf(page: OutcomePage): State[] {
  const several = page.submissions.filter((s) => s.is_mine && s.kind === "human").length > 1;
  const submissions = page.submissions.filter((s) => s.kind !== "prediction").map((s): State => {
    const author = s.is_mine ? msg`Your labels` : s.kind === "fix" ? msg`The reviewer's fix` : msg`Labels of ${s.author}`;
    return { id: s.submission_id, name: several || s.version > 1 ? msg`${author}, version ${s.version}` : author, labelling: s.labelling };
  });
  return [...submissions, ...(page.consensus ? [{ id: "consensus", name: msg`What stands now`, labelling: page.consensus.labelling }] : [])];
}
