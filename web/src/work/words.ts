/** Outcomes as people read them. */
import type { WorkEntry } from "../api/talk";

export interface Outcome {
  readonly word: string;
  readonly tone: "good" | "warn" | "bad" | "plain";
}

export function outcomeOf({ submission, review, news }: WorkEntry): Outcome {
  switch (review?.verdict) {
    case "accept":
      return { word: "Accepted", tone: "good" };
    case "fix":
      return { word: "Fixed by a reviewer", tone: "warn" };
    case "reject":
      return { word: "Rejected", tone: "bad" };
    default:
      return submission ? { word: "Handed in", tone: "plain" } : { word: news?.kind === "replied" ? "Answered" : "Talk", tone: "plain" };
  }
}

/** What happened last, where it was not seen yet. */
export function newsOf({ news }: WorkEntry): string | null {
  if (!news?.is_unread) return null;
  const words = { accepted: "Accepted with a comment", fixed: "Fixed by a reviewer", rejected: "Rejected", commented: "New comment", replied: "New answer" } as const;
  return words[news.kind];
}
