/** A merge that waits for a person, or for nobody: what differs, what was chosen, and how it becomes a step of the log. */
import type { Editor } from "../engine/editor";
import { type Merge, type MergeChoice, answerKey, changesTo, settle } from "../engine/edits/merge";
import { sameJson } from "../engine/edits/patch";
import type { Labelling } from "../engine/types";
import type { MergeHand } from "./actions/merge";
import { msg } from "../engine/text";

export interface MergeNames {
  readonly mine: string;
  readonly theirs: string;
}

export class MergeCase {
  /** The view that shows it, for keys; null until it is there. */
  hand: MergeHand | null = null;
  readonly #choices = new Map<string, MergeChoice>();

  constructor(
    readonly editor: Editor,
    readonly merge: Merge,
    readonly names: MergeNames,
    /** How it came to this, for people. */
    readonly reason: string,
    private readonly onDone: () => void,
  ) {}

  get choices(): ReadonlyMap<string, MergeChoice> {
    return this.#choices;
  }

  choose(key: string, choice: MergeChoice): void {
    this.#choices.set(key, choice);
  }

  /** Chooses the same for everything that is still open. */
  chooseRest(choice: MergeChoice): void {
    for (const key of this.open) this.#choices.set(key, choice);
  }

  /** What still waits for a choice: annotation ids, and keys of answers. */
  get open(): string[] {
    const objects = this.merge.objects.filter((o) => o.isDeletionConflict || o.conflicts.length).map((o) => o.id);
    const answers = this.merge.answers.filter((a) => a.isConflict).map((a) => answerKey(a.question_id));
    return [...objects, ...answers].filter((key) => !this.#choices.has(key));
  }

  /** What it comes to as chosen so far. */
  result(newId: () => string = this.editor.newId): Labelling {
    return settle(this.merge, this.#choices, newId);
  }

  /** What was taken from the other side without asking. */
  get summary(): string {
    const taken = this.merge.objects.filter((o) => o.changedBy === "theirs");
    const count = (what: string, list: readonly unknown[]): string[] => (list.length ? [`${list.length} ${what}`] : []);
    const parts = [
      ...count("added", taken.filter((o) => !o.base)),
      ...count("changed", taken.filter((o) => o.base && o.theirs)),
      ...count("deleted", taken.filter((o) => !o.theirs)),
      ...count("answered", this.merge.answers),
      ...count("related", this.merge.relations.filter((r) => !sameJson(r.base, r.theirs))),
    ];
    return parts.length ? msg`Put together with ${this.names.theirs.toLowerCase()}: ${parts.join(", ")}. Undo takes it back.` : msg`Nothing had to be put together.`;
  }

  /** Makes it one step that can be undone. */
  finish(): void {
    const { editor } = this;
    const { entries, answers, relations } = changesTo(editor.document, this.result());
    const { isReadonly } = editor;
    editor.isReadonly = false;
    editor.enact(msg`Put two states together`, entries, answers, relations);
    editor.isReadonly = isReadonly;
    this.onDone();
  }
}
