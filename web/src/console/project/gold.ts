/** Known answers made of labels that are there. */
import type { ConsoleApi } from "../../api/console";
import type { TaskPage } from "../../api/console-types";
import type { Labelling } from "../../engine/types";
import { labellingsOf } from "./labellings";

/** Most tasks made gold at once: each is read by itself. */
export const MOST_GOLD = 500;
const AT_ONCE = 6;

/** A known answer is certain and comes from nobody's prediction. */
export const asKnown = (labelling: Labelling): Labelling => ({ ...labelling, annotations: labelling.annotations.map((a) => ({ ...a, score: null, origin: null })) });

/** What is in force for a task: the resolved labels where there are some, otherwise the newest submission. */
export function answerOf(page: TaskPage): Labelling | null {
  const [first] = labellingsOf(page);
  return first ? asKnown(first.labelling) : null;
}

/** Answers of the tasks that have labels. */
export async function answersOf(api: ConsoleApi, taskIds: readonly string[], seen: (count: number) => void): Promise<Record<string, Labelling>> {
  const answers: Record<string, Labelling> = {};
  for (let start = 0; start < taskIds.length; start += AT_ONCE) {
    const pages = await Promise.all(taskIds.slice(start, start + AT_ONCE).map((id) => api.task(id)));
    for (const page of pages) {
      const answer = answerOf(page);
      if (answer) answers[page.task.task_id] = answer;
    }
    seen(Math.min(taskIds.length, start + AT_ONCE));
  }
  return answers;
}
