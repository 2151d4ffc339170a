/** Every setting of the workbench, defined once: the panel, the actions, the storage and the defaults follow from this table. */
import { choice, onOff, range } from "./setting-kinds";
import { msg } from "../../engine/text";

const percent = (value: number): string => `${value} %`;
const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));
const pixels = (value: number): string => msg`${value} px`;

export const PICTURE = msg`Picture`;
export const OBJECTS = msg`Objects`;
export const PLATES = msg`Name plates`;
export const SCREEN = msg`On screen`;
export const TEXT = msg`Text`;
/** Headings of the panel, in order. */
export const groups = [PICTURE, OBJECTS, PLATES, SCREEN, TEXT] as const;

export const definitions = {
  brightness: range({ name: msg`Brightness`, group: PICTURE, action: "view.brightness", initial: 0, min: -100, max: 100, step: 10, grain: 1, shown: signed }),
  contrast: range({ name: msg`Contrast`, group: PICTURE, action: "view.contrast", initial: 0, min: -100, max: 100, step: 10, grain: 1, shown: signed }),
  saturation: range({ name: msg`Saturation`, group: PICTURE, action: "view.saturation", initial: 0, min: -100, max: 100, step: 10, grain: 1, shown: signed }),
  gamma: range({ name: msg`Gamma`, group: PICTURE, action: "view.gamma", initial: 1, min: 0.2, max: 4, step: 0.1, grain: 0.05, shown: (value) => value.toFixed(2) }),
  equalize: choice({
    name: msg`Histogram`, group: PICTURE, action: "view.equalize", initial: "none",
    options: { none: msg`As it is`, whole: msg`Evened out`, local: msg`Evened out locally` },
  }),
  inverts: onOff({ name: msg`Invert`, group: PICTURE, action: "view.invert", initial: false }),

  colorBy: choice({
    name: msg`Colour by`, group: OBJECTS, action: "view.colorBy", initial: "class",
    options: { class: msg`Class`, instance: msg`Instance`, author: msg`Author`, agreement: msg`Agreement`, group: msg`Group` },
  }),
  palette: choice({
    name: msg`Colours`, group: OBJECTS, action: "view.palette", initial: "own",
    options: { own: msg`Of the project`, okabeIto: msg`Okabe-Ito`, tolBright: msg`Tol bright`, tolMuted: msg`Tol muted`, tolVibrant: msg`Tol vibrant` },
  }),
  fill: range({ name: msg`Fill`, group: OBJECTS, action: "view.fill", initial: 13, min: 0, max: 100, step: 5, grain: 1, shown: percent }),
  lineWidth: range({ name: msg`Line width`, group: OBJECTS, action: "view.lineWidth", initial: 1.75, min: 0.5, max: 6, step: 0.5, grain: 0.25, shown: pixels }),
  onlySelected: onOff({ name: msg`Selected only`, group: OBJECTS, action: "view.onlySelected", initial: false }),

  tags: choice({
    name: msg`Show`, group: PLATES, action: "view.tagsWhen", initial: "hover",
    options: { always: msg`Always`, hover: msg`On hover`, selected: msg`On selected`, never: msg`Never` },
  }),
  tagsName: onOff({ name: msg`Class`, group: PLATES, action: "view.tagsName", initial: true }),
  tagsAttributes: onOff({ name: msg`Attributes`, group: PLATES, action: "view.tagsAttributes", initial: false }),
  tagsScore: onOff({ name: msg`Score`, group: PLATES, action: "view.tagsScore", initial: true }),

  showsCrosshair: onOff({ name: msg`Crosshair`, group: SCREEN, action: "view.crosshair", initial: true }),
  showsGrid: onOff({ name: msg`Grid`, group: SCREEN, action: "view.grid", initial: false }),
  gridPx: range({ name: msg`Grid size`, group: SCREEN, action: "view.gridSize", initial: 50, min: 5, max: 500, step: 10, grain: 5, shown: pixels }),
  showsMinimap: onOff({ name: msg`Minimap`, group: SCREEN, action: "view.minimap", initial: true }),
  showsLoupe: onOff({ name: msg`Loupe`, group: SCREEN, action: "view.loupe", initial: false }),
  loupeZoom: range({ name: msg`Loupe zoom`, group: SCREEN, action: "view.loupeZoom", initial: 4, min: 2, max: 12, step: 1, grain: 1, shown: (value) => `${value} ×` }),

  textSize: range({ name: msg`Letters`, group: TEXT, action: "text.size", initial: 16, min: 12, max: 32, step: 1, grain: 1, shown: pixels }),
  textWidth: range({ name: msg`Line length`, group: TEXT, action: "text.width", initial: 76, min: 40, max: 160, step: 8, grain: 4, shown: (value) => msg`${value} letters` }),
  textFont: choice({
    name: msg`Font`, group: TEXT, action: "text.font", initial: "plain",
    options: { plain: msg`Plain`, serif: msg`With serifs`, mono: msg`Of one width` },
  }),
  showsLineNumbers: onOff({ name: msg`Line numbers`, group: TEXT, action: "text.numbers", initial: true }),
  textTags: onOff({ name: msg`Class tags`, group: TEXT, action: "text.tags", initial: true }),
  relations: choice({
    name: msg`Relations`, group: TEXT, action: "text.relations", initial: "always",
    options: { always: msg`Of all`, selected: msg`Of what is selected`, never: msg`Hidden` },
  }),
  snapsToWords: onOff({ name: msg`Whole words`, group: TEXT, action: "text.snap", initial: true }),
  labelsAtOnce: onOff({ name: msg`Mark at once`, group: TEXT, action: "text.keep", initial: false }),

  showsInstructions: onOff({ name: msg`Show the instructions`, group: null, action: "panel.instructions", initial: false }),
  foldsPanel: onOff({ name: msg`Fold the panel`, group: null, action: "panel.fold", initial: false }),
  onlyPicture: onOff({ name: msg`Show nothing but the picture`, group: null, action: "panel.only", initial: false }),
  showsContext: onOff({ name: msg`Show the context of the task`, group: null, action: "panel.context", initial: true }),
  partsArrangement: choice({
    name: msg`Parts of a document`, group: null, action: "document.arrange", initial: "auto",
    options: { auto: msg`As it suits them`, one: msg`One part at a time`, side: msg`Side by side`, all: msg`One under the other` },
  }),
  keepsDrawing: onOff({ name: msg`Keep drawing after each object`, group: null, action: "tool.keep", initial: false }),
} as const;

/** Of the settings for pictures these serve a text too. */
const FOR_TEXTS: ReadonlySet<string> = new Set(["colorBy", "palette", "onlySelected", "tagsName", "tagsAttributes", "tagsScore"]);

/** Whether the panel of an item of this kind shows a setting. */
export function isForItem(name: keyof typeof definitions, isText: boolean): boolean {
  const isOfTexts = definitions[name].group === TEXT;
  return isText ? isOfTexts || FOR_TEXTS.has(name) : !isOfTexts;
}
