/** Fits selected objects to what they hold, or snaps them to the edges near them: at once, as one step that undo takes back. */
import { canAdjust } from "../../engine/assist/source";
import { patchOver, type Patch } from "../../engine/assist/raster";
import { type Answers, type RequestKind, type Requests, around } from "../../engine/assist/workshop";
import type { Editor } from "../../engine/editor";
import type { Entry } from "../../engine/edits/delta";
import type { Bounds } from "../../engine/geometry";
import { boundsOfGeometry } from "../../engine/shapes/registry";
import type { Geometry } from "../../engine/types";
import { msg } from "../../engine/text";

export type Ask = <K extends RequestKind>(kind: K, patch: Patch, request: Requests[K]) => Promise<Answers[K] | null>;

const MOST_PX = 400;
const MOST_SNAP_PX = 900;
/** How far an outline may move, in screen pixels. */
const REACH_PX = 12;

const WORDS = {
  fit: { done: msg`Fit to the object`, kinds: msg`boxes, polygons and masks`, nothing: msg`Nothing stands out here, so the shape stays as it is.` },
  snap: { done: msg`Snap to edges`, kinds: msg`boxes, polygons and polylines`, nothing: msg`No clear edge is near, so the shape stays as it is.` },
} as const;

export async function adjustSelected(editor: Editor, how: "fit" | "snap", ask: Ask): Promise<void> {
  const words = WORDS[how];
  const began = editor.now();
  const chosen = editor.editableSelection();
  if (!chosen.length) return editor.say(msg`Select an object first: ${words.done.toLowerCase()} works on ${words.kinds}.`);
  const fitting = chosen.filter((e) => canAdjust(how, e.annotation.geometry.kind));
  if (!fitting.length) return editor.say(msg`${words.done} works on ${words.kinds}.`);
  const changed: { before: Entry; after: Entry }[] = [];
  for (const before of fitting) {
    const geometry = await (how === "fit" ? fit : snap)(editor, before.annotation.geometry, ask);
    // The person may have gone on meanwhile; what they did stands.
    if (!geometry || editor.document.find(before.annotation.annotation_id) !== before) continue;
    changed.push({ before, after: { z: before.z, annotation: { ...before.annotation, geometry } } });
  }
  if (!changed.length) return editor.say(words.nothing);
  for (const { before, after } of changed)
    editor.suggestions.changedInPlace(`assist:${how}`, before.annotation.annotation_id, before.annotation.geometry, after.annotation.geometry, editor.now() - began);
  editor.put(changed.map((c) => c.after), changed.length > 1 ? msg`${words.done}: ${changed.length} objects` : words.done);
}

function areaAround(geometry: Geometry, share: number, least: number): Bounds {
  const b = boundsOfGeometry(geometry);
  return around([[b.x0, b.y0], [b.x1, b.y1]], share, least);
}

async function fit(editor: Editor, geometry: Geometry, ask: Ask): Promise<Geometry | null> {
  const patch = patchOver(areaAround(geometry, 0.2, 8), editor.frame, MOST_PX);
  if (geometry.kind === "box") return ask("fit", patch, { box: boundsOfGeometry(geometry) });
  const b = boundsOfGeometry(geometry);
  const reach = Math.max(REACH_PX / editor.viewport.scale, 0.08 * Math.max(b.x1 - b.x0, b.y1 - b.y0));
  return geometry.kind === "polygon" || geometry.kind === "mask" ? ask("refine", patch, { geometry, reach }) : null;
}

async function snap(editor: Editor, geometry: Geometry, ask: Ask): Promise<Geometry | null> {
  const reach = REACH_PX / editor.viewport.scale;
  const patch = patchOver(areaAround(geometry, 0.05, 2 * reach), editor.frame, MOST_SNAP_PX, 1);
  const isKind = geometry.kind === "box" || geometry.kind === "polygon" || geometry.kind === "polyline";
  return isKind ? ask("snap", patch, { geometry, reach: Math.max(reach, 2 / patch.scale) }) : null;
}
