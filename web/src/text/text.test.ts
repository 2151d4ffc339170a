/// <reference types="node" />
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { msg, tell, useTranslations } from "../engine/text";
import { chosenLanguage, languages } from "./languages";
// @ts-expect-error tools of the build, in plain JavaScript
import { cataloguePath, collected } from "../../text/catalogue.mjs";
// @ts-expect-error tools of the build, in plain JavaScript
import { toldIn, translated } from "../../text/templates.mjs";

/** Every source is parsed. */
const PATIENCE_MS = 60_000;

describe("text", () => {
  it("is English until there is a translation, with values in any order", () => {
    const [step, count] = ["Move", 3];
    expect(msg`${step}: ${count} objects`).toBe("Move: 3 objects");
    useTranslations({ "{0}: {1} objects": "{1} Objekte: {0}", Undo: "Zurück" });
    expect(msg`${step}: ${count} objects`).toBe("3 Objekte: Move");
    expect([tell("Undo"), tell("Redo")]).toEqual(["Zurück", "Redo"]);
    useTranslations({});
  });

  it("is found in templates by runs, attributes and the ends of expressions", () => {
    const source = `<p title="Show {name}">{count} objects <kbd>Del</kbd></p><Icon name="trash" /><Button text={isOn ? "Hide" : \`Show \${name}\`}>Save</Button>`;
    const { messages, code } = translated(source, "x.svelte", "./text") as { messages: string[]; code: { toString(): string } };
    expect(messages).toEqual(["Show {0}", "{0} objects", "Hide", "Show {0}", "Save"]);
    expect(code.toString()).toContain('{__tell("{0} objects", [count])} <kbd>Del</kbd>');
  });

  it("is found where an expression of a template tells it by itself", () => {
    const source = "<p>{counted(msg`${n} items`)}</p>{#each list as entry}<Button label={msg`Open ${entry.name}`} onclick={() => say(msg`Opened`)} />{/each}";
    expect(toldIn(source, "x.svelte")).toEqual(["{0} items", "Open {0}", "Opened"]);
  });

  it("is all in the catalogue, and nothing that people read is outside it", () => {
    const { messages, untold } = collected() as { messages: string[]; untold: string[] };
    expect(untold, "write these as msg`...`").toEqual([]);
    const catalogue = JSON.parse(readFileSync(cataloguePath as string, "utf8")) as string[];
    expect(catalogue, "run: node text/catalogue.mjs").toEqual(messages);
    for (const message of messages) expect(message, message).not.toMatch(/\s\s|undefined/);
  }, PATIENCE_MS);

  it("is in the first language of the browser's that there is", () => {
    expect(languages).toContain("en");
    const storage = (language: string | null) => ({ getItem: () => language });
    expect(chosenLanguage(storage(null), ["tlh-KX", "en-GB"])).toBe("en");
    expect(chosenLanguage(storage("tlh"), [])).toBe("en");
  });
});
