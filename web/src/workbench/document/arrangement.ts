/** How the parts of a document stand beside each other, and which of them a question compares. */
import type { PartView } from "../../api/types";
import type { Attribute, AttributeValue, AttributeValues } from "../../engine/types";

/** one: a part at a time; side: all beside each other; all: one under the other. */
export type Arrangement = "one" | "side" | "all";
export const arrangements = ["one", "side", "all"] as const;

/** More than so many are not looked at side by side unless somebody asks for it. */
const FEW = 4;

/** A, B, C; beyond Z numbers. */
export function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : String(index + 1);
}

/** A question whose choices are the parts themselves. */
export interface Comparison {
  readonly question: Attribute;
  /** For each part the option that stands for it; null for parts that are not compared, such as the task's text. */
  readonly options: readonly (string | null)[];
}

/**
 * The first question that has an option for each of two or more parts: by the part's title, its letter or its number
 * among those compared. Other options may be beside them, such as "both alike".
 */
export function comparisonOf(parts: readonly PartView[], questions: readonly Attribute[]): Comparison | null {
  const isOfKind = (q: Attribute): boolean => q.kind === "choice" || q.kind === "multi_choice" || q.kind === "ranking";
  for (const question of questions.filter(isOfKind)) {
    for (const compared of candidates(parts)) {
      const options = matched(parts, compared, question);
      if (options) return { question, options };
    }
  }
  return null;
}

/** Which parts may be the compared ones: all, all but the first, which says what is asked, or those of the most frequent kind. */
function candidates(parts: readonly PartView[]): number[][] {
  const all = parts.map((_, i) => i);
  const kinds = [...new Set(parts.map((p) => p.kind))];
  return [all, all.slice(1), ...kinds.map((kind) => all.filter((i) => parts[i]!.kind === kind))].filter((list) => list.length >= 2);
}

function matched(parts: readonly PartView[], compared: readonly number[], { options }: Attribute): (string | null)[] | null {
  if (options.length < compared.length) return null;
  const found = compared.map((part, place) => {
    const names = [parts[part]!.title.trim().toLowerCase(), letterOf(place).toLowerCase(), String(place + 1)].filter(Boolean);
    return options.find((o) => [plain(o.name), plain(o.option_id)].some((name) => names.includes(name)))?.option_id ?? null;
  });
  if (found.includes(null) || new Set(found).size !== found.length) return null;
  return parts.map((_, i) => found[compared.indexOf(i)] ?? null);
}

/** "Response A" and "option_2" are A and 2. */
function plain(name: string): string {
  return name.trim().toLowerCase().replace(/^(?:option|response|answer|part|image|picture|item|text|choice|attachment|candidate|version)[\s_-]*(?=\w+$)/, "");
}

/** Whether a part was chosen, and as what: its place where parts are ranked, else 1. */
export function chosenPlace({ question, options }: Comparison, answers: AttributeValues, part: number): number | null {
  const option = options[part];
  const value: AttributeValue | undefined = answers[question.attribute_id];
  if (option === null || option === undefined || value === undefined) return null;
  if (!Array.isArray(value)) return value === option ? 1 : null;
  const at = (value as readonly string[]).indexOf(option);
  return at < 0 ? null : question.kind === "ranking" ? at + 1 : 1;
}

/** How parts stand at first: those to compare, or a few of one kind, side by side; others in their order. */
export function firstArrangement(parts: readonly PartView[], comparison: Comparison | null): Arrangement {
  if (parts.length <= 1) return "one";
  if (comparison && comparison.options.filter((o) => o !== null).length <= FEW) return "side";
  const isVisual = parts.every((p) => p.kind === parts[0]!.kind && (p.kind === "image" || p.kind === "video"));
  return isVisual && parts.length <= FEW ? "side" : "all";
}
