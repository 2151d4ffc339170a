/** Ways of working that take some of the keys: walking through attributes, answering about the picture, one decision a screen. */
import type { Scope } from "../../engine/keys/keymap";
import { askedAttributes } from "../../engine/ontology";
import type { OpenTask } from "../open-task";
import { AttributeWalk } from "./attribute-walk.svelte";
import { Quick } from "./quick.svelte";
import { Tally, readQuickDraft } from "./quick-list";
import { Sheet, type SheetPorts } from "./sheet.svelte";
import { msg } from "../../engine/text";

export type Mode = "attributes" | "tags" | "quick";

export interface ModePorts {
  readonly submit: () => void;
  readonly takeBack: () => Promise<boolean>;
  readonly draftChanged: () => void;
  readonly say: (text: string) => void;
  readonly focusCanvas: () => void;
  readonly type: SheetPorts["type"];
  /** Brings the keys into the form of a task that draws nothing; false where they are there, or there is no form. */
  readonly enterForm?: SheetPorts["enter"];
  /** Runs when the picture has its place on the page. */
  readonly afterLayout: (run: () => void) => void;
}

/** An answer of quick mode can be taken back this long. */
const QUICK_HOLD_MS = 6_000;

export class Modes {
  /** The mode that has the keys now. */
  current = $state<Mode | null>(null);
  walk = $state.raw<AttributeWalk | null>(null);
  tags = $state.raw<Sheet | null>(null);
  quick = $state.raw<Quick | null>(null);
  asksMissing = $state(true);
  /** The mode to go on with when the next task opens: quick mode may be paused for one task. */
  #wanted: Mode | null = null;
  #task: OpenTask | null = null;
  /** The task on the bench is a form and nothing else: its digits are always the answers. */
  #isForm = false;
  readonly #tally = new Tally();

  constructor(private readonly ports: ModePorts) {}

  get scopes(): readonly Scope[] {
    return this.current === null ? ["label", "any"] : [this.current, "label", "any"];
  }

  get holdMs(): number {
    return this.#wanted === "quick" ? QUICK_HOLD_MS : 0;
  }

  /** Kept with the draft; plain data. */
  get extra(): { readonly quick?: unknown } {
    return this.quick?.draft.decisions.length ? { quick: this.quick.draft } : {};
  }

  /** Another task is on the bench; the mode stays. */
  opened(task: OpenTask): void {
    const { bench } = task;
    this.walk = new AttributeWalk(bench, this.ports.type);
    this.tags = new Sheet({
      asked: () => askedAttributes(bench.editor.ontology.questions, bench.answers),
      values: () => bench.answers,
      set: (question, value) => bench.editor.answer(question.attribute_id, value, msg`Answer ${question.name}`),
      type: this.ports.type,
      enter: (question) => this.#isForm && (this.ports.enterForm?.(question) ?? false),
    });
    this.#makeQuick(task);
    this.#task = task;
    const { ontology } = bench.editor;
    // Where there is nothing to draw, the digits are the answers from the start.
    this.#isForm = ontology.classes.length === 0 && ontology.questions.length > 0;
    this.current = null;
    const wanted = this.#wanted ?? (this.#isForm ? "tags" : null);
    if (wanted) this.ports.afterLayout(() => this.#task === task && this.#enter(wanted, true));
  }

  toggle(mode: Mode): void {
    if (this.current === mode) return this.leave();
    if (this.#isForm && mode === "attributes") return this.ports.say(msg`No object here has attributes.`);
    this.#enter(mode, false);
  }

  /** Gives the open task back to the hand; the mode goes on with the next. */
  pause(): void {
    this.current = null;
    this.ports.focusCanvas();
  }

  leave(): void {
    this.#wanted = null;
    this.current = this.#isForm ? "tags" : null;
    this.ports.focusCanvas();
  }

  /** To the next object of attribute mode; stays where it is when nothing else is to be answered. */
  walkOn(by: 1 | -1): void {
    if (!this.walk?.step(by)) this.ports.say(this.walk?.skipsAnswered ? msg`Everything is answered.` : msg`No object here has attributes.`);
  }

  toggleMissing(): void {
    this.asksMissing = !this.asksMissing;
    if (this.#task) this.#makeQuick(this.#task, this.quick?.draft);
    this.quick?.show();
    this.ports.say(this.asksMissing ? msg`Quick mode asks whether something is missing.` : msg`Quick mode does not ask whether something is missing.`);
  }

  #enter(mode: Mode, isGoingOn: boolean): void {
    const fault = this.#start(mode);
    // A task without anything to ask is worked on as usual; the mode goes on with the next.
    if (fault && !isGoingOn) return this.ports.say(fault);
    if (mode !== "tags" || !isGoingOn) this.#wanted = mode;
    this.current = fault ? null : mode;
    if (!fault && !(mode === "tags" && this.tags?.current && this.#isForm && this.ports.enterForm?.(this.tags.current))) this.ports.focusCanvas();
  }

  #start(mode: Mode): string | null {
    if (!this.#task) return msg`There is no task open.`;
    switch (mode) {
      case "attributes":
        return this.walk!.start() ? null : msg`No object here has attributes.`;
      case "tags":
        this.tags!.start();
        return this.tags!.asked.length ? null : msg`This project asks nothing about the picture as a whole.`;
      case "quick":
        this.quick!.show();
        return null;
    }
  }

  #makeQuick(task: OpenTask, draft = readQuickDraft(task.extra["quick"])): void {
    this.quick = new Quick(task.bench, draft, this.#tally, {
      now: Date.now,
      submit: this.ports.submit,
      takeBack: async () => (await this.ports.takeBack()) && this.#undoLast(),
      pause: (why) => {
        this.pause();
        this.ports.say(why);
      },
      changed: this.ports.draftChanged,
      say: this.ports.say,
      asksMissing: () => this.asksMissing,
    });
  }

  /** After an earlier task came back: its last decision is the one to take back. */
  #undoLast(): true {
    this.ports.afterLayout(() => {
      if (this.quick?.draft.decisions.length) void this.quick.back();
    });
    return true;
  }
}
