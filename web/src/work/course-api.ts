/** A queue of one task: the one that the course asks at the moment. Its lease and its draft are real. */
import { Api } from "../api/client";
import type { CourseTask } from "../api/own-quality";
import type { TaskPayload } from "../api/types";

export class CourseApi extends Api {
  #isGiven = false;

  constructor(api: Api, private readonly asked: CourseTask) {
    super(api.http);
  }

  override leases(): Promise<TaskPayload[]> {
    return Promise.resolve([]);
  }

  override nextTask(): Promise<TaskPayload | null> {
    const isFirst = !this.#isGiven;
    this.#isGiven = true;
    return Promise.resolve(isFirst ? this.asked : null);
  }
}
