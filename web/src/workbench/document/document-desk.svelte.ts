/** The parts of the open document: how they are arranged, which is in hand, and what keys do to it. */
import type { PartView } from "../../api/types";
import type { Bench } from "../bench.svelte";
import type { WorkbenchSettings } from "../settings.svelte";
import { type Arrangement, type Comparison, arrangements, comparisonOf, firstArrangement } from "./arrangement";
import { type Size, Zoom } from "./zoom.svelte";

/** What a part on the page can be told. */
export interface PartHands {
  readonly zoom?: (by: "in" | "out" | "fit" | "actual") => void;
  /** Of a player: plays or pauses, jumps by seconds, changes the speed. */
  readonly media?: HTMLMediaElement;
}

export const JUMP_S = 5;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;
const NO_PARTS: readonly PartView[] = [];

export class DocumentDesk {
  /** The part that keys work on. */
  at = $state(0);
  parts = $state.raw<readonly PartView[]>(NO_PARTS);
  comparison = $state.raw<Comparison | null>(null);
  bench = $state.raw<Bench | null>(null);
  /** Pictures of one size are zoomed together. */
  isLinked = $state(true);
  readonly #zooms = new Map<string, Zoom>();
  readonly #hands = new Map<number, PartHands>();

  constructor(private readonly settings: WorkbenchSettings) {}

  /** Another document is on the bench; null where the item is none. */
  open(parts: readonly PartView[] | null, bench: Bench): void {
    this.parts = parts ?? NO_PARTS;
    this.bench = bench;
    this.comparison = comparisonOf(this.parts, bench.editor.ontology.questions);
    this.at = Math.max(0, this.comparison?.options.findIndex((o) => o !== null) ?? 0);
    this.isLinked = true;
    this.#zooms.clear();
    this.#hands.clear();
  }

  /** What the person chose for all documents, or what suits this one. */
  readonly arrangement: Arrangement = $derived.by(() => {
    const wanted = this.settings.values.partsArrangement;
    if (this.parts.length <= 1) return "one";
    return wanted === "auto" ? firstArrangement(this.parts, this.comparison) : wanted;
  });

  /** The next way to arrange; what suits the document by itself is not kept as a wish. */
  arrange(to: Arrangement = arrangements[(arrangements.indexOf(this.arrangement) + 1) % arrangements.length]!): void {
    this.settings.set("partsArrangement", to === firstArrangement(this.parts, this.comparison) ? "auto" : to);
  }

  step(by: 1 | -1): void {
    if (this.parts.length) this.at = (this.at + by + this.parts.length) % this.parts.length;
  }

  take(part: number): void {
    this.at = part;
  }

  /** The zoom of a picture: of its own, or that of all with its size. */
  zoomFor(part: number, { width, height }: Size): Zoom {
    const key = this.isLinked ? `${width}x${height}` : String(part);
    let zoom = this.#zooms.get(key);
    if (!zoom) this.#zooms.set(key, (zoom = new Zoom()));
    return zoom;
  }

  /** A part on the page says what it can be told; returns how to leave. */
  enter(part: number, hands: PartHands): () => void {
    this.#hands.set(part, hands);
    return () => void (this.#hands.get(part) === hands && this.#hands.delete(part));
  }

  zoom(by: "in" | "out" | "fit" | "actual"): void {
    const one = this.#hands.get(this.at)?.zoom ?? [...this.#hands.values()].find((h) => h.zoom)?.zoom;
    one?.(by);
  }

  play(): void {
    const media = this.#media;
    if (!media) return;
    if (media.paused) void media.play().catch(() => undefined);
    else media.pause();
  }

  jump(seconds: number): void {
    const media = this.#media;
    if (media) media.currentTime = Math.max(0, Math.min(Number.isFinite(media.duration) ? media.duration : Infinity, media.currentTime + seconds));
  }

  speed(by: 1 | -1): void {
    const media = this.#media;
    if (!media) return;
    const at = SPEEDS.findIndex((s) => s >= media.playbackRate - 0.01);
    media.playbackRate = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + by))]!;
  }

  get hasMedia(): boolean {
    return this.parts.some((p) => p.kind === "audio" || p.kind === "video");
  }

  get pictures(): number {
    return this.parts.filter((p) => p.kind === "image").length;
  }

  /** The player of the part in hand, or the first there is. */
  get #media(): HTMLMediaElement | undefined {
    return this.#hands.get(this.at)?.media ?? [...this.#hands.values()].find((h) => h.media)?.media;
  }
}
