/// <reference types="node" />
/** Everything that can be done has a name and, under each preset, a key of its own that browsers leave to the page. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isChord, isKeptByBrowser } from "../engine/keys/chord";
import { scopeOfId } from "../engine/keys/derive";
import { type Action, Keymap, type Scope } from "../engine/keys/keymap";
import { presets } from "../engine/keys/presets";
import { makeEditor, ontology } from "../engine/testing";
import { labelActions } from "../label/actions";
import { classActions } from "./actions/objects";
import { mergeActions } from "./actions/merge";
import { editActions } from "./actions/registry";
import { actionsForText, textActions } from "./actions/text";
import { documentActions, pagingActions } from "./document/actions";
import type { DocumentDesk } from "./document/document-desk.svelte";
import type { Pages } from "./document/pages.svelte";
import type { EditContext } from "./actions/context";
import { modeActions } from "./modes/actions";
import type { Modes } from "./modes/modes.svelte";
import type { ObjectView } from "./object-view.svelte";

const nothing = (): undefined => undefined;
/** Whatever a page hands in: the actions are looked at here, not run. */
const anything = new Proxy({}, { get: () => nothing }) as Record<string, () => undefined>;
const car = ontology.classes[0]!;
const editor = makeEditor({ ontology: { ...ontology, classes: Array.from({ length: 20 }, (_, i) => ({ ...car, class_id: `c${i}`, name: `Class ${i}` })) } });

const onLabelPage: Action[] = [
  ...editActions({ ...anything, editor: () => editor, settings: {} as EditContext["settings"], focusForm: nothing, toggleShapes: nothing } as EditContext),
  ...classActions(editor),
  ...labelActions({ ...anything, view: {} as ObjectView } as unknown as Parameters<typeof labelActions>[0]),
  ...modeActions({} as Modes),
  ...mergeActions(() => null),
  ...textActions({ room: () => null, settings: {} as EditContext["settings"], findObject: nothing }),
  ...documentActions({} as DocumentDesk),
  // Parts and pages are gone through by the same keys.
  ...pagingActions({} as Pages).filter((a) => a.id === "document.width"),
];

/** Actions written down in components, such as those of the review page, read from the source. */
function written(): Action[] {
  const root = join(import.meta.dirname, "..");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((f) => /^(review|workbench|label|work|console\/compare)\/.*\.(svelte|ts)$/.test(f) && !f.includes(".test."));
  return files.flatMap((f) => [...readFileSync(join(root, f), "utf8").matchAll(/\bid: "([\w.]+)",\s*name: msg`([^`]+)`,\s*group: msg`([^`]+)`,\s*scope: "(\w+)"/g)]
    .map(([, id, name, group, scope]) => ({ id: id!, name: name!, group: group!, scope: scope as Scope, run: nothing })));
}

const known = new Set(onLabelPage.map((a) => a.id));
const elsewhere = [...new Map(written().filter((a) => !known.has(a.id)).map((a) => [a.id, a])).values()];
const all = [...onLabelPage, ...elsewhere];

it("reads the review page's actions too", () => expect(elsewhere.map((a) => a.id)).toContain("review.accept"));

it("names every action, once", () => {
  expect(all.filter((a) => !/\w/.test(a.name) || !/\w/.test(a.group)).map((a) => a.id)).toEqual([]);
  expect(onLabelPage.map((a) => a.id).filter((id, i, ids) => ids.indexOf(id) !== i)).toEqual([]);
  const titles = onLabelPage.filter((a) => !a.isQuiet).map((a) => `${a.scope}: ${a.name}`);
  expect(titles.filter((t, i) => titles.indexOf(t) !== i)).toEqual([]);
});

it("puts actions where their ids say", () => expect(all.filter((a) => scopeOfId(a.id) !== a.scope).map((a) => `${a.id}: ${a.scope}`)).toEqual([]));

describe.each(presets.map((p) => [p.name, p] as const))("%s", (_name, preset) => {
  const map = new Keymap(all, preset);

  it("reaches every action by key", () => expect(all.filter((a) => map.keysOf(a.id).length === 0).map((a) => a.id)).toEqual([]));
  it("gives no key to two actions", () => expect(map.conflicts()).toEqual([]));
  it("takes no key from the browser, and spells all as they are pressed", () => {
    expect(all.flatMap((a) => map.keysOf(a.id)).filter((chord) => !isChord(chord) || isKeptByBrowser(chord))).toEqual([]);
  });
});

describe("on a text", () => {
  const here = actionsForText(onLabelPage, () => null);
  // What lies over the others on purpose; everything else must be free.
  const covered = new Set(["list.find"]);

  it.each(presets.map((p) => [p.name, p] as const))("%s: its own keys hide no other that works there", (_name, preset) => {
    const map = new Keymap(here, preset);
    const own = here.filter((a) => a.scope === "text").flatMap((a) => map.keysOf(a.id).map((chord) => [chord, a.id] as const));
    const others = here.filter((a) => a.scope === "label" && !covered.has(a.id)).flatMap((a) => map.keysOf(a.id).map((chord) => [chord, a.id] as const));
    const hides = (one: string, other: string): boolean => one === other || other.startsWith(`${one} `);
    expect(own.flatMap(([chord, id]) => others.filter(([other, otherId]) => hides(chord, other) && map.keysOf(otherId).every((k) => own.some(([o]) => hides(o, k)))).map(([, otherId]) => `${chord}: ${id} hides ${otherId}`))).toEqual([]);
  });

  it("offers nothing that only a picture has", () => {
    expect(here.map((a) => a.id).filter((id) => /^(tool|convert|brush|assist)\.|zoom|turn/.test(id))).toEqual([]);
    expect(["text.label", "edit.undo", "object.next", "task.submit", "class.1", "view.panel", "quick.accept"].filter((id) => !here.some((a) => a.id === id))).toEqual([]);
  });
});

/** All keys as a page of the reference: a row for each action, a column for each preset. */
function reference(): string {
  const maps = presets.map((preset) => new Keymap(all, preset));
  const code = (chord: string): string => (chord.includes("`") ? `\`\` ${chord} \`\`` : `\`${chord.replaceAll("|", "\\|")}\``);
  const row = (name: string, keysOf: (map: Keymap) => readonly string[]): string => `| ${name} | ${maps.map((map) => keysOf(map).map(code).join(" ")).join(" | ")} |`;
  const groups = new Map<string, string[]>();
  for (const action of all) {
    const series = /^(class|\w+\.value)\.(\d+)$/.exec(action.id);
    if (series && series[2] !== "1") continue;
    const name = series ? (series[1] === "class" ? "Class 1 to 20, such as" : "Value 1 to 20, such as") : action.name;
    const rows = groups.get(action.group) ?? [];
    rows.push(row(name, (map) => map.keysOf(action.id)));
    groups.set(action.group, rows);
  }
  return [
    "# Keys of the workbench",
    "",
    "Every action with its keys under each preset, as the code has them. `t l` is two presses, one after the other. `F1` in the",
    "workbench shows the map, changes keys and chooses the preset; see [the keyboard](../how-to/keyboard.md).",
    "",
    "Classes and values have the digits `1` to `9` and `0`, and from the eleventh on the same with `shift`.",
    ...[...groups].flatMap(([group, rows]) => ["", `## ${group}`, "", `| | ${presets.map((p) => p.name).join(" | ")} |`, `| --- |${" --- |".repeat(presets.length)}`, ...rows]),
    "",
  ].join("\n");
}

it("is written down in the reference (UPDATE_DOCS=1 writes it)", () => {
  const page = join(import.meta.dirname, "../../../docs/reference/keys.md");
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(page, reference());
  expect(readFileSync(page, "utf8")).toBe(reference());
});
