/** What a screen reader is told of the text in hand: the word at the cursor, what is chosen, the selected span and its relations. */
import { msg } from "../../engine/text";
import type { Bench } from "../bench.svelte";
import { type TextRoom, shortened } from "./room.svelte";

export function spokenText(bench: Bench, room: TextRoom): string {
  void bench.documentVersion;
  const { active } = bench;
  const { chosen, cursor, body } = room;
  if (room.linking.isOn) return msg`Choose the other span of the relation. ${active ? `${room.textOf(active)}, ${bench.nameOf(active)}` : ""}`;
  if (chosen) return msg`Chosen: ${shortened(body.slice(chosen))}`;
  if (active) return msg`Span: ${room.textOf(active)}, ${bench.nameOf(active)}`;
  if (bench.selection.size > 1) return msg`${bench.selection.size} spans selected`;
  if (!cursor || !room.isByKeys) return "";
  const under = room.spansAt(cursor.start).flatMap((id) => bench.editor.document.findAnnotation(id) ?? []);
  return [body.slice(cursor), ...under.map((a) => bench.nameOf(a))].join(", ");
}
