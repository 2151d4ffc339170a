/** What a new version is cut with. */
import type { VersionPolicy } from "../../api/console-types";
import { msg } from "../../engine/text";

export class CutForm {
  projectIds = $state<string[]>([]);
  hasConsensus = $state(true);
  hasGold = $state(true);
  reviewedOnly = $state(false);
  minimumPercent = $state(50);
  below = $state<"drop_object" | "drop_item">("drop_object");
  hasEmpty = $state(true);
  mode = $state<"hash" | "fixed" | "metadata">("hash");
  trainPercent = $state(80);
  validationPercent = $state(20);
  seed = $state(0);
  fixedSplit = $state("test");
  metadataKey = $state("split");
  apartFrom = $state<string[]>([]);

  get testPercent(): number {
    return Math.max(0, 100 - this.trainPercent - this.validationPercent);
  }

  get fault(): string | null {
    if (!this.projectIds.length) return msg`Choose a project.`;
    if (!this.hasConsensus && !this.hasGold) return msg`Choose resolved labels, gold, or both.`;
    if (this.mode === "fixed" && !/^[a-z][a-z0-9_-]*$/.test(this.fixedSplit)) return msg`The split's name is small letters, digits, - and _.`;
    if (this.mode === "metadata" && !this.metadataKey.trim()) return msg`Say which metadata key names the split.`;
    return this.mode === "hash" && this.trainPercent + this.validationPercent > 100 ? msg`The splits are more than 100 %.` : null;
  }

  get policy(): VersionPolicy {
    const shares = { train: this.trainPercent, validation: this.validationPercent, test: this.testPercent };
    return {
      project_ids: [...this.projectIds],
      labels: {
        label_kinds: [...(this.hasConsensus ? (["consensus"] as const) : []), ...(this.hasGold ? (["gold"] as const) : [])],
        task_states: ["done", "idle"], reviewed_only: this.reviewedOnly, minimum_posterior: this.minimumPercent / 100,
        below_minimum: this.below, include_empty: this.hasEmpty,
      },
      split: {
        mode: this.mode, seed: this.seed, fixed_split: this.fixedSplit, metadata_key: this.metadataKey, duplicate_distance: 4,
        fractions: Object.fromEntries(Object.entries(shares).filter(([, n]) => n > 0).map(([name, n]) => [name, n / 100])),
      },
      keep_apart_from: [...this.apartFrom],
    };
  }
}
