/** What can be done with a document: its own keys, and what of the workbench's has a meaning where nothing is drawn. */
import type { Action } from "../../engine/keys/keymap";
import { msg } from "../../engine/text";
import type { Pages } from "./pages.svelte";
import { type DocumentDesk, JUMP_S } from "./document-desk.svelte";

/** The keys of a document. */
export function documentActions(desk: DocumentDesk): Action[] {
  const group = msg`Document`;
  const action = (id: string, name: string, run: () => void, more: Partial<Action> = {}): Action => ({ id, name, group, scope: "document", run, ...more });
  const hasMedia = (): boolean => desk.hasMedia;
  return [
    action("document.next", msg`Next part`, () => desk.step(1), { repeats: true }),
    action("document.previous", msg`Previous part`, () => desk.step(-1), { repeats: true }),
    action("document.arrange", msg`Arrange the parts in another way`, () => desk.arrange()),
    action("document.link", msg`Zoom pictures of one size together, or each for itself`, () => (desk.isLinked = !desk.isLinked), { isEnabled: () => desk.pictures > 1 }),
    action("document.play", msg`Play or pause`, () => desk.play(), { isEnabled: hasMedia }),
    action("document.rewind", msg`Back by ${JUMP_S} seconds`, () => desk.jump(-JUMP_S), { isEnabled: hasMedia, repeats: true }),
    action("document.forward", msg`On by ${JUMP_S} seconds`, () => desk.jump(JUMP_S), { isEnabled: hasMedia, repeats: true }),
    action("document.slower", msg`Play slower`, () => desk.speed(-1), { isEnabled: hasMedia }),
    action("document.faster", msg`Play faster`, () => desk.speed(1), { isEnabled: hasMedia }),
  ];
}

/** The keys of a document that is drawn on, beside those for pictures. */
export function pagingActions(pages: Pages): Action[] {
  const action = (id: string, name: string, run: () => void, more: Partial<Action> = {}): Action => ({ id, name, group: msg`Document`, scope: "document", run, ...more });
  return [
    action("document.next", msg`Next page`, () => pages.step(1), { repeats: true }),
    action("document.previous", msg`Previous page`, () => pages.step(-1), { repeats: true }),
    action("document.width", msg`Fit the width of the page`, () => pages.fitWidth()),
  ];
}

/** Of the actions for pictures these have a meaning here, the zoom as the document's own. */
const KEPT = /^(?:task\.(?!comment$)|review\.(?!comment$)|tags\.|merge\.|help\.|app\.|panel\.|document\.|mode\.tags$|edit\.(?:undo|redo)$)/;

export function actionsForDocument(actions: readonly Action[], desk: DocumentDesk): Action[] {
  const zooms: Readonly<Record<string, () => void>> = {
    "view.in": () => desk.zoom("in"),
    "view.out": () => desk.zoom("out"),
    "view.fit": () => desk.zoom("fit"),
    "view.actual": () => desk.zoom("actual"),
  };
  return actions.flatMap((action) => {
    const run = desk.pictures ? zooms[action.id] : undefined;
    return run ? [{ ...action, run }] : KEPT.test(action.id) ? [action] : [];
  });
}
