import { describe, expect, it } from "vitest";
import { Zoom } from "./zoom.svelte";

const picture = { width: 1000, height: 500 };
const view = { width: 500, height: 500 };

describe("a zoomed picture", () => {
  it("fits and stands in the middle at first", () => {
    const zoom = new Zoom();
    expect([zoom.scaleIn(picture, view), zoom.originIn(picture, view)]).toEqual([0.5, [0, 125]]);
    expect(Zoom.fitting({ width: 10, height: 10 }, view)).toBe(4);
  });

  it("keeps the place under the pointer", () => {
    const zoom = new Zoom();
    zoom.by(4, picture, view, [100, 200]);
    const [x, y] = zoom.originIn(picture, view);
    // There lay (200, 150) of the picture before.
    expect([(100 - x) / 2, (200 - y) / 2]).toEqual([200, 150]);
  });

  it("leaves no gap beside a picture that is larger than its window", () => {
    const zoom = new Zoom();
    zoom.oneToOne();
    zoom.pan(9999, 0, picture, view);
    expect(zoom.originIn(picture, view)).toEqual([0, 0]);
    zoom.pan(-9999, 50, picture, view);
    expect(zoom.originIn(picture, view)).toEqual([-500, 0]);
    zoom.fit();
    expect(zoom.originIn(picture, view)).toEqual([0, 125]);
  });

  it("has bounds", () => {
    const zoom = new Zoom();
    for (let i = 0; i < 60; i++) zoom.step(1, picture, view);
    expect(zoom.scale).toBe(32);
    for (let i = 0; i < 99; i++) zoom.step(-1, picture, view);
    expect(zoom.scale).toBe(0.25);
  });
});
