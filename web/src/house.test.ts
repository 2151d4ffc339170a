/// <reference types="node" />
/** The house's own rules, held by a test. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = import.meta.dirname;
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => /\.(ts|svelte)$/.test(name));
const read = (name: string): string => readFileSync(join(root, name), "utf8");
const imports = (name: string): string[] => [...read(name).matchAll(/from "([^"]+)"/g)].map((m) => m[1]!);

/** What the engine may stand on beside itself: arithmetic only. */
const PURE = new Set(["vitest", "polygon-clipping"]);

it("keeps the engine free of frameworks, of the page and of the network", () => {
  const isAllowed = (file: string, name: string): boolean =>
    name.startsWith("./") || /^(\.\.\/)+[\w/-]+$/.test(name) || PURE.has(name) || (file.endsWith(".test.ts") && name.startsWith("node:"));
  const strangers = files
    .filter((f) => f.startsWith("engine/"))
    .flatMap((f) => imports(f).filter((i) => !isAllowed(f, i)).map((i) => `${f}: ${i}`));
  expect(strangers).toEqual([]);
  const leaving = files.filter((f) => f.startsWith("engine/")).flatMap((f) => {
    const depth = f.split("/").length - 1;
    return imports(f).filter((i) => (i.match(/\.\.\//g) ?? []).length >= depth).map((i) => `${f}: ${i}`);
  });
  expect(leaving).toEqual([]);
});

it("keeps the workbench free of the console", () => {
  const wrong = files.filter((f) => /^(engine|api|outbox|workbench|label|review|markdown|components)\//.test(f)).filter((f) => imports(f).some((i) => i.includes("/console/")));
  expect(wrong).toEqual([]);
});

it("keeps files small", () => {
  expect(files.filter((f) => read(f).split("\n").length > 500)).toEqual([]);
});

it("puts no HTML into the page and no style into attributes, which the content policy forbids", () => {
  const svelte = files.filter((f) => f.endsWith(".svelte"));
  expect(svelte.filter((f) => /\{@html|\sstyle="/.test(read(f)))).toEqual([]);
});
