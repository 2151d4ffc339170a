/** Every setting of the workbench, defined once: the panel, the actions, the storage and the defaults follow from this table. */
import { choice, onOff, range } from "./setting-kinds";

const percent = (value: number): string => `${value} %`;
const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));
const pixels = (value: number): string => `${value} px`;

export const PICTURE = "Picture";
export const OBJECTS = "Objects";
export const PLATES = "Name plates";
export const SCREEN = "On screen";
/** Headings of the panel, in order. */
export const groups = [PICTURE, OBJECTS, PLATES, SCREEN] as const;

export const definitions = {
  brightness: range({ name: "Brightness", group: PICTURE, action: "view.brightness", initial: 0, min: -100, max: 100, step: 10, grain: 1, shown: signed }),
  contrast: range({ name: "Contrast", group: PICTURE, action: "view.contrast", initial: 0, min: -100, max: 100, step: 10, grain: 1, shown: signed }),
  saturation: range({ name: "Saturation", group: PICTURE, action: "view.saturation", initial: 0, min: -100, max: 100, step: 10, grain: 1, shown: signed }),
  gamma: range({ name: "Gamma", group: PICTURE, action: "view.gamma", initial: 1, min: 0.2, max: 4, step: 0.1, grain: 0.05, shown: (value) => value.toFixed(2) }),
  equalize: choice({
    name: "Histogram", group: PICTURE, action: "view.equalize", initial: "none",
    options: { none: "As it is", whole: "Evened out", local: "Evened out locally" },
  }),
  inverts: onOff({ name: "Invert", group: PICTURE, action: "view.invert", initial: false }),

  colorBy: choice({
    name: "Colour by", group: OBJECTS, action: "view.colorBy", initial: "class",
    options: { class: "Class", instance: "Instance", author: "Author", agreement: "Agreement", group: "Group" },
  }),
  palette: choice({
    name: "Colours", group: OBJECTS, action: "view.palette", initial: "own",
    options: { own: "Of the project", okabeIto: "Okabe-Ito", tolBright: "Tol bright", tolMuted: "Tol muted", tolVibrant: "Tol vibrant" },
  }),
  fill: range({ name: "Fill", group: OBJECTS, action: "view.fill", initial: 13, min: 0, max: 100, step: 5, grain: 1, shown: percent }),
  lineWidth: range({ name: "Line width", group: OBJECTS, action: "view.lineWidth", initial: 1.75, min: 0.5, max: 6, step: 0.5, grain: 0.25, shown: pixels }),
  onlySelected: onOff({ name: "Selected only", group: OBJECTS, action: "view.onlySelected", initial: false }),

  tags: choice({
    name: "Show", group: PLATES, action: "view.tagsWhen", initial: "hover",
    options: { always: "Always", hover: "On hover", selected: "On selected", never: "Never" },
  }),
  tagsName: onOff({ name: "Class", group: PLATES, action: "view.tagsName", initial: true }),
  tagsAttributes: onOff({ name: "Attributes", group: PLATES, action: "view.tagsAttributes", initial: false }),
  tagsScore: onOff({ name: "Score", group: PLATES, action: "view.tagsScore", initial: true }),

  showsCrosshair: onOff({ name: "Crosshair", group: SCREEN, action: "view.crosshair", initial: true }),
  showsGrid: onOff({ name: "Grid", group: SCREEN, action: "view.grid", initial: false }),
  gridPx: range({ name: "Grid size", group: SCREEN, action: "view.gridSize", initial: 50, min: 5, max: 500, step: 10, grain: 5, shown: pixels }),
  showsMinimap: onOff({ name: "Minimap", group: SCREEN, action: "view.minimap", initial: true }),
  showsLoupe: onOff({ name: "Loupe", group: SCREEN, action: "view.loupe", initial: false }),
  loupeZoom: range({ name: "Loupe zoom", group: SCREEN, action: "view.loupeZoom", initial: 4, min: 2, max: 12, step: 1, grain: 1, shown: (value) => `${value} ×` }),

  showsInstructions: onOff({ name: "Show the instructions", group: null, action: "panel.instructions", initial: false }),
  foldsPanel: onOff({ name: "Fold the panel", group: null, action: "panel.fold", initial: false }),
  onlyPicture: onOff({ name: "Show nothing but the picture", group: null, action: "panel.only", initial: false }),
  keepsDrawing: onOff({ name: "Keep drawing after each object", group: null, action: "tool.keep", initial: false }),
} as const;
