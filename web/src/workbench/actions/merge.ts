/** The keys of the merge view, while two states of one task are put together. */
import type { MergeChoice } from "../../engine/edits/merge";
import type { Action, Scope } from "../../engine/keys/keymap";
import { msg } from "../../engine/text";

/** What a merge view takes from keys. */
export interface MergeHand {
  choose(choice: MergeChoice): void;
  chooseRest(choice: MergeChoice): void;
  step(by: 1 | -1): void;
  toggleSettled(): void;
  finish(): boolean;
}

/** All that is heard while two states are put together: nothing of the page behind. */
export const MERGE_SCOPES: readonly Scope[] = ["merge", "any"];

/** `hand` is null while nothing is put together. */
export function mergeActions(hand: () => MergeHand | null): Action[] {
  const action = (id: string, name: string, run: (hand: MergeHand) => void, more: Partial<Action> = {}): Action => ({
    id, name, group: msg`Two states of one task`, scope: "merge",
    run: () => {
      const found = hand();
      if (found) run(found);
    },
    isEnabled: () => hand() !== null,
    ...more,
  });
  return [
    action("merge.mine", msg`Take mine`, (h) => h.choose("mine")),
    action("merge.theirs", msg`Take theirs`, (h) => h.choose("theirs")),
    action("merge.both", msg`Take both`, (h) => h.choose("both")),
    action("merge.next", msg`Next of what differs`, (h) => h.step(1), { repeats: true }),
    action("merge.previous", msg`Previous of what differs`, (h) => h.step(-1), { repeats: true }),
    action("merge.restMine", msg`Take mine for the rest`, (h) => h.chooseRest("mine")),
    action("merge.restTheirs", msg`Take theirs for the rest`, (h) => h.chooseRest("theirs")),
    action("merge.settled", msg`Show what was put together by itself`, (h) => h.toggleSettled()),
    action("merge.finish", msg`Go on with what was chosen`, (h) => void h.finish()),
  ];
}
