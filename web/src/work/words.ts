/** Outcomes as people read them. */
import type { WorkEntry } from "../api/talk";
import { msg } from "../engine/text";

export interface Outcome {
  readonly word: string;
  readonly tone: "good" | "warn" | "bad" | "plain";
}

export function outcomeOf({ submission, review, news }: WorkEntry): Outcome {
  switch (review?.verdict) {
    case "accept":
      return { word: msg`Accepted`, tone: "good" };
    case "fix":
      return { word: msg`Fixed by a reviewer`, tone: "warn" };
    case "reject":
      return { word: msg`Rejected`, tone: "bad" };
    default:
      return submission ? { word: msg`Handed in`, tone: "plain" } : { word: news?.kind === "replied" ? msg`Answered` : msg`Talk`, tone: "plain" };
  }
}

/** What happened last, where it was not seen yet. */
export function newsOf({ news }: WorkEntry): string | null {
  if (!news?.is_unread) return null;
  const words = { accepted: msg`Accepted with a comment`, fixed: msg`Fixed by a reviewer`, rejected: msg`Rejected`, commented: msg`New comment`, replied: msg`New answer`, consequence: msg`News on your quality page` } as const;
  return words[news.kind];
}
