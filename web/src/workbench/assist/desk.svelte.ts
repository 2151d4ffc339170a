/** The small part of the assistants that is always there: takes the tools' requests and loads the rest at the first of them. */
import type { Http } from "../../api/http";
import { sentenceFor } from "../../api/http";
import { type AssistCommand, type AssistPort, type AssistToolId, assistToolIds } from "../../engine/assist/port";
import type { Editor } from "../../engine/editor";
import type { Keymap } from "../../engine/keys/keymap";
import type { Tool } from "../../engine/tools/tool";
import { shownKey } from "../keymap-context";
import type { OpenTask } from "../open-task";
import type { Picture } from "../picture";
import type { KeptValues } from "../tool-settings";
import type { Room } from "./room.svelte";
import { AssistApi } from "./wire";
import { msg } from "../../engine/text";

export class AssistDesk implements AssistPort {
  /** Null until the assistants are loaded. */
  room = $state.raw<Room | null>(null);
  /** The assistant in hand. */
  toolId = $state<AssistToolId | null>(null);
  /** Suggestions that wait for a decision, and which of them is the current one (from 1). */
  openCount = $state(0);
  currentNumber = $state(0);
  #editor: Editor | null = null;
  #place: { readonly picture: () => Picture | null; readonly itemId: string } | null = null;
  #stop: () => void = () => undefined;
  #loading: Promise<Room | null> | null = null;

  constructor(private readonly http: Http, private readonly projectId: string, private readonly kept: KeptValues) {}

  /** A suggestion of the tool in hand waits: to submit now would drop what the person may think is drawn. */
  get holdsBack(): boolean {
    const editor = this.#editor;
    return editor !== null && this.toolId !== null && this.toolId !== "suggest" && editor.suggestions.open.length > 0;
  }

  /** What to say when it does, with the keys in force; null when nothing waits. */
  waitingText(keymap: Keymap): string | null {
    if (!this.holdsBack) return null;
    const [take, refuse] = [shownKey(keymap, "assist.accept"), shownKey(keymap, "assist.refuse")];
    return take && refuse ? msg`A suggestion waits: ${take} takes it, ${refuse} refuses it. Then submit again.` : msg`A suggestion waits: accept or refuse it. Then submit again.`;
  }

  /** Another task is on the bench. */
  attach(task: OpenTask): void {
    this.close();
    const { editor } = task.bench;
    this.#editor = editor;
    this.#place = { picture: () => task.picture, itemId: task.ready.payload.item.item_id };
    editor.assist = this;
    this.#stop = editor.subscribe((aspect) => {
      if (aspect === "tool") this.toolId = assistToolIds.find((id) => id === editor.toolId) ?? null;
      if (aspect === "suggestions") this.#count(editor);
    });
    // An assistant that stayed in hand over the change of tasks.
    const held = assistToolIds.find((id) => id === editor.toolId);
    if (held) editor.setTool(held);
  }

  /** Puts the assistants of the open task away. */
  close(): void {
    this.#stop();
    this.#stop = () => undefined;
    this.room?.close();
    this.room = null;
    this.#loading = null;
    if (this.#editor) this.#editor.assist = null;
    this.#editor = null;
    this.#place = null;
    this.toolId = null;
    this.openCount = 0;
    this.currentNumber = 0;
  }

  makeTool(id: AssistToolId, editor: Editor): Tool | null {
    if (this.room) return this.room.makeTool(id);
    // The tool is made again when the room is there.
    void this.#enter().then((room) => room && editor.toolId === id && editor.setTool(id));
    return null;
  }

  run(command: AssistCommand): void {
    if (this.room) return this.room.run(command);
    void this.#enter().then((room) => room?.run(command));
  }

  #enter(): Promise<Room | null> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<Room | null> {
    const editor = this.#editor;
    const place = this.#place;
    if (!editor || !place) return null;
    try {
      const { Room } = await import("./room.svelte");
      // The task may have been left while the assistants were on their way.
      if (this.#editor !== editor) return null;
      this.room = new Room({ editor, ...place, api: new AssistApi(this.http, this.projectId), kept: this.kept });
      return this.room;
    } catch (error) {
      this.#loading = null;
      editor.say(msg`The assistants could not be loaded. ${sentenceFor(error)}`);
      return null;
    }
  }

  #count(editor: Editor): void {
    const { open, current } = editor.suggestions;
    this.openCount = open.length;
    this.currentNumber = current ? open.indexOf(current) + 1 : 0;
  }
}
