/** What the labelling page needs to change labels that were handed in, in place of taking tasks from the queue. */
import type { Api } from "../api/client";
import type { Labelling } from "../api/types";
import type { OpenTask } from "../workbench/open-task";
import type { FlowOptions, TaskFlow } from "../workbench/task-flow.svelte";

export interface OwnWork {
  readonly projectId: string;
  /** Where the page leads back to. */
  readonly home: string;
  /** Stands in for the queue: it has one task, without a lease. */
  readonly api: Api;
  readonly base: Labelling;
  readonly options: Pick<FlowOptions, "asEntry" | "onFiled" | "newBase">;
  readonly onOpen?: (task: OpenTask, flow: TaskFlow) => void;
}
