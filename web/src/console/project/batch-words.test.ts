import { describe, expect, it } from "vitest";
import type { Batch } from "../../api/console-types";
import { kindOf, statusOf, tasksOf } from "./batch-words";

const batch = (more: Partial<Batch>): Batch => ({ batch_id: "b", project_id: "p", name: "one", priority: 0, state: "open", is_for_some: false, members: [], origin: {}, created_by: "m", created_ms: 0, states: {}, ...more });

describe("batches", () => {
  it("have the kind that a script gave them, and else none", () => {
    expect(["production", "calibration", "self_label"].map((kind) => kindOf(batch({ origin: { kind: "scale_v1", batch: kind } }))?.name)).toEqual(["production", "calibration", "self-label"]);
    expect(kindOf(batch({ origin: { kind: "evaluation", batch: "calibration" } }))).toBeNull();
    expect(kindOf(batch({}))).toBeNull();
  });

  it("are completed when they are handed out and nothing is asked for any more", () => {
    expect(statusOf(batch({ states: { done: 3, cancelled: 1 } }))).toBe("completed");
    expect(statusOf(batch({ states: { done: 3, review: 1 } }))).toBe("open");
    expect(statusOf(batch({ states: {} }))).toBe("open");
    expect(statusOf(batch({ state: "paused", states: { done: 3 } }))).toBe("paused");
    expect(tasksOf(batch({ states: { done: 3, open: 2 } }))).toBe(5);
  });
});
