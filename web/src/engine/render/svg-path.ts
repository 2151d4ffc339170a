/** Shapes as the path data of an SVG, for pictures that are only looked at. */
import { rounded } from "../geometry";
import { shapeOf } from "../shapes/registry";
import type { Links, PathSink } from "../shapes/shape";
import type { Geometry } from "../types";

class SvgPath implements PathSink {
  #data = "";

  get data(): string {
    return this.#data;
  }

  moveTo(x: number, y: number): void {
    this.#data += `M${rounded(x)} ${rounded(y)}`;
  }

  lineTo(x: number, y: number): void {
    this.#data += `L${rounded(x)} ${rounded(y)}`;
  }

  closePath(): void {
    this.#data += "Z";
  }
}

export interface SvgShape {
  readonly outline: string;
  /** What is filled; empty for open lines. */
  readonly body: string;
  /** Points of no length, to be drawn as round dots by their stroke: filled and hollow ones. */
  readonly dots: string;
  readonly rings: string;
}

/** In pixels of the picture; outline points nearer than `skip` to each other are left out. */
export function svgShape(geometry: Geometry, skip: number, links?: Links): SvgShape {
  const shape = shapeOf(geometry);
  const outline = new SvgPath();
  shape.trace(geometry, outline, 1, 0, 0, skip, links);
  const body = new SvgPath();
  shape.traceBody?.(geometry, body, 1, 0, 0, skip);
  const spots = (look: "dot" | "ring"): string =>
    (shape.marks?.(geometry) ?? []).flatMap((m) => (m.look === look ? [`M${rounded(m.at[0])} ${rounded(m.at[1])}h0`] : [])).join("");
  return { outline: outline.data, body: shape.traceBody ? body.data : outline.data, dots: spots("dot"), rings: spots("ring") };
}
