/** A hand that edits at random, for tests: every kind of object, every kind of step. */
import { nudge, paste } from "../commands";
import type { Editor } from "../editor";
import { shapeOf } from "../shapes/registry";
import { MADE_KINDS, randomGeometry } from "../shapes/testing";
import type { Annotation, Geometry, Labelling, MaskGeometry, Relation, SpanGeometry } from "../types";
import type { Entry } from "./delta";
import { type Draft, readDraft } from "./draft";
import { removeRelation, setRelation } from "./relations";
import { LogWriter } from "./kept-log";

type Random = () => number;

export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

/** A tight mask of random rows. */
export function randomMask(random: Random, width: number, height: number): MaskGeometry {
  const [w, h] = [2 + Math.floor(random() * 12), 2 + Math.floor(random() * 12)];
  const runs: number[] = [];
  let isOn = false;
  let length = 0;
  for (let i = 0; i < w * h; i++) {
    // The first and the last pixel, and one in each outer row and column, keep the box tight.
    const on = i === 0 || i === w * h - 1 || random() < 0.6;
    if (on === isOn) length++;
    else {
      runs.push(length);
      isOn = on;
      length = 1;
    }
  }
  runs.push(length);
  return { kind: "mask", origin_xy: [Math.floor(random() * (width - w)), Math.floor(random() * (height - h))], size_wh: [w, h], runs };
}

export function randomSpan(random: Random, length: number): SpanGeometry {
  const start = Math.floor(random() * (length - 1));
  return { kind: "span", start, end: start + 1 + Math.floor(random() * Math.min(40, length - start)) };
}

/** A relation between two of some objects; null where there are not two. */
export function anyRelation(random: Random, id: string, objects: readonly string[]): Relation | null {
  const [from_id, to_id] = [pick(random, objects), pick(random, objects)];
  return objects.length && from_id !== to_id ? { relation_id: id, relation_type_id: pick(random, ["part", "same"]), from_id, to_id, score: null } : null;
}

export function anyGeometry(random: Random, frame: { width: number; height: number }): Geometry {
  const roll = random();
  const geometry = roll < 0.15 ? randomMask(random, frame.width, frame.height) : roll < 0.25 ? randomSpan(random, frame.width) : randomGeometry(pick(random, MADE_KINDS), random, frame);
  return shapeOf(geometry).toWire(geometry);
}

export function anyAnnotation(random: Random, id: string, frame = { width: 1000, height: 600 }): Annotation {
  return {
    annotation_id: id, class_id: pick(random, ["car", "sign", "tree"]), geometry: anyGeometry(random, frame), attributes: random() < 0.5 ? { side: pick(random, ["l", "r"]) } : {},
    is_occluded: random() < 0.2, is_truncated: false, score: null, origin: null, group_id: null,
  };
}

/** The draft of an editor, through text and back. */
export function storedDraft(editor: Editor): Draft {
  const writer = new LogWriter({ labelling: editor.base, z: editor.baseZ });
  writer.write(editor.history.log);
  const draft = readDraft(JSON.parse(JSON.stringify(editor.draftHead(0))), writer.lines);
  if (!draft || draft.lineCount !== writer.lines.length) throw new Error("The draft does not come back.");
  return draft;
}

/** One random step; undo and redo are steps too. */
export function randomStep(editor: Editor, random: Random): void {
  const all = editor.document.inOrder();
  const some = (): Entry[] => (all.length ? Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, all)).filter((e, i, list) => list.indexOf(e) === i) : []);
  const change = (name: string, how: (a: Annotation) => Annotation): void => {
    const entries = some();
    if (entries.length) editor.put(entries.map((e) => ({ z: e.z, annotation: how(e.annotation) })), name);
  };
  const roll = random();
  if (roll < 0.2 || !all.length) {
    editor.put([{ annotation: anyAnnotation(random, editor.newId(), editor.frame), z: editor.document.topZ() }], "Draw");
  } else if (roll < 0.3) change("Move", (a) => ({ ...a, geometry: shapeOf(a.geometry).translate(a.geometry, Math.round(random() * 9 - 4), Math.round(random() * 9 - 4)) }));
  else if (roll < 0.42) change("Shape", (a) => ({ ...a, geometry: dragged(a.geometry, random) }));
  else if (roll < 0.47) change("Label", (a) => ({ ...a, class_id: pick(random, ["car", "sign", "tree"]), attributes: {} }));
  else if (roll < 0.53) change("Set", (a) => ({ ...a, attributes: { ...a.attributes, note: `n${Math.floor(random() * 99)}` } }));
  else if (roll < 0.56) change("Mark", (a) => ({ ...a, is_occluded: !a.is_occluded }));
  else if (roll < 0.6) editor.put(some().map((e) => ({ ...e, z: Math.floor(random() * 50) + random() })), "Stack");
  else if (roll < 0.64) {
    editor.select(some().map((e) => e.annotation.annotation_id));
    nudge(editor, pick(random, [-1, 0, 1]), pick(random, [-1, 0, 1]));
  } else if (roll < 0.67) editor.remove(some().map((e) => e.annotation.annotation_id), "Delete");
  else if (roll < 0.69) relateSome(editor, random);
  else if (roll < 0.72) paste(editor, some().map((e) => e.annotation));
  else if (roll < 0.76) editor.answer("weather", random() < 0.2 ? null : pick(random, ["rain", "sun", "fog"]), "Answer");
  else if (roll < 0.78) editor.setFlag(pick(random, ["hidden", "locked"] as const), some().map((e) => e.annotation.annotation_id), random() < 0.5);
  else if (roll < 0.9) editor.undo();
  else editor.redo();
}

function relateSome(editor: Editor, random: Random): void {
  const { relations } = editor.document;
  const roll = random();
  if (relations.length && roll < 0.2) return removeRelation(editor, pick(random, relations).relation_id);
  const id = relations.length && roll < 0.4 ? pick(random, relations).relation_id : editor.newId();
  const relation = anyRelation(random, id, [...editor.document.ids()]);
  if (relation) setRelation(editor, relation);
}

function dragged(geometry: Geometry, random: Random): Geometry {
  const shape = shapeOf(geometry);
  const handles = shape.handles(geometry);
  return handles.length ? shape.moveHandle(geometry, pick(random, handles).id, [random() * 900, random() * 500]) : geometry;
}

export function randomLabelling(random: Random, count: number, prefix = "b"): Labelling {
  const annotations = Array.from({ length: count }, (_, i) => anyAnnotation(random, `${prefix}${i}`));
  const ids = annotations.map((a) => a.annotation_id);
  const facts = new Map(Array.from({ length: Math.floor(count / 3) }, (_, i) => anyRelation(random, `r${i}`, ids)).flatMap((r) => (r ? [[`${r.relation_type_id} ${r.from_id} ${r.to_id}`, r]] : [])));
  const relations = [...facts.values()];
  return { annotations, answers: random() < 0.5 ? { weather: pick(random, ["rain", "sun"]) } : {}, ...(relations.length ? { relations } : {}) };
}
