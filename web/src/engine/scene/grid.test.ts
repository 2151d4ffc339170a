import { expect, it } from "vitest";
import { type Bounds, intersects } from "../geometry";
import { seeded } from "../testing";
import { Grid } from "./grid";

it("finds what a full scan finds, through puts, moves and removals", () => {
  const random = seeded(7);
  const grid = new Grid({ width: 1920, height: 1080 });
  const truth = new Map<string, Bounds>();
  const area = (most: number): Bounds => {
    const x0 = random() * 2000 - 40;
    const y0 = random() * 1200 - 40;
    return { x0, y0, x1: x0 + random() * most, y1: y0 + random() * most };
  };
  for (let step = 0; step < 3000; step++) {
    const id = `i${Math.floor(random() * 400)}`;
    if (random() < 0.25) {
      grid.remove(id);
      truth.delete(id);
    } else {
      const bounds = area(300);
      grid.put(id, bounds);
      truth.set(id, bounds);
    }
    if (step % 10) continue;
    const query = area(500);
    const expected = [...truth].filter(([, b]) => intersects(b, query)).map(([i]) => i).sort();
    expect([...grid.query(query)].sort()).toEqual(expected);
  }
  expect(grid.size).toBe(truth.size);
});
