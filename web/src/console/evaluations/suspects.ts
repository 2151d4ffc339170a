/** Suspicious labels in words and lines. */
import type { DoubtKind, LabelError } from "../../api/console-types";
import type { Crop } from "../../api/lead";
import type { Geometry } from "../../engine/types";
import { msg } from "../../engine/text";
import { kindTone } from "./kinds";

export const DOUBTS: readonly { kind: DoubtKind; name: string; tone: string }[] = [
  { kind: "missed", name: msg`Label missing`, tone: kindTone("missed") },
  { kind: "class", name: msg`Wrong class`, tone: kindTone("wrong_class") },
  { kind: "shape", name: msg`Wrong place`, tone: kindTone("bad_location") },
  { kind: "twice", name: msg`Labelled twice`, tone: kindTone("duplicate") },
  { kind: "extra", name: msg`Nothing there`, tone: kindTone("background") },
];

export const doubtName = (kind: DoubtKind): string => DOUBTS.find((d) => d.kind === kind)!.name;
const doubtTone = (kind: DoubtKind): string => DOUBTS.find((d) => d.kind === kind)!.tone;

export interface DrawnSuspect {
  readonly geometry: Geometry;
  readonly tone: string;
  readonly isDashed: boolean;
  readonly said: string;
}

const LABEL_TONE = "#ffffff";

/** The label dashed, what the model sees in the colour of the doubt; a label that nothing speaks for has that colour itself. */
export function drawn(suspect: LabelError, nameOf: (classId: string) => string): DrawnSuspect[] {
  const tone = doubtTone(suspect.kind);
  const seen = nameOf(suspect.suggested_class_id ?? suspect.class_id);
  return [
    ...(suspect.label ? [{ geometry: suspect.label, tone: suspect.prediction ? LABEL_TONE : tone, isDashed: true, said: msg`label: ${nameOf(suspect.class_id)}` }] : []),
    ...(suspect.prediction ? [{ geometry: suspect.prediction, tone, isDashed: false, said: msg`the model sees: ${seen}` }] : []),
  ];
}

/** Whether its task can be asked for once more. */
export const canAsk = (suspect: LabelError): boolean => suspect.task_id !== null && !suspect.is_gold && suspect.asked_ms === null;

/** Why it cannot be chosen; nothing where it can. */
export function standing(suspect: LabelError): string {
  if (suspect.asked_ms !== null) return msg`asked again`;
  if (suspect.is_gold) return msg`known answer`;
  return suspect.task_id === null ? msg`no longer there` : "";
}

/** The shape of a card's picture: width to height. */
const CARD_SHAPE = 1.5;

/** The crop made as wide or as high as a card shows, moved so that it stays within the picture where that is large enough. */
export function widened(crop: Crop, { width, height }: { width: number; height: number }): Crop {
  const wide = Math.max(crop[2] - crop[0], (crop[3] - crop[1]) * CARD_SHAPE);
  const [x0, x1] = around(crop[0], crop[2], wide, width);
  const [y0, y1] = around(crop[1], crop[3], wide / CARD_SHAPE, height);
  return [x0, y0, x1, y1];
}

function around(from: number, to: number, length: number, size: number): [number, number] {
  const whole = Math.min(length, size);
  const start = Math.min(Math.max(0, (from + to - whole) / 2), size - whole);
  return [start, start + whole];
}
