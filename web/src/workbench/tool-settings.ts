/** How a person has set their tools: kept with their preferences, so that it outlives the task and the page and follows them to other computers. */
import type { Editor } from "../engine/editor";
import { type OverlapRule, overlapRules } from "../engine/tools/brush-settings";

/** Where values are kept by name; the preferences of the person at work. */
export interface KeptValues {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
}

const NAME = "tools";

interface KeptTools {
  readonly size_px: number;
  readonly form: "round" | "square";
  readonly overlap: OverlapRule;
  readonly follows_pressure: boolean;
  readonly snaps: boolean;
  readonly tolerance_px: number;
  readonly strength: number;
}

export class ToolSettings {
  #editor: Editor | null = null;
  #stop: () => void = () => undefined;
  /** As the tools in hand are set; what is kept may come from another computer meanwhile. */
  #known = "";

  constructor(private readonly kept: KeptValues) {}

  /** Sets the tools of an editor as they were set last, and keeps what is changed from then on. */
  follow(editor: Editor): void {
    this.#stop();
    this.#editor = editor;
    this.renew();
    this.#stop = editor.subscribe((aspect) => aspect === "tool" && this.#keep(editor));
  }

  /** Takes what has come from the server since. */
  renew(): void {
    const editor = this.#editor;
    if (!editor) return;
    const before = JSON.stringify(toolsOf(editor));
    setTools(editor, this.kept.get(NAME));
    this.#known = JSON.stringify(toolsOf(editor));
    if (this.#known !== before) editor.changed("tool");
  }

  #keep(editor: Editor): void {
    const now = toolsOf(editor);
    const text = JSON.stringify(now);
    if (text === this.#known) return;
    this.#known = text;
    this.kept.set(NAME, now);
  }
}

function toolsOf({ brush, snapper, refining }: Editor): KeptTools {
  return {
    size_px: brush.sizePx, form: brush.form, overlap: brush.overlap, follows_pressure: brush.followsPressure,
    snaps: snapper.isOn, tolerance_px: refining.tolerancePx, strength: refining.strength,
  };
}

/** What makes no sense is left as it is. */
function setTools({ brush, snapper, refining }: Editor, kept: unknown): void {
  if (typeof kept !== "object" || kept === null) return;
  const { size_px, form, overlap, follows_pressure, snaps, tolerance_px, strength } = kept as Partial<Record<keyof KeptTools, unknown>>;
  if (typeof size_px === "number") brush.sizePx = size_px;
  if (form === "round" || form === "square") brush.form = form;
  brush.overlap = overlapRules.find((rule) => rule === overlap) ?? brush.overlap;
  if (typeof follows_pressure === "boolean") brush.followsPressure = follows_pressure;
  if (typeof snaps === "boolean") snapper.isOn = snaps;
  if (typeof tolerance_px === "number") refining.tolerancePx = tolerance_px;
  if (typeof strength === "number") refining.strength = strength;
}
