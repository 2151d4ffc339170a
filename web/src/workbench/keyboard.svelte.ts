/** Keys of the workbench: from a press to an action, with due respect for text fields and buttons. */
import { chordOf } from "../engine/keys/chord";
import type { Keymap, Scope } from "../engine/keys/keymap";

/** What still works while somebody types. */
const WHILE_TYPING: ReadonlySet<string> = new Set(["task.submit", "help.palette", "help.keys", "panel.next"]);
/** Keys that belong to the focused control. */
const CONTROL_KEYS: ReadonlySet<string> = new Set(["space", "enter", "tab", "shift+tab", "left", "right", "up", "down"]);

export class Keyboard {
  isSpaceHeld = $state(false);

  constructor(
    private readonly keymap: () => Keymap,
    private readonly scopes: () => readonly Scope[],
    private readonly toCanvas: () => void,
    /** Told of every key, as a sign of life. */
    private readonly onKey: () => void,
  ) {}

  /** Starts to listen; returns how to stop. */
  listen(): () => void {
    const down = (event: KeyboardEvent): void => this.#down(event);
    const up = (event: KeyboardEvent): void => {
      if (event.code === "Space") this.isSpaceHeld = false;
    };
    const blur = (): void => void (this.isSpaceHeld = false);
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", blur);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", blur);
    };
  }

  #down(event: KeyboardEvent): void {
    this.onKey();
    const chord = chordOf(event);
    if (chord === null || event.defaultPrevented || event.isComposing) return;
    const focus = focusKind(event.target);
    if (focus === "text" && chord === "esc") return this.toCanvas();
    if (chord === "space" && focus === "canvas") {
      event.preventDefault();
      this.isSpaceHeld = true;
      return;
    }
    if (focus === "control" && CONTROL_KEYS.has(chord)) return;
    const action = this.keymap().resolve(chord, this.scopes());
    if (!action || (focus === "text" && !WHILE_TYPING.has(action.id))) return;
    if (event.repeat && !action.repeats) return event.preventDefault();
    event.preventDefault();
    action.run();
  }
}

function focusKind(target: EventTarget | null): "text" | "control" | "canvas" {
  if (!(target instanceof HTMLElement)) return "canvas";
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return "text";
  if (target instanceof HTMLInputElement) return ["checkbox", "radio", "button", "range"].includes(target.type) ? "control" : "text";
  return target.closest("button, a, [role=listitem], [role=option], summary") ? "control" : "canvas";
}
