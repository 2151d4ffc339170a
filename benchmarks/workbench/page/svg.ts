/** The same scene as SVG, one path an object: how Label Studio's and CVAT's canvases are made. */
import type { Point } from "../../../web/src/engine/geometry";
import { CLASS_COLORS, type Contender, PICTURE, type ScenePolygon } from "./scene";

const NS = "http://www.w3.org/2000/svg";

export class Svg implements Contender {
  readonly name = "SVG";
  #host!: HTMLElement;
  #group!: SVGGElement;
  #scale = 1;
  #offset: Point = [0, 0];
  #hovered: Element | null = null;
  #held: { path: SVGPathElement; from: Point } | null = null;

  setUp(host: HTMLElement, polygons: readonly ScenePolygon[], picture: HTMLCanvasElement): void {
    this.#host = host;
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("class", "layer");
    this.#group = document.createElementNS(NS, "g");
    const image = document.createElementNS(NS, "image");
    image.setAttribute("href", picture.toDataURL("image/jpeg"));
    image.setAttribute("width", String(PICTURE.width));
    image.setAttribute("height", String(PICTURE.height));
    this.#group.append(image);
    for (const { ring, kind } of polygons) {
      const path = document.createElementNS(NS, "path");
      path.setAttribute("d", `M${ring.map((p) => p.join(",")).join("L")}Z`);
      path.setAttribute("fill", CLASS_COLORS[kind]!);
      path.setAttribute("stroke", CLASS_COLORS[kind]!);
      path.setAttribute("class", "object");
      this.#group.append(path);
    }
    svg.append(this.#group);
    host.append(svg);
  }

  fit(): void {
    this.#scale = Math.min(this.#host.clientWidth / PICTURE.width, this.#host.clientHeight / PICTURE.height);
    this.#offset = [0, 0];
    this.#apply();
  }

  pan(dx: number, dy: number): void {
    this.#offset = [this.#offset[0] + dx, this.#offset[1] + dy];
    this.#apply();
  }

  zoom([x, y]: Point, factor: number): void {
    this.#scale *= factor;
    this.#offset = [x - (x - this.#offset[0]) * factor, y - (y - this.#offset[1]) * factor];
    this.#apply();
  }

  hover(at: Point): void {
    const found = this.#at(at);
    if (found === this.#hovered) return;
    this.#hovered?.classList.remove("hot");
    found?.classList.add("hot");
    this.#hovered = found;
  }

  grab(at: Point): void {
    const path = this.#at(at) ?? (this.#group.lastElementChild as SVGPathElement);
    this.#held = { path, from: at };
  }

  drag(at: Point): void {
    if (!this.#held) return;
    const { path, from } = this.#held;
    path.setAttribute("transform", `translate(${(at[0] - from[0]) / this.#scale} ${(at[1] - from[1]) / this.#scale})`);
  }

  drop(): void {
    this.#held = null;
  }

  #at([x, y]: Point): SVGPathElement | null {
    const r = this.#host.getBoundingClientRect();
    const found = document.elementFromPoint(x + r.left, y + r.top);
    return found instanceof SVGPathElement ? found : null;
  }

  #apply(): void {
    this.#group.setAttribute("transform", `translate(${this.#offset[0]} ${this.#offset[1]}) scale(${this.#scale})`);
  }
}
