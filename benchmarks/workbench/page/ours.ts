/** goldsmith's engine, fed as the canvas of the workbench feeds it. */
import { Editor } from "../../../web/src/engine/editor";
import type { Point } from "../../../web/src/engine/geometry";
import { InputRouter } from "../../../web/src/engine/input";
import { PLAIN_LOOK } from "../../../web/src/engine/render/look";
import { BitmapPicture } from "../../../web/src/engine/render/picture";
import { Renderer, sceneryFor } from "../../../web/src/engine/render/renderer";
import type { Annotation } from "../../../web/src/engine/types";
import { CLASS_COLORS, type Contender, PICTURE, type ScenePolygon } from "./scene";

export class Ours implements Contender {
  readonly name = "goldsmith";
  #editor!: Editor;
  #router!: InputRouter;
  #time = 0;

  async setUp(host: HTMLElement, polygons: readonly ScenePolygon[], picture: HTMLCanvasElement): Promise<void> {
    this.#editor = makeEditor(polygons);
    const { viewport } = this.#editor;
    viewport.resize(host.clientWidth, host.clientHeight);
    this.#router = new InputRouter(this.#editor);
    const [base, live] = [0, 1].map(() => {
      const canvas = document.createElement("canvas");
      canvas.width = host.clientWidth;
      canvas.height = host.clientHeight;
      canvas.className = "layer";
      host.append(canvas);
      return canvas;
    });
    const ground = (): string => "#111111";
    const colors = new Map(this.#editor.ontology.classes.map((c) => [c.class_id, c.color]));
    const renderer = new Renderer(
      this.#editor,
      {
        base: base!.getContext("2d", { alpha: false })!,
        live: live!.getContext("2d")!,
        makeBitmap,
        ground,
        requestFrame: (run) => requestAnimationFrame(run),
        later: (ms, run) => void setTimeout(run, ms),
        now: () => performance.now(),
        pointer: () => this.#router.pointerAt,
      },
      sceneryFor(this.#editor, {
        look: PLAIN_LOOK, showsShapes: true, showsLabels: true, overlays: [], isTentative: () => false,
        colorOf: (a: Annotation) => colors.get(a.class_id)!, sketchColor: () => "#ffffff", tagOf: (a: Annotation) => a.class_id,
      }, { makeBitmap, ground }),
    );
    renderer.setPicture(new BitmapPicture(await createImageBitmap(picture), PICTURE, makeBitmap));
    renderer.resized(1);
  }

  fit(): void {
    this.#editor.viewport.fit();
    this.#editor.changed("view");
  }

  pan(dx: number, dy: number): void {
    this.#editor.viewport.panBy(dx, dy);
    this.#editor.changed("view");
  }

  zoom(at: Point, factor: number): void {
    this.#editor.viewport.zoomAt(at, factor);
    this.#editor.changed("view");
  }

  hover(at: Point): void {
    this.#router.move(this.#raw(at));
  }

  grab(at: Point): void {
    this.#router.down(this.#raw(at), false);
  }

  drag(at: Point): void {
    this.#router.move(this.#raw(at));
  }

  drop(at: Point): void {
    this.#router.up(this.#raw(at));
  }

  #raw(screen: Point) {
    return { pointerId: 1, screen, button: 0, shift: false, ctrl: false, alt: false, timeMs: (this.#time += 1000) };
  }
}

const makeBitmap = (): HTMLCanvasElement => document.createElement("canvas");

function makeEditor(polygons: readonly ScenePolygon[]): Editor {
  let count = 0;
  return new Editor({
    frame: PICTURE,
    ontology: {
      classes: CLASS_COLORS.map((color, i) => ({ class_id: `c${i}`, name: `Class ${i}`, color, parent_id: null, geometry_kinds: ["polygon"], attributes: [] })),
      questions: [],
    },
    base: {
      annotations: polygons.map(({ id, kind, ring }) => ({
        annotation_id: id, class_id: `c${kind}`, geometry: { kind: "polygon", rings: [ring] }, attributes: {}, is_occluded: false, is_truncated: false,
        score: null, origin: null, group_id: null,
      })),
      answers: {},
    },
    now: () => performance.now(),
    newId: () => `new_${++count}`,
  });
}
