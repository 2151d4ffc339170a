import { describe, expect, it } from "vitest";
import { seeded } from "../../engine/testing";
import { type Mark, depthOf, lanesOf, paintOf, piecesOf } from "./marks";

const mark = (id: string, start: number, end: number, more: Partial<Mark> = {}): Mark => ({ id, start, end, color: "#3b82f6", tag: "", look: "own", isSelected: false, isHovered: false, ...more });

describe("lanes", () => {
  it("keep apart what meets, the inner mark nearer to the text", () => {
    const lanes = lanesOf([mark("outer", 0, 30), mark("inner", 5, 10), mark("innermost", 6, 8), mark("beside", 40, 50)]);
    expect([...["innermost", "inner", "outer", "beside"].map((id) => lanes.get(id))]).toEqual([0, 1, 2, 0]);
    expect(lanesOf([mark("a", 0, 5), mark("b", 5, 9)])).toEqual(new Map([["a", 0], ["b", 0]]));
  });

  it("leave room for a tag that is longer than its mark", () => {
    const lanes = lanesOf([mark("a", 0, 2, { tag: "Organisation" }), mark("b", 3, 20), mark("c", 30, 32)]);
    expect(new Set([lanes.get("a"), lanes.get("b")])).toEqual(new Set([0, 1]));
    expect(lanes.get("c")).toBe(0);
  });

  it("put others' marks under the own ones", () => {
    const lanes = lanesOf([mark("other", 0, 4, { look: "other" }), mark("own", 0, 40)]);
    expect([lanes.get("own"), lanes.get("other")]).toEqual([0, 1]);
  });

  it("never give two marks that meet the same lane", () => {
    const random = seeded(4);
    for (let round = 0; round < 100; round++) {
      const marks = Array.from({ length: 30 }, (_, i) => {
        const start = Math.floor(random() * 200);
        return mark(`m${i}`, start, start + 1 + Math.floor(random() * 30), { tag: "x".repeat(Math.floor(random() * 8)) });
      });
      const lanes = lanesOf(marks);
      for (const a of marks) for (const b of marks) if (a.id < b.id && a.start < b.end && b.start < a.end) expect(lanes.get(a.id)).not.toBe(lanes.get(b.id));
    }
  });
});

describe("pieces", () => {
  it("make up their block without gap, each under the marks that touch it", () => {
    const random = seeded(9);
    for (let round = 0; round < 200; round++) {
      const block = { start: 100, end: 100 + Math.floor(random() * 60) };
      const marks = Array.from({ length: 12 }, (_, i) => {
        const start = 80 + Math.floor(random() * 90);
        return mark(`m${i}`, start, start + 1 + Math.floor(random() * 40));
      });
      const pieces = piecesOf(block, marks, lanesOf(marks));
      expect([pieces[0]!.start, pieces.at(-1)!.end]).toEqual([block.start, block.end]);
      pieces.forEach((piece, i) => {
        if (i) expect(piece.start).toBe(pieces[i - 1]!.end);
        const under = marks.filter((m) => m.start < piece.end && m.end > piece.start && block.end > block.start);
        expect(new Set(piece.layers.map((l) => l.mark.id))).toEqual(new Set(under.map((m) => m.id)));
        for (const layer of piece.layers) expect(layer.isFirst).toBe(layer.mark.start === piece.start);
      });
    }
  });

  it("have the innermost mark last, and a block as many lanes as its deepest", () => {
    const marks = [mark("inner", 2, 4), mark("outer", 0, 9)];
    const pieces = piecesOf({ start: 0, end: 9 }, marks, lanesOf(marks));
    expect(pieces.map((p) => p.layers.map((l) => l.mark.id))).toEqual([["outer"], ["outer", "inner"], ["outer"]]);
    expect(depthOf(pieces)).toBe(2);
    expect(depthOf(piecesOf({ start: 20, end: 30 }, marks, lanesOf(marks)))).toBe(0);
  });

  it("are painted with a line for each mark and an underlay for the own ones", () => {
    const marks = [mark("own", 0, 9), mark("other", 0, 9, { look: "other" }), mark("guess", 0, 9, { look: "tentative" })];
    const [piece] = piecesOf({ start: 0, end: 9 }, marks, lanesOf(marks));
    const paint = paintOf(piece!.layers, { step: 13, bar: 3 })!;
    expect(paint.room).toBe(39);
    expect(paint.image.match(/(?<!repeating-)linear-gradient/g)).toHaveLength(4);
    expect(paint.image.match(/repeating-linear-gradient/g)).toHaveLength(1);
    expect(new Set([paint.image.match(/linear-gradient/g)!.length, paint.size.split(", ").length, paint.position.split(", ").length])).toEqual(new Set([5]));
    expect(paintOf([], { step: 13, bar: 3 })).toBeNull();
  });
});
