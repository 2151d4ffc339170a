/** The same scene in Konva, set up as its own guide to speed advises: one layer of lines without perfect drawing. */
import Konva from "konva";
import type { Point } from "../../../web/src/engine/geometry";
import { CLASS_COLORS, type Contender, PICTURE, type ScenePolygon } from "./scene";

export class KonvaScene implements Contender {
  readonly name = "Konva";
  #stage!: Konva.Stage;
  #layer!: Konva.Layer;
  #hovered: Konva.Line | null = null;
  #held: { line: Konva.Line; from: Point; at: Point } | null = null;

  setUp(host: HTMLElement, polygons: readonly ScenePolygon[], picture: HTMLCanvasElement): void {
    this.#stage = new Konva.Stage({ container: host as HTMLDivElement, width: host.clientWidth, height: host.clientHeight });
    const below = new Konva.Layer({ listening: false });
    below.add(new Konva.Image({ image: picture, width: PICTURE.width, height: PICTURE.height }));
    this.#layer = new Konva.Layer();
    for (const { ring, kind } of polygons) {
      this.#layer.add(
        new Konva.Line({
          points: ring.flat(), closed: true, stroke: CLASS_COLORS[kind]!, strokeWidth: 1.75, strokeScaleEnabled: false, fill: `${CLASS_COLORS[kind]!}21`,
          perfectDrawEnabled: false, shadowForStrokeEnabled: false, hitStrokeWidth: 6,
        }),
      );
    }
    this.#stage.add(below, this.#layer);
  }

  fit(): void {
    const scale = Math.min(this.#stage.width() / PICTURE.width, this.#stage.height() / PICTURE.height);
    this.#stage.scale({ x: scale, y: scale });
    this.#stage.position({ x: 0, y: 0 });
    this.#stage.batchDraw();
  }

  pan(dx: number, dy: number): void {
    this.#stage.position({ x: this.#stage.x() + dx, y: this.#stage.y() + dy });
    this.#stage.batchDraw();
  }

  zoom([x, y]: Point, factor: number): void {
    const scale = this.#stage.scaleX() * factor;
    this.#stage.scale({ x: scale, y: scale });
    this.#stage.position({ x: x - (x - this.#stage.x()) * factor, y: y - (y - this.#stage.y()) * factor });
    this.#stage.batchDraw();
  }

  hover(at: Point): void {
    const found = this.#at(at);
    if (found === this.#hovered) return;
    this.#hovered?.strokeWidth(1.75);
    found?.strokeWidth(3);
    this.#hovered = found;
  }

  grab(at: Point): void {
    const line = this.#at(at) ?? (this.#layer.getChildren().at(-1) as Konva.Line);
    this.#held = { line, from: at, at: [line.x(), line.y()] };
  }

  drag(to: Point): void {
    if (!this.#held) return;
    const { line, from, at } = this.#held;
    line.position({ x: at[0] + (to[0] - from[0]) / this.#stage.scaleX(), y: at[1] + (to[1] - from[1]) / this.#stage.scaleX() });
  }

  drop(): void {
    this.#held = null;
  }

  #at([x, y]: Point): Konva.Line | null {
    const found = this.#layer.getIntersection({ x, y });
    return found instanceof Konva.Line ? found : null;
  }
}
