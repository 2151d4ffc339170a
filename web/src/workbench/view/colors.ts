/**
 * The colours objects are shown in. The project's own colours belong to the ontology and are never changed here; a palette
 * and a rule recolour for display only.
 */
import { classTree } from "../../engine/ontology";
import type { Annotation, Ontology } from "../../engine/types";
import type { SettingValues } from "../settings.svelte";

type PaletteName = Exclude<SettingValues["palette"], "own">;

/** Safe for the common kinds of colour blindness: Okabe and Ito (2008) without black; Paul Tol's schemes (SRON/EPS/TN/09-002). */
export const palettes: Readonly<Record<PaletteName, readonly string[]>> = {
  okabeIto: ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"],
  tolBright: ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377"],
  tolMuted: ["#cc6677", "#332288", "#ddcc77", "#117733", "#88ccee", "#882255", "#44aa99", "#999933", "#aa4499"],
  tolVibrant: ["#ee7733", "#0077bb", "#33bbee", "#ee3377", "#cc3311", "#009988"],
};

/** For what has no value: no group, no score, no known class. */
export const PLAIN_COLOR = "#9aa0a8";
/** From low to high: cividis (Nuñez, Anderton and Renslow 2018), which reads the same to all; lifted off black. */
const SCALE = ["#26406f", "#575d6d", "#7d7c78", "#a69d75", "#d3c164", "#fee838"] as const;
/** Bright and far apart, for instances in the project's own colours. */
const INSTANCES = ["#4f9dff", "#ff7a59", "#3ecf8e", "#ffcf3f", "#b78cff", "#ff6fae", "#35d0d9", "#a6d94a", "#ff9f45", "#7f8cff", "#e5735c", "#62c6a0"] as const;

export interface ColorRule {
  readonly by: SettingValues["colorBy"];
  readonly palette: SettingValues["palette"];
  readonly ontology: Ontology;
  readonly authorOf: (annotation: Annotation) => string;
}

export interface Colors {
  of(annotation: Annotation): string;
  ofClass(classId: string): string;
}

export function colorsFor({ by, palette, ontology, authorOf }: ColorRule): Colors {
  const classes = classColors(ontology, palette);
  const many = palette === "own" ? INSTANCES : palettes[palette];
  const ofClass = (classId: string): string => classes.get(classId) ?? PLAIN_COLOR;
  const authors = new Map<string, string>();
  const ofAuthor = (name: string): string => {
    let color = authors.get(name);
    if (!color) authors.set(name, (color = nth(many, authors.size)));
    return color;
  };
  switch (by) {
    case "class":
      return { ofClass, of: (a) => ofClass(a.class_id) };
    case "instance":
      return { ofClass, of: (a) => nth(many, hash(a.annotation_id) % (many.length * 2)) };
    case "author":
      return { ofClass, of: (a) => ofAuthor(authorOf(a)) };
    case "agreement":
      return { ofClass, of: (a) => (a.score === null ? PLAIN_COLOR : onScale(a.score)) };
    case "group":
      return { ofClass, of: (a) => (a.group_id === null ? PLAIN_COLOR : nth(many, hash(a.group_id) % (many.length * 2))) };
  }
}

/** The colour of a value from 0 to 1: dark blue is low, bright yellow is high. */
export function onScale(value: number): string {
  const at = Math.min(1, Math.max(0, value)) * (SCALE.length - 1);
  const low = Math.min(SCALE.length - 2, Math.floor(at));
  return mixed(SCALE[low]!, SCALE[low + 1]!, at - low);
}

function classColors(ontology: Ontology, palette: SettingValues["palette"]): ReadonlyMap<string, string> {
  if (palette === "own") return new Map(ontology.classes.map((c) => [c.class_id, c.color]));
  return new Map(classTree(ontology).map(({ item }, i) => [item.class_id, nth(palettes[palette], i)]));
}

/** Colours beyond the end of a palette are its colours again, lighter and darker by turns, so that neighbours differ. */
function nth(colors: readonly string[], index: number): string {
  const color = colors[index % colors.length]!;
  const round = Math.floor(index / colors.length);
  if (round === 0) return color;
  const share = Math.min(0.6, 0.3 * Math.ceil(round / 2));
  return mixed(color, round % 2 === 1 ? "#ffffff" : "#000000", share);
}

function mixed(a: string, b: string, share: number): string {
  const channel = (at: number): string => {
    const [x, y] = [parseInt(a.slice(at, at + 2), 16), parseInt(b.slice(at, at + 2), 16)];
    return Math.round(x + (y - x) * share).toString(16).padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

/** The same number for the same text (FNV-1a). */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
