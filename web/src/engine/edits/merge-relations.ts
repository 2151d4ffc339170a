/**
 * Relations of two labellings that were made from the same one. Each is a fact by itself, so that nothing has to be
 * decided: what one side changed is taken, a change outweighs a deletion, and of two changes both stay. A relation that
 * went with its object comes back with it.
 */
import type { Labelling, Relation } from "../types";
import { byRelationId } from "./document";
import { sameJson } from "./patch";

export interface MergedRelation {
  readonly id: string;
  readonly base: Relation | null;
  readonly mine: Relation | null;
  readonly theirs: Relation | null;
}

interface Sides {
  readonly base: Labelling;
  readonly mine: Labelling;
  readonly theirs: Labelling;
}

const byId = ({ relations = [] }: Labelling): Map<string, Relation> => new Map(relations.map((r) => [r.relation_id, r]));

/** The objects that a side joins by a relation which the base does not have so. */
export function relatedAnew(base: Labelling, own: Labelling): ReadonlySet<string> {
  const was = byId(base);
  return new Set((own.relations ?? []).flatMap((r) => (sameJson(was.get(r.relation_id) ?? null, r) ? [] : [r.from_id, r.to_id])));
}

/** What differs from the base; a relation that is missing because its object is counts as it was. */
export function mergeRelations(base: Labelling, mine: Labelling, theirs: Labelling): MergedRelation[] {
  return all({ base, mine, theirs }).filter((r) => !sameJson(r.base, r.mine) || !sameJson(r.base, r.theirs));
}

function all({ base, mine, theirs }: Sides): MergedRelation[] {
  const [was, ours, others] = [byId(base), readerOf(base, mine), readerOf(base, theirs)];
  return [...new Set([...was.keys(), ...byId(mine).keys(), ...byId(theirs).keys()])].sort()
    .map((id) => ({ id, base: was.get(id) ?? null, mine: ours(id), theirs: others(id) }));
}

function readerOf(base: Labelling, own: Labelling): (id: string) => Relation | null {
  const [was, is] = [byId(base), byId(own)];
  const objects = new Set(own.annotations.map((a) => a.annotation_id));
  return (id) => {
    const before = was.get(id);
    return is.get(id) ?? (before && !(objects.has(before.from_id) && objects.has(before.to_id)) ? before : null);
  };
}

/** The relations that a merge comes to, between the objects that are left. */
export function settledRelations(sides: Sides, objects: ReadonlySet<string>): Relation[] {
  const settled: Relation[] = [];
  const copies: Relation[] = [];
  for (const { base, mine, theirs } of all(sides)) {
    const [isMineNew, isTheirsNew] = [!sameJson(base, mine), !sameJson(base, theirs)];
    if (isMineNew && isTheirsNew && mine && theirs && !sameJson(mine, theirs)) {
      const [first, second] = JSON.stringify(mine) < JSON.stringify(theirs) ? [mine, theirs] : [theirs, mine];
      settled.push(first);
      copies.push({ ...second, relation_id: `${second.relation_id}/2` });
      continue;
    }
    const now = isMineNew && isTheirsNew ? (mine ?? theirs) : isMineNew ? mine : theirs;
    if (now) settled.push(now);
  }
  const said = new Set<string>();
  const taken = new Set<string>();
  return [...settled, ...copies].filter((r) => {
    const fact = JSON.stringify([r.relation_type_id, r.from_id, r.to_id]);
    if (!objects.has(r.from_id) || !objects.has(r.to_id) || said.has(fact) || taken.has(r.relation_id)) return false;
    said.add(fact);
    taken.add(r.relation_id);
    return true;
  }).sort(byRelationId);
}
