/** What holds for every shape, however it is formed. */
import { describe, expect, it } from "vitest";
import { type Point, boundsOf, containsPoint, distance, inflated } from "../geometry";
import { seeded } from "../testing";
import type { Geometry } from "../types";
import { measuresOf, withMeasure } from "./measures";
import { geometryFromWire, shapeOf } from "./registry";
import type { Handle, PathSink } from "./shape";
import { MADE_KINDS, randomGeometry } from "./testing";

const FRAME = { width: 800, height: 500 };

class Recorder implements PathSink {
  readonly points: Point[] = [];
  moveTo(x: number, y: number): void {
    this.points.push([x, y]);
  }
  lineTo(x: number, y: number): void {
    this.points.push([x, y]);
  }
  closePath(): void {
    // Nothing to record.
  }
}

function near(a: Geometry, b: Geometry, within = 1e-6): void {
  const numbers = (g: Geometry): number[] => JSON.stringify(g, (_k, v: unknown) => v).match(/-?\d+(\.\d+)?(e-?\d+)?/g)!.map(Number);
  const [x, y] = [numbers(a), numbers(b)];
  expect(x.length).toBe(y.length);
  const off = Math.max(...x.map((n, i) => Math.abs(n - y[i]!)));
  expect(off).toBeLessThan(within);
}

describe.each(MADE_KINDS)("%s", (kind) => {
  const random = seeded(kind.length * 7919);
  const many = Array.from({ length: 40 }, () => randomGeometry(kind, random, FRAME));
  const spot = (): Point => [random() * 900 - 50, random() * 600 - 50];

  it("comes back from the wire as it was sent, rounded once", () => {
    for (const g of many) {
      const sent = shapeOf(g).toWire(g);
      near(g, sent, 0.0051);
      expect(geometryFromWire(JSON.parse(JSON.stringify(sent)))).toEqual(sent);
      expect(shapeOf(sent).toWire(sent)).toEqual(sent);
    }
  });

  it("keeps its size and form when it is moved", () => {
    for (const g of many) {
      const shape = shapeOf(g);
      const moved = shape.translate(g, 13.5, -7.25);
      const [a, b] = [shape.bounds(g), shape.bounds(moved)];
      [b.x0 - a.x0 - 13.5, b.x1 - a.x1 - 13.5, b.y0 - a.y0 + 7.25, b.y1 - a.y1 + 7.25].forEach((n) => expect(n).toBeCloseTo(0, 6));
      expect(shape.area(moved)).toBeCloseTo(shape.area(g), 4);
      near(shape.translate(moved, -13.5, 7.25), g);
    }
  });

  it("lies within its bounds, with all that is painted", () => {
    for (const g of many) {
      const shape = shapeOf(g);
      const room = inflated(shape.bounds(g), 1e-6);
      const recorder = new Recorder();
      shape.trace(g, recorder, 1, 0, 0, 0, [[0, 1]]);
      shape.traceBody?.(g, recorder, 1, 0, 0, 0);
      expect(recorder.points.filter((p) => !containsPoint(room, p))).toEqual([]);
      for (let i = 0; i < 20; i++) {
        const p = spot();
        if (shape.contains(g, p)) expect(containsPoint(room, p)).toBe(true);
        const away = Math.hypot(Math.max(room.x0 - p[0], 0, p[0] - room.x1), Math.max(room.y0 - p[1], 0, p[1] - room.y1));
        expect(shape.distanceToOutline(g, p)).toBeGreaterThanOrEqual(away - 1e-3);
      }
    }
  });

  it("stays as it is when a handle is taken and put back, and follows where it is dragged", () => {
    for (const g of many) {
      const shape = shapeOf(g);
      for (const handle of shape.handles(g)) {
        if (handle.look !== "crossed") near(shape.moveHandle(g, handle.id, handle.at), g, 1e-5);
        const to = spot();
        const after = shape.handles(shape.moveHandle(g, handle.id, to)).find((h) => h.id === handle.id) as Handle;
        if (handle.role === "vertex" || handle.role === "curve" || handle.role === "node" || handle.role === "face" || (handle.role === "corner" && kind === "cuboid"))
          expect(distance(after.at, to)).toBeLessThan(1e-6);
      }
    }
  });

  it("keeps its outline when a vertex is put on it, and returns when that is deleted again", () => {
    for (const g of many) {
      const shape = shapeOf(g);
      const edge = shape.edgeSpot(g, spot());
      if (!edge) continue;
      expect(shape.distanceToOutline(g, edge.at)).toBeLessThan(0.3);
      const { geometry, handleId } = shape.insertVertex(g, edge);
      expect(shape.area(geometry)).toBeCloseTo(shape.area(g), 3);
      const [a, b] = [shape.bounds(g), shape.bounds(geometry)];
      expect(b.x1 - b.x0).toBeCloseTo(a.x1 - a.x0, 4);
      const gone = shape.deleteVertex(geometry, handleId);
      if (kind !== "bezier") near(gone!, g);
      else expect(gone).toMatchObject({ kind });
    }
  });

  it("turns back to where it was, and turns its bounds by a right angle", () => {
    for (const g of many) {
      const shape = shapeOf(g);
      if (!shape.turn) return;
      near(shape.turn(shape.turn(g, 360), 0), g, 1e-6);
      if (kind === "rotated_box" || kind === "ellipse") near(shape.turn(shape.turn(g, 37), -37), g, 1e-6);
      const [a, b] = [shape.bounds(g), shape.bounds(shape.turn(g, 90))];
      expect(b.x1 - b.x0).toBeCloseTo(a.y1 - a.y0, 4);
      expect(b.y1 - b.y0).toBeCloseTo(a.x1 - a.x0, 4);
    }
  });

  it("takes each of its numbers back as it gave it", () => {
    for (const g of many)
      for (const { id, value } of measuresOf(g)) {
        near(withMeasure(g, id, value), g, 1e-6);
        const changed = withMeasure(g, id, value + 5);
        const read = measuresOf(changed).find((m) => m.id === id)!.value;
        expect([value + 5, value + 5 - 360, value + 5 - 180].some((n) => Math.abs(n - read) < 1e-6)).toBe(true);
      }
  });

  it("says of a shape far outside that it cannot be kept", () => {
    for (const g of many) expect(shapeOf(g).fault(shapeOf(g).translate(g, 5000, 5000), FRAME)).toMatch(/(image|pixel)/);
  });
});

it("keeps proportions with shift and the middle with alt", () => {
  const random = seeded(3);
  for (const kind of ["box", "rotated_box", "ellipse"] as const)
    for (let i = 0; i < 40; i++) {
      const g = randomGeometry(kind, random, FRAME);
      const shape = shapeOf(g);
      const sides = (x: Geometry): [number, number] => {
        if (x.kind === "rotated_box") return [...x.size_wh];
        if (x.kind === "ellipse") return [...x.radii_xy];
        const b = shape.bounds(x);
        return [b.x1 - b.x0, b.y1 - b.y0];
      };
      const [w, h] = sides(g);
      const handle = shape.handles(g).filter((h) => h.role !== "turn")[Math.floor(random() * 4)]!;
      const to: Point = [random() * 800, random() * 500];
      const [ew, eh] = sides(shape.moveHandle(g, handle.id, to, { shift: true, alt: false }));
      expect(ew / eh / (w / h)).toBeCloseTo(1, 6);
      const mid = (x: Geometry): Point => [(shape.bounds(x).x0 + shape.bounds(x).x1) / 2, (shape.bounds(x).y0 + shape.bounds(x).y1) / 2];
      expect(distance(mid(shape.moveHandle(g, handle.id, to, { shift: false, alt: true })), mid(g))).toBeLessThan(1e-6);
    }
});

it("finds bounds of curves that no sample leaves", () => {
  const random = seeded(11);
  for (let i = 0; i < 60; i++) {
    const g = randomGeometry("bezier", random, FRAME);
    const recorder = new Recorder();
    shapeOf(g).trace(g, recorder, 40, 0, 0, 0);
    const [a, b] = [shapeOf(g).bounds(g), boundsOf(recorder.points.map(([x, y]): Point => [x / 40, y / 40]))];
    [a.x0 - b.x0, a.y0 - b.y0, a.x1 - b.x1, a.y1 - b.y1].forEach((d) => expect(Math.abs(d)).toBeLessThan(0.02));
  }
});
