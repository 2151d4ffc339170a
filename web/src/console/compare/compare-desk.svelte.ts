/** One item on two canvases: whose labels, what differs, and the way to the next item on which they disagree. */
import type { ConsoleApi } from "../../api/console";
import type { TaskPage } from "../../api/console-types";
import { type Http, sentenceFor } from "../../api/http";
import type { LeadApi } from "../../api/lead";
import { Editor } from "../../engine/editor";
import type { Overlay } from "../../engine/render/objects";
import { boundsOfGeometry } from "../../engine/shapes/registry";
import { msg } from "../../engine/text";
import type { Labelling, Ontology } from "../../engine/types";
import { authorColor } from "../../review/author-colors";
import { answerDifferences, type Difference, differencesOf } from "../../review/differences";
import type { Router } from "../../shell/router.svelte";
import { Bench } from "../../workbench/bench.svelte";
import { loadPicture, type Picture } from "../../workbench/picture";
import { link, partnersOf } from "./linked";
import { findNext } from "./search";
import { chosenSides, type Side, sidesOf } from "./sides";
import { twins } from "./twins";
import { isDrawnOn, withPages } from "../../workbench/document/pages.svelte";
import { withText } from "../../workbench/text/room.svelte";

export interface Pair {
  readonly page: TaskPage;
  readonly left: Side;
  readonly right: Side;
  readonly benches: readonly [Bench, Bench];
  readonly pictures: readonly [Picture, Picture] | null;
  readonly differences: readonly Difference[];
  /** Questions that were answered differently. */
  readonly questions: readonly string[];
  readonly unlink: () => void;
}

const COLORS = [authorColor(0), authorColor(1)] as const;
const EMPTY: readonly Overlay[] = [];

export class CompareDesk {
  pair = $state.raw<Pair | null>(null);
  page = $state.raw<TaskPage | null>(null);
  sides = $state.raw<readonly Side[]>([]);
  currentKey = $state<string | null>(null);
  /** The other's shapes are shown over each. */
  isOverlaid = $state(false);
  fault = $state<string | null>(null);
  /** How many items were looked at while the next is searched; null while none is. */
  searched = $state<number | null>(null);
  isBusy = $state(true);
  #turn = 0;
  #pictureOf: { readonly itemId: string; readonly picture: Picture } | null = null;
  #loading: AbortController | null = null;

  constructor(private readonly ports: {
    readonly http: Http;
    readonly console: ConsoleApi;
    readonly lead: LeadApi;
    readonly router: Pick<Router, "query" | "setQuery">;
    readonly projectId: string;
    readonly ontology: () => Promise<Ontology>;
    readonly say: (text: string) => void;
  }) {}

  get quarrels(): readonly Difference[] {
    return this.pair?.differences.filter((d) => d.weight > 0) ?? [];
  }

  get current(): Difference | null {
    return this.pair?.differences.find((d) => d.key === this.currentKey) ?? null;
  }

  /** What is shown over a side: all of the other's shapes, or those of the difference in hand. */
  overlaysOn(index: 0 | 1): readonly Overlay[] {
    const { pair } = this;
    if (!pair || !this.isOverlaid) return EMPTY;
    const [of, color] = index === 0 ? [pair.right, COLORS[1]] : [pair.left, COLORS[0]];
    return of.labelling.annotations.map((annotation) => ({ annotation, color, tag: null }));
  }

  readonly colors = COLORS;

  /** Opens what the address says. */
  async start(): Promise<void> {
    const task = this.ports.router.query.get("task");
    if (task !== null) return this.open(task);
    await this.step("forward");
    if (!this.page && !this.fault) {
      this.isBusy = false;
      this.fault = msg`There is no item on which these two disagree.`;
    }
  }

  async open(taskId: string): Promise<void> {
    const turn = ++this.#turn;
    this.isBusy = true;
    this.fault = null;
    try {
      const [page, ontology] = await Promise.all([this.ports.console.task(taskId), this.ports.ontology()]);
      const picture = await this.#picture(page);
      if (turn !== this.#turn) return;
      this.ports.router.setQuery({ task: taskId });
      this.page = page;
      this.sides = sidesOf(page);
      this.#lay(page, ontology, picture);
    } catch (error) {
      if (turn === this.#turn) this.fault = sentenceFor(error);
    } finally {
      if (turn === this.#turn) this.isBusy = false;
    }
  }

  /** Shows another pair of the same item. */
  async choose(left: string, right: string): Promise<void> {
    this.ports.router.setQuery({ left, right });
    const { page } = this;
    if (!page) return this.start();
    this.#lay(page, await this.ports.ontology(), this.#pictureOf?.picture ?? null);
  }

  swap(): void {
    const { pair } = this;
    if (pair) void this.choose(pair.right.key, pair.left.key);
  }

  /** To the next item on which the two disagree. */
  async step(direction: "forward" | "back"): Promise<void> {
    const sides = this.#wanted;
    if (this.searched !== null || !sides) return;
    const turn = ++this.#turn;
    const isWanted = (): boolean => turn === this.#turn;
    this.searched = 0;
    try {
      const found = await findNext(this.ports.lead, this.ports.projectId, sides, this.page?.task.task_id ?? null, direction, { seen: (count) => (this.searched = count), isWanted });
      if (!isWanted()) return;
      if (found === null) this.ports.say(direction === "forward" ? msg`No further item on which they disagree` : msg`No earlier item on which they disagree`);
      else await this.open(found);
    } catch (error) {
      if (isWanted()) this.fault = sentenceFor(error);
    } finally {
      this.searched = null;
    }
  }

  stop(): void {
    this.#turn += 1;
    this.searched = null;
  }

  look(difference: Difference | null): void {
    this.currentKey = difference?.key ?? null;
    const { pair } = this;
    if (!difference || !pair) return;
    const isLeft = difference.consensusId !== null;
    const { editor } = pair.benches[isLeft ? 0 : 1];
    editor.select([isLeft ? difference.consensusId : difference.annotation.annotation_id]);
    editor.viewport.focus(boundsOfGeometry(difference.annotation.geometry));
    editor.changed("view");
  }

  walk(by: 1 | -1): void {
    const list = this.quarrels.length ? this.quarrels : (this.pair?.differences ?? []);
    if (!list.length) return;
    const at = list.findIndex((d) => d.key === this.currentKey);
    this.look(list[at < 0 ? (by === 1 ? 0 : list.length - 1) : (at + by + list.length) % list.length]!);
  }

  close(): void {
    this.#turn += 1;
    this.#loading?.abort();
    this.#clear();
    this.#pictureOf?.picture.close();
    this.#pictureOf = null;
  }

  get #wanted(): { left: string; right: string } | null {
    const { query } = this.ports.router;
    const [left, right] = [this.pair?.left.key ?? query.get("left"), this.pair?.right.key ?? query.get("right")];
    return left && right && left !== right ? { left, right } : null;
  }

  #lay(page: TaskPage, ontology: Ontology, picture: Picture | null): void {
    this.#clear();
    const { query } = this.ports.router;
    const [left, right] = chosenSides(this.sides, query.get("left"), query.get("right"));
    if (!left || !right) return;
    const frame = { width: page.item.width, height: page.item.height };
    const make = (labelling: Labelling): Bench => withPages(withText(new Bench(new Editor({ frame, ontology, base: labelling, isReadonly: true, now: () => Date.now(), newId: () => "" })), page.item), page.item);
    const other = { submission_id: "", author: right.name, version: 1, labelling: right.labelling, active_ms: 0, created_ms: 0 };
    const differences = differencesOf(left.labelling, [other], frame);
    const benches = [make(left.labelling), make(right.labelling)] as const;
    const unlink = link(benches[0].editor, benches[1].editor, partnersOf(differences));
    const follow = (): void => this.#follow(differences);
    for (const { editor } of benches) editor.subscribe((aspect) => aspect === "selection" && follow());
    const questions = answerDifferences(left.labelling, [{ ...other, labelling: left.labelling }, other]);
    this.currentKey = null;
    this.pair = { page, left, right, benches, pictures: picture && twins(picture), differences, questions, unlink };
  }

  /** A click on a shape picks its difference. */
  #follow(differences: readonly Difference[]): void {
    const [left, right] = (this.pair?.benches ?? []).map((b) => [...b.editor.selection][0]);
    const found = differences.find((d) => (left !== undefined && d.consensusId === left) || (right !== undefined && d.consensusId === null && d.annotation.annotation_id === right));
    this.currentKey = found?.key ?? null;
  }

  async #picture(page: TaskPage): Promise<Picture | null> {
    if (!isDrawnOn(page.item)) return null;
    if (this.#pictureOf?.itemId === page.item.item_id) return this.#pictureOf.picture;
    this.#loading?.abort();
    this.#loading = new AbortController();
    const picture = await loadPicture(this.ports.http, page.item, this.#loading.signal);
    const before = this.#pictureOf;
    this.#pictureOf = { itemId: page.item.item_id, picture };
    // Given back once its canvases are gone.
    if (before) setTimeout(() => before.picture.close(), 1000);
    return picture;
  }

  #clear(): void {
    const { pair } = this;
    this.pair = null;
    pair?.unlink();
    pair?.benches.forEach((bench) => bench.destroy());
  }
}
