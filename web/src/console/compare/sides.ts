/** Whose labels of an item can be laid side by side. */
import type { TaskPage, TaskSubmission } from "../../api/console-types";
import type { Labelling } from "../../api/types";
import { msg } from "../../engine/text";

export interface Side {
  /** `consensus`, `gold`, `prediction`, or a member's id: as the server names it. */
  readonly key: string;
  readonly name: string;
  readonly labelling: Labelling;
}

/** People first, then what was resolved, known and predicted; of each the newest version. */
export function sidesOf(page: TaskPage): Side[] {
  const newest = (kind: TaskSubmission["kind"]): TaskSubmission[] => page.submissions.filter((s) => s.kind === kind && s.is_newest);
  const people = newest("human").flatMap((s): Side[] => (s.member_id === null ? [] : [{ key: s.member_id, name: s.author, labelling: s.labelling }]));
  const consensus: Side[] = page.consensus ? [{ key: "consensus", name: msg`Consensus`, labelling: page.consensus.labelling }] : [];
  const last = (kind: TaskSubmission["kind"], name: string): Side[] => newest(kind).slice(-1).map((s) => ({ key: kind, name, labelling: s.labelling }));
  return [...people, ...consensus, ...last("gold", msg`Known answer`), ...last("prediction", msg`Prediction`)];
}

/** Which two are shown: those asked for where they are there, else the first that are. */
export function chosenSides(sides: readonly Side[], left: string | null, right: string | null): readonly [Side | null, Side | null] {
  const find = (key: string | null): Side | null => sides.find((s) => s.key === key) ?? null;
  const one = find(left) ?? sides.find((s) => s.key !== right) ?? null;
  const other = (right !== one?.key ? find(right) : null) ?? sides.find((s) => s.key !== one?.key) ?? null;
  return [one, other];
}
