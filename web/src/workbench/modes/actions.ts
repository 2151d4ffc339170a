/** The keys of the modes. */
import type { Action, Layer } from "../../engine/keys/keymap";
import type { Modes } from "./modes.svelte";
import { MOST_DIGITS } from "./values";
import { msg } from "../../engine/text";

function maker(scope: Action["scope"], group: string) {
  return (id: string, name: string, run: () => void, more: Partial<Action> = {}): Action => ({ id, name, group, scope, run, ...more });
}

export function modeActions(modes: Modes): Action[] {
  const action = maker("label", msg`Ways of working`);
  return [
    action("mode.attributes", msg`Attribute mode: walk through the objects`, () => modes.toggle("attributes")),
    action("mode.tags", msg`Answer about the picture by digits`, () => modes.toggle("tags")),
    action("mode.quick", msg`Quick mode: one decision a screen`, () => modes.toggle("quick")),
    ...attributeActions(modes), ...tagActions(modes), ...quickActions(modes),
  ];
}

function digits(layer: Layer, group: string, run: (digit: number) => void, isEnabled?: () => boolean): Action[] {
  const action = maker(layer, group);
  return Array.from({ length: MOST_DIGITS }, (_, i) =>
    action(`${layer}.value.${i + 1}`, msg`Value ${i + 1}`, () => run(i + 1), { isQuiet: true, ...(isEnabled ? { isEnabled } : {}) }));
}

function attributeActions(modes: Modes): Action[] {
  const group = msg`Attribute mode`;
  const action = maker("attributes", group);
  const step = (by: 1 | -1) => (): void => modes.walkOn(by);
  return [
    action("attributes.next", msg`Next object`, step(1), { repeats: true }),
    action("attributes.previous", msg`Previous object`, step(-1), { repeats: true }),
    action("attributes.down", msg`Next attribute`, () => modes.walk?.sheet.step(1), { repeats: true }),
    action("attributes.up", msg`Previous attribute`, () => modes.walk?.sheet.step(-1), { repeats: true }),
    action("attributes.clear", msg`Take the answer away`, () => modes.walk?.sheet.clear()),
    action("attributes.skip", msg`Skip what is answered already`, () => modes.walk && (modes.walk.skipsAnswered = !modes.walk.skipsAnswered)),
    action("attributes.leave", msg`Leave attribute mode`, () => modes.leave()),
    ...digits("attributes", group, (digit) => modes.walk?.sheet.digit(digit)),
  ];
}

function tagActions(modes: Modes): Action[] {
  const group = msg`Questions about the picture`;
  const action = maker("tags", group);
  return [
    action("tags.down", msg`Next question`, () => modes.tags?.step(1), { repeats: true }),
    action("tags.up", msg`Previous question`, () => modes.tags?.step(-1), { repeats: true }),
    action("tags.clear", msg`Take the answer away`, () => modes.tags?.clear()),
    action("tags.leave", msg`Back to the objects`, () => modes.leave()),
    ...digits("tags", group, (digit) => modes.tags?.digit(digit)),
  ];
}

function quickActions(modes: Modes): Action[] {
  const group = msg`Quick mode`;
  const action = maker("quick", group);
  const isAsked = (): boolean => modes.quick?.question !== null;
  return [
    action("quick.accept", "Accept: right, yes", () => modes.quick?.accept()),
    action("quick.reject", "Reject: wrong, no", () => modes.quick?.reject()),
    action("quick.skip", msg`Skip this one`, () => modes.quick?.skip()),
    action("quick.back", msg`Take back the last decision`, () => void modes.quick?.back()),
    action("quick.again", msg`Go through what was skipped`, () => modes.quick?.again(), { isEnabled: () => modes.quick?.subject === null && modes.quick.skipped > 0 }),
    action("quick.missing", msg`Ask whether something is missing`, () => modes.toggleMissing()),
    action("quick.leave", msg`Leave quick mode`, () => modes.leave()),
    ...digits("quick", group, (digit) => modes.quick?.digit(digit), isAsked),
  ];
}
