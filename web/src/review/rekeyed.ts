/** A consensus made anew names its objects after the submissions they came from; the same objects get their old names back. */
import type { Annotation, Labelling, Relation } from "../engine/types";

/** What an object was called by who drew it: `submission:object` is the object. */
const drawnAs = (id: string): string => id.slice(id.indexOf(":") + 1);

/** `now` with the ids that its objects had in `before`, where it is plain which they were. */
export function rekeyed(now: Labelling, before: Labelling): Labelling {
  const had = new Set(before.annotations.map((a) => a.annotation_id));
  const taken = new Set(now.annotations.map((a) => a.annotation_id).filter((id) => had.has(id)));
  const free = new Map<string, string[]>();
  for (const id of had) if (!taken.has(id)) free.set(drawnAs(id), [...(free.get(drawnAs(id)) ?? []), id]);
  const renamed = new Map<string, string>();
  const rename = (a: Annotation): Annotation => {
    if (had.has(a.annotation_id)) return a;
    const candidates = free.get(drawnAs(a.annotation_id)) ?? [];
    const [id] = candidates;
    if (candidates.length !== 1 || id === undefined) return a;
    free.delete(drawnAs(a.annotation_id));
    renamed.set(a.annotation_id, id);
    return { ...a, annotation_id: id };
  };
  const annotations = now.annotations.map(rename);
  const ends = ({ from_id, to_id }: Relation) => ({ from_id: renamed.get(from_id) ?? from_id, to_id: renamed.get(to_id) ?? to_id });
  return { ...now, annotations, ...(now.relations && { relations: now.relations.map((r) => ({ ...r, ...ends(r) })) }) };
}
