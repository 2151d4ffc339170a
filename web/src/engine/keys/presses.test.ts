import { describe, expect, it } from "vitest";
import { type Action, Keymap } from "./keymap";
import { Presses, SECOND_PRESS_MS } from "./presses";

const action = (id: string, more: Partial<Action> = {}): Action => ({ id, name: id, group: "", scope: "label", run: () => undefined, ...more });
const map = new Keymap([action("all"), action("one"), action("off", { isEnabled: () => false }), action("leave")], {
  id: "p", name: "p", keys: { all: ["t l"], one: ["l"], off: ["y y"], leave: ["esc"] },
});

function heard(...presses: readonly (readonly [press: string, atMs: number])[]): string[] {
  const ears = new Presses();
  return presses.map(([press, atMs]) => {
    const found = ears.hear(press, atMs, map, ["label"]);
    return found.kind === "action" ? found.action.id : found.kind;
  });
}

describe("presses", () => {
  it("hears two presses as one chord", () => expect(heard(["t", 0], ["l", 300], ["l", 400])).toEqual(["waiting", "all", "one"]));
  it("does not wait for ever", () => expect(heard(["t", 0], ["l", SECOND_PRESS_MS + 1])).toEqual(["waiting", "one"]));
  it("takes a second press that fits nothing for what it is alone", () => expect(heard(["t", 0], ["x", 100], ["l", 200])).toEqual(["waiting", "nothing", "one"]));
  it("gives up the wait by Esc, and nothing else", () => expect(heard(["t", 0], ["esc", 100], ["esc", 200])).toEqual(["waiting", "nothing", "leave"]));
  it("begins anew by the first press again", () => expect(heard(["t", 0], ["t", 100], ["l", 200])).toEqual(["waiting", "waiting", "all"]));
  it("does not wait for what cannot be done now", () => expect(heard(["y", 0])).toEqual(["nothing"]));
});
