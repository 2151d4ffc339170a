import { describe, expect, it } from "vitest";
import { seeded } from "../../engine/testing";
import { TextBody } from "./body";

const at = (text: string, part: string, from = 0): { start: number; end: number } => {
  const start = text.indexOf(part, from);
  return { start, end: start + part.length };
};

describe("a text", () => {
  it("is laid out by lines, and long lines in parts that cut no sign", () => {
    const body = new TextBody("one\r\ntwo\n\nfour");
    expect(body.blocks.map((b) => [body.slice(b), b.number])).toEqual([["one", 1], ["two", 2], ["", 3], ["four", 4]]);
    expect([0, 3, 4, 5, 8, 9, 10, 14].map((unit) => body.blockAt(unit))).toEqual([0, 0, 0, 1, 1, 2, 3, 3]);
    const long = new TextBody(`${"word and ".repeat(1000)}\n${"👩‍👩‍👧".repeat(1200)}`);
    expect(long.blocks.map((b) => b.number !== null)).toEqual([true, false, false, true, false, false]);
    expect(long.blocks.map((b) => long.slice(b)).join("")).toBe(long.text.replace("\n", ""));
    expect(long.blocks.every((b) => b.end - b.start <= 4000)).toBe(true);
    expect(long.blocks.slice(3).every((b) => (b.end - b.start) % 8 === 0)).toBe(true);
    expect(long.lineAt(5000)).toEqual({ start: 0, end: 9000 });
  });

  it("has stops at words and signs, across lines, in both directions", () => {
    const text = "Don't  stop,\n\n naïve 中文字 👍!";
    const body = new TextBody(text);
    const forth = [body.stopAt(0)!];
    for (let next = body.stopAfter(forth[0]!.end - 1); next; next = body.stopAfter(next.end - 1)) forth.push(next);
    expect(forth.slice(0, 4).map((s) => body.slice(s))).toEqual(["Don't", "stop", ",", "naïve"]);
    expect(forth.slice(-2).map((s) => body.slice(s))).toEqual(["👍", "!"]);
    const back = [forth.at(-1)!];
    for (let next = body.stopBefore(back[0]!.start); next; next = body.stopBefore(next.start)) back.push(next);
    expect(back.reverse()).toEqual(forth);
    expect(new TextBody(" \n ").stopAt(0)).toBeNull();
    expect(new TextBody("").stopAt(0)).toBeNull();
  });

  it("fits a stretch to whole words, or to whole signs alone, and drops the spaces at its ends", () => {
    const text = "The Hague, e\u0301tude 👩‍👩‍👧 end";
    const body = new TextBody(text);
    const cut = { start: text.indexOf("ague"), end: text.indexOf("ague") + 2 };
    expect(body.slice(body.fitted(cut, true)!)).toBe("Hague");
    expect(body.slice(body.fitted(cut, false)!)).toBe("ag");
    expect(body.slice(body.fitted({ start: 3, end: 11 }, false)!)).toBe("Hague,");
    expect(body.slice(body.fitted({ start: 9, end: 10 }, true)!)).toBe(",");
    const family = at(text, "👩‍👩‍👧");
    expect(body.fitted({ start: family.start + 3, end: family.start + 4 }, false)).toEqual(family);
    expect(body.slice(body.fitted({ start: text.indexOf("\u0301"), end: text.indexOf("\u0301") + 1 }, false)!)).toBe("e\u0301");
    expect(body.fitted({ start: 3, end: 4 }, true)).toBeNull();
  });

  it("goes sign by sign, a line break being one", () => {
    const body = new TextBody("a👩‍👩‍👧\r\ne\u0301");
    const places = [0];
    while (places.at(-1)! < body.length) places.push(body.signStep(places.at(-1)!, 1));
    expect(places).toEqual([0, 1, 9, 11, 13]);
    const back = [body.length];
    while (back[0]! > 0) back.unshift(body.signStep(back[0]!, -1));
    expect(back).toEqual(places);
  });

  it("finds sentences, lines and every occurrence", () => {
    const text = "It rains in Bonn. We stay in Bonn, not in Bonnland.\nbonn Bonn\u0301";
    const body = new TextBody(text);
    expect(body.slice(body.sentenceAt(20)!)).toBe("We stay in Bonn, not in Bonnland.");
    expect(body.occurrences("Bonn", { isExact: true, isWhole: true }).map((s) => s.start)).toEqual([12, 29]);
    expect(body.occurrences("Bonn", { isExact: true, isWhole: false })).toHaveLength(4);
    expect(body.occurrences("bonn", { isExact: false, isWhole: true })).toHaveLength(3);
    expect(body.occurrences("in   Bonn", { isExact: true, isWhole: true })).toHaveLength(2);
    expect(body.occurrences("o.n", { isExact: true, isWhole: false })).toEqual([]);
    expect(body.occurrences("n", { isExact: true, isWhole: false, most: 3 })).toHaveLength(3);
  });

  it("is never cut outside itself, whatever it is made of", () => {
    const random = seeded(3);
    const signs = ["a", "b ", " ", "\n", "\r\n", "😀", "e\u0301", "ا", ".", "中", "👩‍👩‍👧", "\u200f"];
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: Math.floor(random() * 40) }, () => signs[Math.floor(random() * signs.length)]!).join("");
      const body = new TextBody(text);
      const [a, b] = [Math.floor(random() * (text.length + 1)), Math.floor(random() * (text.length + 1))];
      const fitted = body.fitted({ start: a, end: b }, random() < 0.5);
      if (fitted) {
        expect(fitted.start).toBeLessThan(fitted.end);
        expect(body.fitted(fitted, false)).toEqual(fitted);
        const span = body.points.spanOf(fitted);
        expect(body.points.stretchOf(span)).toEqual(fitted);
        expect([...text].slice(span.start, span.end).join("")).toBe(body.slice(fitted));
      }
      for (const stop of [body.stopAt(a), body.stopAfter(a), body.stopBefore(a)]) if (stop) expect(body.slice(stop).trim()).not.toBe("");
    }
  });
});
