/** What the course is made of, as its form holds it. */
import type { Course } from "../../api/quality-types";

export type CoursePlace = "none" | "lesson" | "exam";

export class CoursePlan {
  /** By task id, in the order they are shown in. */
  places = $state<Record<string, CoursePlace>>({});
  texts = $state<Record<string, string>>({});
  readonly #before: string;

  constructor(saved: Course) {
    for (const lesson of saved.lessons) {
      this.places[lesson.task_id] = "lesson";
      this.texts[lesson.task_id] = lesson.text;
    }
    for (const taskId of saved.exam) this.places[taskId] = "exam";
    this.#before = JSON.stringify(this.body);
  }

  placeOf(taskId: string): CoursePlace {
    return this.places[taskId] ?? "none";
  }

  put(taskId: string, place: CoursePlace): void {
    const { [taskId]: _, ...rest } = this.places;
    this.places = place === "none" ? rest : { ...rest, [taskId]: place };
  }

  get body(): Course {
    const of = (place: CoursePlace): string[] => Object.keys(this.places).filter((id) => this.places[id] === place);
    return { lessons: of("lesson").map((task_id) => ({ task_id, text: (this.texts[task_id] ?? "").trim() })), exam: of("exam") };
  }

  get isChanged(): boolean {
    return JSON.stringify(this.body) !== this.#before;
  }
}
