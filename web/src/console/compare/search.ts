/** Looks for the next item on which two disagree, portion by portion. */
import type { ComparedTask, LeadApi } from "../../api/lead";
import { answerDifferences, differencesOf } from "../../review/differences";

export interface Sides {
  readonly left: string;
  readonly right: string;
}

/** Whether two labellings of an item say anything different. */
export function disagree({ left, right, width, height }: Pick<ComparedTask, "left" | "right" | "width" | "height">): boolean {
  const other = [{ submission_id: "", author: "", version: 1, labelling: right, active_ms: 0, created_ms: 0 }];
  if (differencesOf(left, other, { width, height }).some((d) => d.weight > 0)) return true;
  return answerDifferences(left, [{ ...other[0]!, labelling: left }, ...other]).length > 0;
}

export interface SearchPorts {
  /** Told how many were looked at so far. */
  readonly seen: (count: number) => void;
  readonly isWanted: () => boolean;
}

/** The task to look at next, after (or before) the one at hand; null when there is none. */
export async function findNext(api: Pick<LeadApi, "compared">, projectId: string, sides: Sides, from: string | null, direction: "forward" | "back", ports: SearchPorts): Promise<string | null> {
  let seen = 0;
  for (let cursor = from; ; ) {
    const page = await api.compared(projectId, sides, { cursor, direction });
    for (const task of page.items) {
      if (!ports.isWanted()) return null;
      seen += 1;
      if (disagree(task)) return task.task_id;
    }
    ports.seen(seen);
    cursor = page.next_cursor;
    if (cursor === null || !ports.isWanted()) return null;
  }
}
