/** The assistants of one open task: tools, worker and models. Loaded when somebody first asks for one. */
import { isOffline, sentenceFor } from "../../api/http";
import type { AssistantModel, ProjectAssistants } from "../../api/types";
import { type Found, foundIn, outcomeKinds } from "../../engine/assist/outcome";
import type { AssistCommand, AssistToolId, Assistants, SegmentQuery } from "../../engine/assist/port";
import type { Patch } from "../../engine/assist/raster";
import type { Answers, RequestKind, Requests } from "../../engine/assist/workshop";
import type { Editor } from "../../engine/editor";
import type { Point } from "../../engine/geometry";
import { bitmapOfSpans } from "../../engine/raster/bitmap";
import { spansOfMask } from "../../engine/raster/runs";
import { CutOutTool } from "../../engine/tools/cut-out";
import { ScissorsTool } from "../../engine/tools/scissors";
import { NO_MODEL, SegmentTool } from "../../engine/tools/segment";
import { SuggestTool, acceptOne, goOn, refuseOne } from "../../engine/tools/suggest";
import { SuperpixelTool } from "../../engine/tools/superpixels";
import type { Tool } from "../../engine/tools/tool";
import { WandTool } from "../../engine/tools/wand";
import type { MaskGeometry } from "../../engine/types";
import { AssistClient, type Line } from "./client";
import { adjustSelected } from "./adjust";
import { KeptOptions } from "./options.svelte";
import type { Picture } from "../picture";
import type { KeptValues } from "../tool-settings";
import { cutPatch } from "./pixels";
import { newSuggestions } from "./overlap";
import type { AssistApi } from "./wire";
import { msg } from "../../engine/text";

/** What a room needs of the open task. */
export interface Place {
  readonly editor: Editor;
  readonly picture: () => Picture | null;
  readonly itemId: string;
  readonly api: AssistApi;
  /** Where the person's settings are. */
  readonly kept: KeptValues;
}

const NO_MODELS = { detectors: [] as AssistantModel[], segmenters: [] as AssistantModel[] };

export class Room implements Assistants {
  readonly options: KeptOptions;
  models = $state.raw<Pick<ProjectAssistants, "detectors" | "segmenters">>(NO_MODELS);
  /** Why the models could not be listed; empty when they could. */
  modelsFault = $state("");
  areModelsKnown = $state(false);
  /** A request to a model on the server is under way. */
  isAsking = $state(false);
  readonly #client: AssistClient;
  #abort: AbortController | null = null;

  constructor(private readonly place: Place) {
    const { editor, picture } = place;
    this.options = new KeptOptions(place.kept);
    const cut = async (patch: Patch): Promise<ImageBitmap> => {
      const shown = picture();
      if (!shown) throw new Error("There is no picture.");
      return cutPatch(shown, editor.frame, patch);
    };
    const makeLine = (): Line => new Worker(new URL("./assist.worker.ts", import.meta.url), { type: "module" }) as unknown as Line;
    this.#client = new AssistClient(makeLine, editor.frame, cut, (text) => editor.say(text));
    void this.#loadModels();
  }

  close(): void {
    this.#abort?.abort();
    this.#client.close();
  }

  makeTool(id: AssistToolId): Tool {
    const { editor } = this.place;
    switch (id) {
      case "wand":
        return new WandTool(editor, this);
      case "superpixels":
        return new SuperpixelTool(editor, this);
      case "cutout":
        return new CutOutTool(editor, this);
      case "scissors":
        return new ScissorsTool(editor, this);
      case "segment":
        this.#prepare();
        return new SegmentTool(editor, this);
      case "suggest":
        return new SuggestTool(editor);
    }
  }

  run(command: AssistCommand): void {
    const { editor } = this.place;
    const { suggestions, tool } = editor;
    const { current } = suggestions;
    switch (command) {
      case "fit":
      case "snap":
        return void adjustSelected(editor, command, (kind, patch, request) => this.ask(kind, patch, request));
      case "suggest":
        return void this.suggest();
      case "accept":
        if (!tool.confirm() && current) acceptOne(editor, current);
        return;
      case "fix":
        return this.#fix();
      case "refuse":
        if (!tool.cancel() && current) refuseOne(editor, current);
        return;
      case "acceptAll":
        if (suggestions.open.length) editor.select(suggestions.accept(suggestions.open.map((s) => s.id)));
        return goOn(editor);
      case "refuseAll":
        suggestions.refuse(suggestions.open.map((s) => s.id));
        return goOn(editor);
      case "next":
      case "previous":
        suggestions.step(command === "next" ? 1 : -1);
        return goOn(editor);
      case "more":
      case "less":
        return this.#scale(command === "more" ? 1 : -1);
      case "contiguous":
        this.options.isContiguous = !this.options.isContiguous;
        editor.say(this.options.isContiguous ? msg`The wand takes what hangs together.` : msg`The wand takes like colours everywhere in view.`);
        return this.optionsChanged();
      case "kind":
        return this.#nextKind();
    }
  }

  ask<K extends RequestKind>(kind: K, patch: Patch, request: Requests[K]): Promise<Answers[K] | null> {
    return this.#client.ask(kind, patch, request);
  }

  optionsChanged(): void {
    this.options.keep();
    const tool = this.place.editor.tool as Tool & { restyle?: () => void };
    tool.restyle?.();
    this.place.editor.changed("tool");
  }

  // --- models on the server

  get segmenterModel(): AssistantModel | null {
    return chosen(this.models.segmenters, this.options.segmenterId);
  }

  get detectorModel(): AssistantModel | null {
    return chosen(this.models.detectors, this.options.detectorId);
  }

  get segmenter(): string | null {
    const model = this.segmenterModel;
    return model && `model:${model.model_version_id}`;
  }

  chooseSegmenter(id: string): void {
    this.options.segmenterId = id;
    this.#prepare();
    this.optionsChanged();
  }

  chooseDetector(id: string): void {
    this.options.detectorId = id;
    this.optionsChanged();
  }

  async segment({ points, box, kind }: SegmentQuery): Promise<Found | null> {
    const model = this.segmenterModel;
    if (!model) return null;
    const body = {
      model_version_id: model.model_version_id,
      points: points.map(({ at: [x, y], isObject }) => ({ x, y, is_object: isObject })),
      box_xyxy: box && ([box.x0, box.y0, box.x1, box.y1] as [number, number, number, number]),
    };
    const answer = await this.#asked((signal) => this.place.api.segment(this.place.itemId, body, signal));
    const near = points.filter((p) => p.isObject).map((p) => p.at);
    return answer?.mask ? this.#asKind(answer.mask, kind, near) : null;
  }

  /** Asks the project's own model what it sees here, and shows what is not drawn yet. */
  async suggest(): Promise<void> {
    const { editor, api, itemId } = this.place;
    if (!this.areModelsKnown) await this.#loadModels();
    const model = this.detectorModel;
    if (!model) return editor.say(this.modelsFault || NO_DETECTOR);
    const body = { model_version_id: model.model_version_id, score_threshold: this.options.threshold };
    const answer = await this.#asked((signal) => api.suggest(itemId, body, signal));
    if (!answer) return;
    const source = `model:${answer.model_version_id}`;
    const { suggestions } = editor;
    suggestions.withdraw(suggestions.open.filter((s) => s.source === source).map((s) => s.id));
    const offers = newSuggestions(editor, answer.labelling.annotations, source);
    if (!offers.length) {
      const found = answer.labelling.annotations.length;
      return editor.say(found ? msg`The model sees nothing here that is not drawn or refused already.` : msg`The model is sure of nothing here; lower the least score, or draw by hand.`);
    }
    editor.select([]);
    suggestions.offer(offers);
    editor.setTool("suggest");
    goOn(editor);
  }

  async #loadModels(): Promise<void> {
    try {
      this.models = await this.place.api.models();
      this.modelsFault = "";
      this.areModelsKnown = true;
    } catch (error) {
      this.modelsFault = sentenceFor(error);
    }
    this.optionsChanged();
    if (this.place.editor.toolId === "segment") this.#prepare();
  }

  /** Has the model look at the picture before the first click. */
  #prepare(): void {
    const model = this.segmenterModel;
    if (!model) {
      if (this.areModelsKnown) this.place.editor.say(NO_MODEL);
      return;
    }
    void this.#asked((signal) => this.place.api.segment(this.place.itemId, { model_version_id: model.model_version_id, points: [], box_xyxy: null }, signal));
  }

  /** One request to the server; a newer one takes its place. */
  async #asked<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.isAsking = true;
    try {
      return await ask(abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) this.place.editor.say(isOffline(error) ? msg`The server does not answer, so its models cannot help now.` : sentenceFor(error));
      return null;
    } finally {
      if (this.#abort === abort) this.isAsking = false;
    }
  }

  #asKind(mask: MaskGeometry, kind: SegmentQuery["kind"], near: readonly Point[]): Found | null {
    const { x0, y0, width, height, data } = bitmapOfSpans(spansOfMask(mask));
    const found = foundIn(data, { x0, y0, scale: 1, width, height }, this.place.editor.frame, { kind, near, looseness: 1.2 });
    // A mask is taken as the model made it, specks and all.
    return found && kind === "mask" ? { geometry: mask, outline: found.outline } : found;
  }

  // --- keys

  /** Takes the suggestion in hand into the labels and gives the hand its corners. */
  #fix(): void {
    const { editor } = this.place;
    const { current } = editor.suggestions;
    if (!current) return;
    const isDrawn = editor.tool.draws !== null && editor.tool.confirm();
    const newest = editor.document.inOrder().at(-1);
    const ids = !isDrawn ? editor.suggestions.accept([current.id]) : newest ? [newest.annotation.annotation_id] : [];
    editor.setTool("select");
    editor.select(ids);
  }

  #scale(by: 1 | -1): void {
    const { options } = this;
    switch (this.place.editor.toolId) {
      case "superpixels":
        options.side = clampTo(Math.round(options.side * (by > 0 ? 1.25 : 0.8)), 6, 120);
        break;
      case "cutout":
        options.radius = clampTo(options.radius + 2 * by, 2, 60);
        break;
      default:
        options.tolerance = clampTo(options.tolerance + 6 * by, 0, 254);
    }
    this.optionsChanged();
  }

  #nextKind(): void {
    const { editor } = this.place;
    const has = outcomeKinds.filter((kind) => editor.currentClass?.geometry_kinds.includes(kind));
    if (has.length < 2) return editor.say(msg`The class in hand leaves no choice of shape.`);
    const now = this.options.kind === null ? 0 : has.indexOf(this.options.kind);
    this.options.kind = has[(now + 1) % has.length]!;
    this.optionsChanged();
  }
}

export const NO_DETECTOR = msg`No trained model fits this project yet: a manager trains one on the page Models, on a dataset version of this project.`;

function chosen(models: readonly AssistantModel[], id: string | null): AssistantModel | null {
  return models.find((m) => m.model_version_id === id) ?? models[0] ?? null;
}

function clampTo(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
