/** What the labelling page needs for work that does not come from the queue: own labels to change, or a course. */
import type { Api } from "../api/client";
import type { Labelling } from "../api/types";
import type { OpenTask } from "../workbench/open-task";
import type { FlowOptions, TaskFlow } from "../workbench/task-flow.svelte";

export interface OwnWork {
  /** What one is at: changing what was handed in, or a task whose answer is known. */
  readonly doing: "revise" | "learn";
  /** What the button that files the answer says. */
  readonly submitName: string;
  /** Where one is, such as the number of the lesson; said beside the buttons. */
  readonly place?: string;
  readonly projectId: string;
  /** Where the page leads back to. */
  readonly home: string;
  /** Stands in for the queue: it has one task. */
  readonly api: Api;
  readonly base: Labelling;
  readonly options: Pick<FlowOptions, "asEntry" | "onFiled" | "newBase">;
  readonly onOpen?: (task: OpenTask, flow: TaskFlow) => void;
}
