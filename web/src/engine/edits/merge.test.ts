import { describe, expect, it } from "vitest";
import { annotation, box, makeEditor, seeded } from "../testing";
import type { Annotation, Labelling, Relation } from "../types";
import { LabelDocument } from "./document";
import { type Merge, type MergeChoice, answerKey, changesTo, merge, sameObject, settle } from "./merge";
import { anyAnnotation, anyGeometry, anyRelation, pick, randomLabelling } from "./testing";

const FRAME = { width: 1000, height: 600 };
const none = new Map<string, MergeChoice>();
let made = 0;
const newId = (): string => `copy${++made}`;
const settled = (m: Merge, choices: ReadonlyMap<string, MergeChoice> = none): Labelling => settle(m, choices, newId);
const ids = (l: Labelling): string[] => l.annotations.map((a) => a.annotation_id);
const find = (l: Labelling, id: string): Annotation | undefined => l.annotations.find((a) => a.annotation_id === id);

/** Another labelling made from this one by one person. */
function changed(base: Labelling, random: () => number, who: string): Labelling {
  let list = [...base.annotations];
  const answers = { ...base.answers };
  for (let i = 0; i < Math.floor(random() * 8); i++) {
    const at = Math.floor(random() * list.length);
    const roll = random();
    const swap = (how: (a: Annotation) => Annotation): Annotation[] => list.map((a, k) => (k === at ? how(a) : a));
    if (roll < 0.25) list.splice(at, 0, anyAnnotation(random, `${who}${i}`));
    else if (roll < 0.4) list = list.filter((_, k) => k !== at);
    else if (roll < 0.6) list = swap((a) => ({ ...a, geometry: anyGeometry(random, FRAME) }));
    else if (roll < 0.7) list = swap((a) => ({ ...a, class_id: pick(random, ["car", "sign", "tree"]), attributes: {} }));
    else if (roll < 0.82) list = swap((a) => ({ ...a, attributes: { ...a.attributes, [pick(random, ["note", "side"])]: pick(random, ["l", "r", "x"]) } }));
    else if (roll < 0.88) list = swap((a) => ({ ...a, is_occluded: !a.is_occluded }));
    else if (roll < 0.93) answers["weather"] = pick(random, ["rain", "sun", "fog"]);
    else list.splice(Math.floor(random() * list.length), 0, ...list.splice(at, 1));
  }
  const has = (id: string): boolean => list.some((a) => a.annotation_id === id);
  const kept = (base.relations ?? []).filter((r) => random() < 0.8 && has(r.from_id) && has(r.to_id))
    .map((r) => (random() < 0.1 ? { ...r, relation_type_id: `of ${who}` } : r));
  const facts = new Set(kept.map((r) => [r.relation_type_id, r.from_id, r.to_id].join()));
  const more = Array.from({ length: Math.floor(random() * 3) }, (_, i) => anyRelation(random, `r${who}${i}`, list.map((a) => a.annotation_id)))
    .flatMap((r) => (r && !facts.has([r.relation_type_id, r.from_id, r.to_id].join()) && facts.add([r.relation_type_id, r.from_id, r.to_id].join()) ? [r] : []));
  const relations = [...kept, ...more];
  return { annotations: list, answers, ...(relations.length ? { relations } : {}) };
}

const three = (seed: number): [Labelling, Labelling, Labelling] => {
  const random = seeded(seed);
  const base = randomLabelling(random, 1 + Math.floor(random() * 10));
  return [base, changed(base, random, "m"), changed(base, random, "t")];
};
const SEEDS = Array.from({ length: 400 }, (_, i) => i + 1);

describe("a merge, at random", () => {
  it("takes one side's changes as they are when the other changed nothing", () => {
    for (const seed of SEEDS) {
      const [base, mine] = three(seed);
      for (const m of [merge(base, mine, base), merge(base, base, mine)]) {
        expect(m.conflictCount).toBe(0);
        expect(settled(m)).toEqual(mine);
      }
      expect(merge(base, mine, mine)).toMatchObject({ conflictCount: 0, hasOrderConflict: false });
      expect(settled(merge(base, mine, mine))).toEqual(mine);
    }
  });

  it("does not depend on who is called mine, where there is no conflict", () => {
    let count = 0;
    for (const seed of SEEDS) {
      const [base, mine, theirs] = three(seed);
      const [one, other] = [merge(base, mine, theirs), merge(base, theirs, mine)];
      expect(one.conflictCount).toBe(other.conflictCount);
      if (one.conflictCount || one.hasOrderConflict) continue;
      count++;
      expect(settled(one)).toEqual(settled(other));
    }
    expect(count).toBeGreaterThan(80);
  });

  it("lets nothing of either side vanish unsaid", () => {
    for (const seed of SEEDS) {
      const [base, mine, theirs] = three(seed);
      const m = merge(base, mine, theirs);
      const random = seeded(seed + 1);
      const choices = new Map<string, MergeChoice>();
      for (const o of m.objects) if (random() < 0.6) choices.set(o.id, pick(random, ["mine", "theirs", "both"]));
      const end = settled(m, choices);
      expect(new Set(ids(end)).size).toBe(end.annotations.length);
      for (const [own, other] of [[mine, theirs], [theirs, mine]] as const) {
        for (const a of own.annotations) {
          if (sameObject(find(base, a.annotation_id) ?? null, a)) {
            // Untouched here: it may be gone only because the other side took it away.
            if (find(other, a.annotation_id)) expect(find(end, a.annotation_id)).toBeDefined();
            continue;
          }
          const told = m.objects.find((o) => o.id === a.annotation_id)!;
          const isOpen = told.conflicts.length > 0 || told.isDeletionConflict;
          const stands = find(end, a.annotation_id);
          if (!isOpen) expect(stands).toEqual(told.merged);
          else if (choices.get(a.annotation_id) === (own === mine ? "mine" : "theirs") && told.isDeletionConflict) expect(stands).toEqual(a);
          else if (choices.get(a.annotation_id) === "both") expect(end.annotations.some((e) => sameObject({ ...e, annotation_id: a.annotation_id }, a)) || stands !== undefined).toBe(true);
        }
      }
    }
  });

  it("leaves every change of either side in what comes out, or names it", () => {
    for (const seed of SEEDS) {
      const [base, mine, theirs] = three(seed);
      const m = merge(base, mine, theirs);
      const end = settled(m);
      for (const own of [mine, theirs]) {
        for (const id of new Set([...ids(base), ...ids(own)])) {
          const [was, is, now] = [find(base, id), find(own, id), find(end, id)];
          if (sameObject(was ?? null, is ?? null)) continue;
          const told = m.objects.find((o) => o.id === id)!;
          if (told.isDeletionConflict) continue;
          if (!is) expect(now).toBeUndefined();
          else if (!was) expect(now).toBeDefined();
          else {
            if (JSON.stringify(was.geometry) !== JSON.stringify(is.geometry) && !told.conflicts.includes("geometry")) expect(now!.geometry).toEqual(is.geometry);
            if (was.class_id !== is.class_id && !told.conflicts.includes("class")) expect(now!.class_id).toBe(is.class_id);
            if (was.is_occluded !== is.is_occluded && !told.conflicts.includes("marks")) expect(now!.is_occluded).toBe(is.is_occluded);
          }
        }
      }
    }
  });

  it("becomes a step of a document, which can be taken back", () => {
    for (const seed of SEEDS.slice(0, 120)) {
      const [base, mine, theirs] = three(seed);
      const editor = makeEditor({ base: mine, ontology: { classes: [], questions: [] } });
      const end = settled(merge(base, mine, theirs));
      const { entries, answers, relations } = changesTo(editor.document, end);
      editor.enact("Merge", entries, answers, relations);
      expect(editor.document.toLabelling()).toEqual(end);
      if (!entries.length && !answers.length && !relations.length) continue;
      editor.undo();
      expect(editor.document.toLabelling()).toEqual(mine);
      editor.redo();
      expect(editor.document.toLabelling()).toEqual(end);
    }
  });
});

describe("relations in a merge", () => {
  const objects = ["a", "b", "c"].map((id, i) => annotation(id, { kind: "span", start: 10 * i, end: 10 * i + 4 }));
  const of = (relations: Relation[], annotations: Annotation[] = objects): Labelling => ({ annotations, answers: {}, relations });
  const relation = (id: string, from_id: string, to_id: string, type = "part"): Relation => ({ relation_id: id, relation_type_id: type, from_id, to_id, score: null });
  const ab = relation("r1", "a", "b");
  const bc = relation("r2", "b", "c");

  it("are taken from the side that changed them; the same fact from both sides is one", () => {
    const m = merge(of([ab]), of([{ ...ab, relation_type_id: "same" }, bc]), of([ab, { ...bc, relation_id: "r9" }]));
    expect(m.conflictCount).toBe(0);
    expect(settled(m).relations).toEqual([{ ...ab, relation_type_id: "same" }, bc]);
    expect(settled(merge(of([ab, bc]), of([bc]), of([ab, bc]))).relations).toEqual([bc]);
  });

  it("outweigh their deletion where the other side changed them, and both changes stay", () => {
    const [mine, theirs] = [{ ...ab, relation_type_id: "m" }, { ...ab, relation_type_id: "t" }];
    expect(settled(merge(of([ab]), of([]), of([theirs]))).relations).toEqual([theirs]);
    expect(settled(merge(of([ab]), of([mine]), of([theirs]))).relations).toEqual([mine, { ...theirs, relation_id: "r1/2" }]);
  });

  it("keep an object that the other side deleted from going unsaid, and come back with it", () => {
    const m = merge(of([bc]), of([], objects.slice(0, 2)), of([bc, relation("r3", "a", "c")]));
    expect(m.objects.map((o) => [o.id, o.isDeletionConflict])).toEqual([["c", true]]);
    expect(settled(m).relations?.map((r) => r.relation_id)).toEqual(["r2", "r3"]);
    expect(settled(m, new Map([["c", "mine"]]))).toEqual({ annotations: objects.slice(0, 2), answers: {} });
  });
});

describe("a merge", () => {
  const a = annotation("a", box(0, 0, 10, 10));
  const b = annotation("b", box(20, 0, 30, 10));
  const l = (...annotations: Annotation[]): Labelling => ({ annotations, answers: {} });

  it("puts fields together that different sides changed", () => {
    const mine = l({ ...a, geometry: box(0, 0, 12, 10), attributes: { side: "l" } });
    const theirs = l({ ...a, is_occluded: true, attributes: { lamp: true } });
    const m = merge(l(a), mine, theirs);
    expect(m.conflictCount).toBe(0);
    expect(settled(m).annotations).toEqual([{ ...a, geometry: box(0, 0, 12, 10), is_occluded: true, attributes: { side: "l", lamp: true } }]);
  });

  it("asks about what both changed, first of all, and takes the answer for that part alone", () => {
    const mine = l({ ...b, is_occluded: true }, { ...a, geometry: box(0, 0, 12, 10), attributes: { side: "l" } });
    const theirs = l(b, { ...a, geometry: box(1, 1, 9, 9), is_truncated: true });
    const m = merge(l(b, a), mine, theirs);
    expect(m.objects.map((o) => [o.id, o.conflicts, o.changedBy])).toEqual([["a", ["geometry"], "both"], ["b", [], "mine"]]);
    const now = (choice: MergeChoice): Annotation[] => settled(m, new Map([["a", choice]])).annotations.filter((x) => x.annotation_id !== "b");
    const rest = { attributes: { side: "l" }, is_truncated: true };
    expect(now("mine")).toEqual([{ ...a, ...rest, geometry: box(0, 0, 12, 10) }]);
    expect(now("theirs")).toEqual([{ ...a, ...rest, geometry: box(1, 1, 9, 9) }]);
    expect(now("both").map((x) => x.geometry)).toEqual([box(0, 0, 12, 10), box(1, 1, 9, 9)]);
    expect(new Set(now("both").map((x) => x.annotation_id)).size).toBe(2);
  });

  it("keeps what one side changed and the other deleted, until it is decided", () => {
    const theirs = l({ ...a, class_id: "sign" });
    const m = merge(l(a), l(), theirs);
    expect(m.objects[0]).toMatchObject({ isDeletionConflict: true, changedBy: "both" });
    expect(settled(m)).toEqual(theirs);
    expect(settled(m, new Map([["a", "mine"]]))).toEqual(l());
  });

  it("never mixes one class with the attributes of another", () => {
    const mine = l({ ...a, class_id: "sign" });
    const theirs = l({ ...a, attributes: { side: "r" } });
    const m = merge(l(a), mine, theirs);
    expect(m.objects[0]!.conflicts).toEqual(["class"]);
    expect(settled(m).annotations[0]).toMatchObject({ class_id: "sign", attributes: {} });
    expect(settled(m, new Map([["a", "theirs"]])).annotations[0]).toMatchObject({ class_id: "car", attributes: { side: "r" } });
  });

  it("merges answers one by one", () => {
    const of = (answers: Labelling["answers"]): Labelling => ({ annotations: [], answers });
    const m = merge(of({ w: "sun", n: 1 }), of({ w: "rain", n: 1, m: true }), of({ w: "fog", n: 2 }));
    expect(m.answers.filter((x) => x.isConflict).map((x) => x.question_id)).toEqual(["w"]);
    expect(settled(m).answers).toEqual({ w: "rain", n: 2, m: true });
    expect(settled(m, new Map([[answerKey("w"), "theirs"]])).answers).toEqual({ w: "fog", n: 2, m: true });
  });

  it("stacks what one side added above what it lay on there", () => {
    const [m1, m2, t1] = ["m1", "m2", "t1"].map((id, i) => annotation(id, box(i, i, i + 9, i + 9)));
    const end = settled(merge(l(a, b), l(a, m1!, m2!, b), l(a, b, t1!)));
    expect(ids(end)).toEqual(["a", "m1", "m2", "b", "t1"]);
    expect(ids(settled(merge(l(a, b), l(b, a), l(a, b, t1!))))).toEqual(["b", "t1", "a"]);
  });

  it("gives new objects places between those that stay, and moves no other", () => {
    const document = new LabelDocument(l(a, b));
    const between = Array.from({ length: 200 }, (_, i) => annotation(`n${String(i).padStart(3, "0")}`, box(i, 0, i + 1, 1)));
    const wanted = l(a, ...between, b);
    const { entries } = changesTo(document, wanted);
    expect(entries.map((e) => e.id)).toEqual(between.map((x) => x.annotation_id));
    document.apply({ name: "", at_ms: 0, entries, answers: [] });
    expect(document.toLabelling()).toEqual(wanted);
  });
});
