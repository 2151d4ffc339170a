import { expect, it } from "vitest";
import { box } from "../testing";
import { svgShape } from "./svg-path";

it("writes outlines, bodies and marks as path data", () => {
  expect(svgShape(box(1, 2, 30, 40), 0)).toEqual({ outline: "M1 2L30 2L30 40L1 40Z", body: "M1 2L30 2L30 40L1 40Z", dots: "", rings: "" });
  expect(svgShape({ kind: "polyline", points: [[0, 0], [9.999, 5]] }, 0)).toEqual({ outline: "M0 0L10 5", body: "", dots: "", rings: "" });
  expect(svgShape({ kind: "point", point_xy: [3, 4] }, 0).dots).toBe("M3 4h0");
});

it("joins the nodes of a skeleton by its links, and leaves out what is outside", () => {
  const at = (x: number, state: "visible" | "occluded" | "outside") => ({ node_id: `n${x}`, at: [x, 0] as const, state });
  const skeleton = svgShape({ kind: "skeleton", nodes: [at(0, "visible"), at(1, "occluded"), at(2, "outside")] }, 0, [[0, 1], [1, 2]]);
  expect(skeleton).toEqual({ outline: "M0 0L1 0", body: "", dots: "M0 0h0", rings: "M1 0h0" });
});
