/** What goes along from one picture to the next: place, zoom and turn where the pictures are alike, and the class in hand. */
import type { Editor } from "../../engine/editor";
import { findClass } from "../../engine/ontology";
import type { View } from "../../engine/viewport";

/** Pictures whose sides differ by less than this share are alike: what is looked at lies at the same place. */
const ALIKE = 0.02;

interface Carried {
  readonly width: number;
  readonly height: number;
  readonly view: View;
  readonly turn: number;
  readonly isFit: boolean;
  readonly classId: string | null;
}

export class Carry {
  #last: Carried | null = null;

  /** Called when a picture is put down. */
  keep(editor: Editor): void {
    const { viewport, frame, classId } = editor;
    this.#last = { ...frame, view: viewport.view, turn: viewport.turn, isFit: isFit(editor), classId };
  }

  /** Called when the next is there and its canvas has its size. */
  restore(editor: Editor): void {
    const last = this.#last;
    const { viewport } = editor;
    if (last && !viewport.home && isAlike(last, editor.frame)) {
      viewport.restore(last.view, last.turn);
      if (last.isFit) viewport.fit();
    } else viewport.fit();
    if (last?.classId && editor.selection.size === 0 && findClass(editor.ontology, last.classId)) editor.setClass(last.classId);
  }
}

export function isFit({ viewport }: Editor): boolean {
  return Math.abs(viewport.scale - viewport.fitScale) < 1e-6;
}

function isAlike(a: { readonly width: number; readonly height: number }, b: { readonly width: number; readonly height: number }): boolean {
  return Math.abs(a.width / b.width - 1) < ALIKE && Math.abs(a.height / b.height - 1) < ALIKE;
}
