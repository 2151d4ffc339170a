/** Known answers by what is to be done about them. */
import type { GoldTask } from "../../api/quality-types";
import { msg } from "../../engine/text";

export type GoldView = "all" | "doubtful" | "leaked" | "retired";

export const GOLD_VIEWS: readonly { id: GoldView; name: string }[] = [
  { id: "all", name: msg`In use` }, { id: "doubtful", name: msg`Doubtful` }, { id: "leaked", name: msg`Known to too many` }, { id: "retired", name: msg`Retired` },
];

export function goldIn(gold: readonly GoldTask[], view: GoldView): GoldTask[] {
  const chosen = gold.filter((g) => (view === "retired" ? g.is_retired : !g.is_retired && (view === "all" || (view === "doubtful" ? g.is_doubtful : g.is_leaked))));
  // what asks for a decision first, then what is failed most
  const trouble = (g: GoldTask): number => Number(g.is_doubtful) + Number(g.is_leaked);
  const failed = (g: GoldTask): number => (g.total ? 1 - g.right / g.total : 0);
  return chosen.toSorted((a, b) => trouble(b) - trouble(a) || failed(b) - failed(a) || a.item_name.localeCompare(b.item_name));
}

export const goldCounts = (gold: readonly GoldTask[]): Readonly<Record<GoldView, number>> => ({
  all: goldIn(gold, "all").length, doubtful: goldIn(gold, "doubtful").length, leaked: goldIn(gold, "leaked").length, retired: goldIn(gold, "retired").length,
});
