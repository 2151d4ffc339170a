/** Reading the JSON of shapes with care, and writing it rounded. */
import { type Point, rounded } from "../geometry";
import { ShapeError } from "./shape";

export function field(json: unknown, name: string): unknown {
  return (json as Record<string, unknown> | null)?.[name];
}

export function finite(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new ShapeError(`${what} must be a finite number.`);
  return value;
}

export function pointFrom(json: unknown, what: string): Point {
  if (!Array.isArray(json) || json.length !== 2) throw new ShapeError(`${what} must be a pair of numbers.`);
  return [finite(json[0], what), finite(json[1], what)];
}

/** Two numbers above zero. */
export function sizeFrom(json: unknown, what: string): Point {
  const [w, h] = pointFrom(json, what);
  if (w <= 0 || h <= 0) throw new ShapeError(`${what} must be above zero.`);
  return [w, h];
}

export function pointsFrom(json: unknown, least: number, what: string): Point[] {
  if (!Array.isArray(json) || json.length < least) throw new ShapeError(`${what} must be a list of at least ${least} points.`);
  return json.map((p) => pointFrom(p, what));
}

export function roundedPoint([x, y]: Point): Point {
  return [rounded(x), rounded(y)];
}
