/**
 * The catalogue of all text that people read: `node text/catalogue.mjs` writes it, a test holds it to the sources.
 * A translation is `src/text/LANGUAGE.json`: an object from these messages to theirs; {0}, {1} are values, in any order.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "svelte/compiler";
import { textIn } from "./code.mjs";
import { toldIn, translated } from "./templates.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, "..", "src");
export const cataloguePath = join(here, "catalogue.json");

const isProduct = (name) => /\.(ts|svelte)$/.test(name) && !/\.test\.|\.d\.ts$|(^|\/)testing\.ts$/.test(name);

/** Every message, sorted; and the strings in code that look like text but are not written as messages. */
export function collected() {
  const messages = new Set();
  const untold = [];
  for (const name of readdirSync(sources, { recursive: true, encoding: "utf8" }).filter(isProduct)) {
    const source = readFileSync(join(sources, name), "utf8");
    const isTemplate = name.endsWith(".svelte");
    if (isTemplate) for (const message of [...translated(source, name).messages, ...toldIn(source, name)]) messages.add(message);
    const script = isTemplate ? scriptOf(source) : source;
    const found = textIn(script, name);
    for (const message of found.told) messages.add(message);
    untold.push(...found.untold.map(({ message, line }) => `${name}:${line}: ${message}`));
  }
  return { messages: [...messages].sort(), untold };
}

function scriptOf(source) {
  const { instance } = parse(source, { modern: true });
  return instance ? source.slice(instance.content.start, instance.content.end) : "";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { messages } = collected();
  writeFileSync(cataloguePath, `${JSON.stringify(messages, null, 1)}\n`);
  console.log(`${messages.length} messages`);
}
