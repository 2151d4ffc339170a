/** Colours of what a detection or a true object turned out to be. */
import { msg } from "../../engine/text";
const TONES: Readonly<Record<string, string>> = {
  right: "#3fae6f", found: "#3fae6f", missed: "#f0a029", background: "#e5484d", wrong_class: "#b8609a", bad_location: "#4a86c8",
  wrong_class_and_location: "#8d78cf", duplicate: "#8a8f98", ignored: "#8a8f98",
};

export const kindTone = (kind: string): string => TONES[kind] ?? "#8a8f98";

export const KINDS_SHOWN: readonly { kind: string; name: string }[] = [
  { kind: "right", name: "right" }, { kind: "missed", name: "missed" }, { kind: "background", name: msg`false alarm` }, { kind: "wrong_class", name: msg`wrong class` },
  { kind: "bad_location", name: msg`bad place` }, { kind: "wrong_class_and_location", name: msg`wrong class and place` }, { kind: "duplicate", name: "twice" },
];
