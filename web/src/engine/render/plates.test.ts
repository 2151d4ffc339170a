import { expect, it } from "vitest";
import { intersects } from "../geometry";
import { seeded } from "../testing";
import { type Plate, plateArea, roomFor } from "./plates";

const width = (text: string): number => 7 * text.length + 10;
const plate = (text: string, x: number, y: number): Plate => ({ text, x, y, color: "#000000" });

it("shows plates that have room, the first ones first", () => {
  const [a, b, c] = [plate("car", 10, 50), plate("car", 20, 55), plate("car", 10, 70)];
  expect(roomFor([a, b, c], width)).toEqual([a, c]);
  expect(roomFor([b, a, c], width)).toEqual([b]);
  expect(roomFor([plate("", 0, 20)], width)).toEqual([]);
});

it("keeps free what is taken", () => {
  const selected = plateArea(100, 100, 40);
  expect(roomFor([plate("car", 110, 110), plate("bus", 300, 100)], width, [selected]).map((p) => p.text)).toEqual(["bus"]);
});

it("never lays one over another, however dense the crowd", () => {
  const random = seeded(3);
  const all = Array.from({ length: 800 }, (_, i) => plate(["person", "car", "traffic light"][i % 3]!, random() * 900, random() * 600 - 5));
  const shown = roomFor(all, width);
  const areas = shown.map((p) => plateArea(p.x, p.y, width(p.text)));
  expect(areas.some((a, i) => areas.some((b, j) => i < j && intersects(a, b)))).toBe(false);
  expect(shown.length).toBeGreaterThan(80);
  // Whoever is left out would have lain over one that is shown.
  const left = all.filter((p) => !shown.includes(p)).map((p) => plateArea(p.x, p.y, width(p.text)));
  expect(left.every((a) => areas.some((b) => intersects(a, b)))).toBe(true);
});
