/** Two drafts of one task by one person, from two devices: what they share, and what each did since. */
import type { ServerDraft } from "../api/types";
import type { Decision } from "../engine/edits/delta";
import { LabelDocument } from "../engine/edits/document";
import { readDraft } from "../engine/edits/draft";
import { History } from "../engine/edits/history";
import { type Beginning, decisionsIn, readLog } from "../engine/edits/kept-log";
import { type Merge, merge } from "../engine/edits/merge";
import type { Labelling } from "../engine/types";

/** How many lines two logs begin with alike. */
export function sharedLines(one: readonly string[], other: readonly string[]): number {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && one[count] === other[count]) count++;
  return count;
}

function labellingOf(beginning: Beginning, log: Parameters<typeof History.run>[1]): Labelling {
  const document = new LabelDocument(beginning.labelling, beginning.z);
  History.run(document, log);
  return document.toLabelling();
}

export interface DraftMerge {
  readonly merge: Merge;
  readonly shared: number;
  /** What the other device decided about suggestions. */
  readonly decided: readonly Decision[];
}

/**
 * Brings the draft at hand together with the one that stands on the server. What both grew from is what their logs say as
 * long as they say the same. Null when the other cannot be read: there is nothing to be merged with.
 */
export function mergeDrafts(lines: readonly string[], mine: Labelling, standing: ServerDraft): DraftMerge | null {
  const theirs = readDraft(standing.body, standing.log);
  if (!theirs) return null;
  const shared = sharedLines(lines, standing.log);
  const common = readLog(lines.slice(0, shared)) ?? { beginning: theirs.beginning, log: [] };
  const base = labellingOf(common.beginning, common.log);
  const other = theirs.kept ?? labellingOf(theirs.beginning, theirs.log);
  const decided = decisionsIn(theirs.log).slice(decisionsIn(common.log).length);
  return { merge: merge(base, mine, other), shared, decided };
}
