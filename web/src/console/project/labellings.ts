/** The labellings of a task that can be looked at, and their shapes. */
import type { TaskPage, TaskSubmission } from "../../api/console-types";
import type { Labelling } from "../../api/types";
import { linksIn } from "../../engine/ontology";
import type { Links } from "../../engine/shapes/shape";
import type { Geometry, Ontology } from "../../engine/types";
import { percent, titled } from "../kit/format";
import { msg } from "../../engine/text";

export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly labelling: Labelling;
  readonly submission: TaskSubmission | null;
}

export function labellingsOf(page: TaskPage): Choice[] {
  const submissions = page.submissions.map((s): Choice => ({
    id: s.submission_id, name: nameOf(s), labelling: s.labelling, submission: s,
  }));
  const consensus: Choice[] = page.consensus ? [{ id: "consensus", name: titled("consensus"), labelling: page.consensus.labelling, submission: null }] : [];
  return [...consensus, ...submissions];
}

function nameOf(s: TaskSubmission): string {
  const author = s.kind === "bulk" ? msg`${s.author}, tags` : s.author;
  return s.is_newest ? author : msg`${author}, version ${s.version}`;
}

export interface DrawnShape {
  readonly geometry: Geometry;
  readonly tone: string;
  readonly isDashed: boolean;
  readonly said: string;
  /** What joins the nodes of a skeleton. */
  readonly links?: Links | undefined;
}

/** Objects under this are drawn dashed: look at them first. */
const SURE = 0.8;

export function shapesOf(labelling: Labelling, nameOf: (classId: string) => string, toneOf: (classId: string) => string, ontology: Ontology | null = null): DrawnShape[] {
  return labelling.annotations.map((a) => ({
    geometry: a.geometry, tone: toneOf(a.class_id), isDashed: a.score !== null && a.score < SURE,
    said: a.score === null ? nameOf(a.class_id) : `${nameOf(a.class_id)}, ${percent(a.score)}`,
    links: ontology ? linksIn(ontology, a) : undefined,
  }));
}
