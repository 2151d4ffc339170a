/** Pairwise agreement as a square matrix. */
import type { AnnotatorQuality, PairAgreement } from "../../api/console-types";

export interface PairMatrix {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  at(row: number, column: number): PairAgreement | null;
}

/** Members that appear in a pair, best agreeing first: disagreement gathers in one corner. */
export function matrixOf(pairs: readonly PairAgreement[], annotators: readonly Pick<AnnotatorQuality, "member_id" | "name">[]): PairMatrix {
  const sums = new Map<string, { f1: number; n: number }>();
  const cells = new Map<string, PairAgreement>();
  for (const pair of pairs) {
    cells.set(`${pair.first} ${pair.second}`, pair);
    cells.set(`${pair.second} ${pair.first}`, pair);
    for (const id of [pair.first, pair.second]) {
      const sum = sums.get(id) ?? { f1: 0, n: 0 };
      sums.set(id, { f1: sum.f1 + pair.f1 * pair.items, n: sum.n + pair.items });
    }
  }
  const mean = (id: string): number => sums.get(id)!.f1 / Math.max(1, sums.get(id)!.n);
  const ids = [...sums.keys()].sort((a, b) => mean(b) - mean(a));
  const nameOf = (id: string): string => annotators.find((a) => a.member_id === id)?.name ?? id;
  return { ids, names: ids.map(nameOf), at: (r, c) => (r === c ? null : (cells.get(`${ids[r]} ${ids[c]}`) ?? null)) };
}
