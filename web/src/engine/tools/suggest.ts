/** Going through suggestions: a click chooses one, Enter or a double click accepts it and goes on to the next. */
import type { Editor } from "../editor";
import type { Point } from "../geometry";
import { boundsOfGeometry, shapeOf } from "../shapes/registry";
import type { Suggestion } from "../assist/suggestions";
import { type PointerInput, REACH_PX, type Sketch, type Tool } from "./tool";

export class SuggestTool implements Tool {
  readonly id = "suggest";
  readonly draws = null;
  readonly state = "choosing";
  readonly sketch: Sketch | null = null;
  #isOver = false;

  constructor(private readonly editor: Editor) {}

  get cursor(): string {
    return this.#isOver ? "pointer" : "default";
  }

  down(input: PointerInput): void {
    if (input.button !== 0) return;
    const hit = suggestionAt(this.editor, input.at);
    if (!hit) return;
    if (input.clicks > 1 && hit.id === this.editor.suggestions.current?.id) return void this.confirm();
    this.editor.suggestions.setCurrent(hit.id);
  }

  move(input: PointerInput): void {
    this.#isOver = suggestionAt(this.editor, input.at) !== null;
    this.editor.changed("live");
  }

  up(): void {
    // Chosen on press.
  }

  cancel(): boolean {
    return false;
  }

  confirm(): boolean {
    const { current } = this.editor.suggestions;
    if (current) acceptOne(this.editor, current);
    return current !== null;
  }

  /** Undo takes back what was accepted, as everywhere; refusing has a key of its own. */
  back(): boolean {
    return false;
  }
}

/** The suggestion under a place: the smallest that holds it, or whose outline is near. */
export function suggestionAt(editor: Editor, at: Point): Suggestion | null {
  const reach = REACH_PX / editor.viewport.scale;
  let best: { suggestion: Suggestion; area: number } | null = null;
  for (const suggestion of editor.suggestions.open) {
    const shape = shapeOf(suggestion.geometry);
    if (!shape.contains(suggestion.geometry, at) && shape.distanceToOutline(suggestion.geometry, at) > reach) continue;
    const area = shape.area(suggestion.geometry);
    if (!best || area < best.area) best = { suggestion, area };
  }
  return best?.suggestion ?? null;
}

export function acceptOne(editor: Editor, suggestion: Suggestion): string[] {
  const ids = editor.suggestions.accept([suggestion.id]);
  goOn(editor);
  return ids;
}

export function refuseOne(editor: Editor, suggestion: Suggestion): void {
  editor.suggestions.refuse([suggestion.id]);
  goOn(editor);
}

/** Shows the next suggestion; with none left the tool is put down. */
export function goOn(editor: Editor): void {
  const { current } = editor.suggestions;
  if (current) {
    editor.viewport.reveal(boundsOfGeometry(current.geometry));
    editor.changed("view");
  } else if (editor.toolId === "suggest") editor.setTool("select");
}
