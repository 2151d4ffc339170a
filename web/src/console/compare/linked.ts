/** Two editors that move as one: the same place and zoom, and what is pointed at or selected here is so there. */
import type { Aspect, Editor } from "../../engine/editor";
import type { Difference } from "../../review/differences";

/** The same objects by their ids, from one side to the other. */
export interface Partners {
  readonly toRight: ReadonlyMap<string, string>;
  readonly toLeft: ReadonlyMap<string, string>;
}

export function partnersOf(differences: readonly Difference[]): Partners {
  const pairs = differences.flatMap((d): [string, string][] => {
    const there = d.votes[0]?.annotation;
    return d.consensusId !== null && there ? [[d.consensusId, there.annotation_id]] : [];
  });
  return { toRight: new Map(pairs), toLeft: new Map(pairs.map(([left, right]) => [right, left])) };
}

/** Links them until the returned function is called. */
export function link(left: Editor, right: Editor, partners: Partners): () => void {
  let isFollowing = false;
  const follow = (from: Editor, to: Editor, known: ReadonlyMap<string, string>) => (aspect: Aspect): void => {
    if (isFollowing) return;
    isFollowing = true;
    try {
      if (aspect === "view") {
        // While the window is sized anew, each canvas finds its own place first.
        if (from.viewport.width !== to.viewport.width || from.viewport.height !== to.viewport.height) return;
        to.viewport.restore(from.viewport.view, from.viewport.turn);
        to.changed("view");
      } else if (aspect === "selection") to.select([...from.selection].flatMap((id) => known.get(id) ?? []));
      else if (aspect === "live") {
        const id = from.hover ? known.get(from.hover.id) : undefined;
        to.setHover(id === undefined ? null : { on: "shape", id });
      }
    } finally {
      isFollowing = false;
    }
  };
  const stops = [left.subscribe(follow(left, right, partners.toRight)), right.subscribe(follow(right, left, partners.toLeft))];
  return () => stops.forEach((stop) => stop());
}
