/** Walks through what is still open, one after the other, also while problems are solved under way. */
import type { Problem } from "../engine/ontology";

export class ProblemWalk {
  #last: Problem | null = null;
  #at = -1;

  /** The problem after the one shown last; the first when nothing was shown yet. Null when nothing is open. */
  next(problems: readonly Problem[]): Problem | null {
    if (!problems.length) return this.reset();
    const found = this.#last === null ? -1 : problems.findIndex((p) => isSame(p, this.#last!));
    // What was shown last is solved: what stood behind it has moved to its place.
    const at = found >= 0 ? found + 1 : Math.max(0, this.#at);
    return this.show(problems[at % problems.length]!, problems);
  }

  /** This one is looked at now. */
  show(problem: Problem, problems: readonly Problem[]): Problem {
    this.#last = problem;
    this.#at = problems.findIndex((p) => isSame(p, problem));
    return problem;
  }

  reset(): null {
    this.#last = null;
    this.#at = -1;
    return null;
  }
}

function isSame(a: Problem, b: Problem): boolean {
  return a.annotationId === b.annotationId && a.attributeId === b.attributeId && a.text === b.text;
}
