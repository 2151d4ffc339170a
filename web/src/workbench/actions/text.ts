/** What can be done to a text by keys: its own actions, and those of pictures that have a meaning where there is none. */
import type { Action } from "../../engine/keys/keymap";
import { msg } from "../../engine/text";
import type { Grain, TextRoom } from "../text/room.svelte";
import type { WorkbenchSettings } from "../settings.svelte";
import { settingActions } from "./view";

export interface TextContext {
  /** The open text; null between tasks. */
  readonly room: () => TextRoom | null;
  readonly settings: WorkbenchSettings;
  readonly findObject: () => void;
}

type Side = "left" | "right" | "up" | "down";

/** The keys of a text. */
export function textActions(context: TextContext): Action[] {
  return [...moveActions(context), ...markActions(context), ...findActions(context), ...settingActions(context.settings, "text")];
}

function maker(context: TextContext, group: string) {
  return (id: string, name: string, run: (room: TextRoom) => void, more: Partial<Action> = {}): Action => ({
    id: `text.${id}`, name, group, scope: "text",
    run: () => {
      const room = context.room();
      if (room) run(room);
    },
    ...more,
  });
}

function moveActions(context: TextContext): Action[] {
  const action = maker(context, msg`Moving in a text`);
  const again = { repeats: true, isQuiet: true };
  /** Left is back where the text runs to the right, and on where it runs to the left. */
  const sideways = (room: TextRoom, side: "left" | "right"): 1 | -1 => ((side === "right") !== room.isRightToLeft ? 1 : -1);
  const step = (side: Side, grain: Grain, isExtending: boolean) => (room: TextRoom): void =>
    room.step(side === "up" ? -1 : side === "down" ? 1 : sideways(room, side), grain, isExtending);
  const end = (which: "start" | "end", side: "left" | "right", grain: "word" | "sign") => (room: TextRoom): void => room.hand.moveEnd(which, sideways(room, side), grain);
  return [
    action("left", msg`Word to the left`, step("left", "word", false), again),
    action("right", msg`Word to the right`, step("right", "word", false), again),
    action("up", msg`Line up`, step("up", "line", false), again),
    action("down", msg`Line down`, step("down", "line", false), again),
    action("signLeft", msg`Letter to the left`, step("left", "sign", false), again),
    action("signRight", msg`Letter to the right`, step("right", "sign", false), again),
    action("lineStart", msg`Beginning of the line`, (room) => room.leap("lineStart", false), again),
    action("lineEnd", msg`End of the line`, (room) => room.leap("lineEnd", false), again),
    action("first", msg`Beginning of the text`, (room) => room.leap("start", false), again),
    action("last", msg`End of the text`, (room) => room.leap("end", false), again),
    action("extendLeft", msg`Choose a word more or less, or move the end of a span: left`, end("end", "left", "word"), again),
    action("extendRight", msg`Choose a word more or less, or move the end of a span: right`, end("end", "right", "word"), again),
    action("extendSignLeft", msg`Choose a letter more or less, or move the end of a span: left`, end("end", "left", "sign"), again),
    action("extendSignRight", msg`Choose a letter more or less, or move the end of a span: right`, end("end", "right", "sign"), again),
    action("extendUp", msg`Choose up to the line above`, step("up", "line", true), again),
    action("extendDown", msg`Choose down to the line below`, step("down", "line", true), again),
    action("extendLineStart", msg`Choose to the beginning of the line`, (room) => room.leap("lineStart", true), again),
    action("extendLineEnd", msg`Choose to the end of the line`, (room) => room.leap("lineEnd", true), again),
    action("startLeft", msg`Move the beginning of a span by a word: left`, end("start", "left", "word"), again),
    action("startRight", msg`Move the beginning of a span by a word: right`, end("start", "right", "word"), again),
    action("startSignLeft", msg`Move the beginning of a span by a letter: left`, end("start", "left", "sign"), again),
    action("startSignRight", msg`Move the beginning of a span by a letter: right`, end("start", "right", "sign"), again),
    action("swap", msg`Move the other end of what is chosen`, (room) => room.swapEnds()),
    action("widen", msg`Choose the sentence, then the line`, (room) => room.widen()),
  ];
}

function markActions(context: TextContext): Action[] {
  const action = maker(context, msg`Marking a text`);
  return [
    action("label", msg`Mark what is chosen with the class in hand`, (room) => room.hand.label()),
    action("markAll", msg`Mark all that reads the same`, (room) => room.hand.markAll()),
    action("relate", msg`Relate to another span`, (room) => room.linking.begin()),
  ];
}

function findActions(context: TextContext): Action[] {
  const action = maker(context, msg`Finding in a text`);
  return [
    action("find", msg`Find in the text`, (room) => room.find.open()),
    action("findNext", msg`Next of what was found`, (room) => (room.find.isOpen ? room.find.step(1) : room.find.open()), { repeats: true }),
    action("findPrevious", msg`Previous of what was found`, (room) => (room.find.isOpen ? room.find.step(-1) : room.find.open()), { repeats: true }),
    action("findSpan", msg`Find spans in the list`, () => context.findObject()),
  ];
}

/** Of the actions for pictures these have a meaning here. */
const KEPT = /^(?:task\.|review\.|list\.(?!find$)|attributes\.|tags\.|quick\.|merge\.|mode\.|help\.|app\.|panel\.|class\.|text\.|object\.(?!occluded$|truncated$)|edit\.(?:undo|redo|all|cancel|confirm|delete|back)$|shape\.(?:group|ungroup|selectGroup)$|view\.(?:panel|shapes|colorBy|palette|onlySelected|tagsName|tagsAttributes|tagsScore)(?:\.|$))/;

/** What a key does to a picture, it does to a text in its own way. */
export function actionsForText(actions: readonly Action[], room: () => TextRoom | null): Action[] {
  const own: Readonly<Record<string, (room: TextRoom) => void>> = {
    "edit.cancel": (r) => void r.leave(),
    "edit.confirm": (r) => r.enter(),
    "edit.delete": (r) => r.remove(),
    "edit.back": (r) => r.remove(),
  };
  return actions.flatMap((action) => {
    const run = own[action.id];
    const runOwn = (): void => {
      const found = room();
      if (found) run?.(found);
    };
    return KEPT.test(action.id) ? [run ? { ...action, run: runOwn } : action] : [];
  });
}
