/** Classes typed as lines: "Car #3b82f6 box polygon", indented lines are nested below the one above. */
import { isGeometryKind } from "../../engine/shapes/registry";
import { presetFor } from "../project/skeleton-presets";
import type { Attribute, AttributeOption, Ontology, OntologyClass } from "../../engine/types";

/** Words that name a kind at the end of a line; those that end names too ("Face mask") only after a comma. */
const PLAIN_KINDS: ReadonlySet<string> = new Set(["box", "polygon", "rotated_box", "polyline", "bezier", "ellipse", "skeleton", "cuboid", "span"]);
const SPOKEN: Readonly<Record<string, string>> = { line: "polyline", curve: "bezier", rotated: "rotated_box" };

const PALETTE = ["#3b82f6", "#f43f5e", "#f59e0b", "#14b8a6", "#a855f7", "#84cc16", "#0ea5e9", "#ec4899", "#f97316", "#22c55e", "#6366f1", "#eab308"] as const;

/** The first colour that is not taken, then round again. */
export function freeColor(taken: readonly string[]): string {
  return PALETTE.find((color) => !taken.includes(color)) ?? PALETTE[taken.length % PALETTE.length]!;
}

/** "Traffic light" -> "traffic_light"; made different from those taken. */
export function idFor(name: string, taken: readonly string[]): string {
  const base = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40) || "class";
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}_${n}`;
    if (!taken.includes(id)) return id;
  }
}

export function parseClasses(text: string): OntologyClass[] {
  const classes: OntologyClass[] = [];
  const above: { indent: number; id: string }[] = [];
  const typed = text.toLowerCase().match(/#[0-9a-f]{6}\b/g) ?? [];
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    const indent = line.length - line.trimStart().length;
    const color = /#[0-9a-f]{6}\b/i.exec(line)?.[0].toLowerCase();
    const { name, kinds } = nameAndKinds(line.replace(/#[0-9a-f]{6}\b/i, ""));
    while (above.length && above.at(-1)!.indent >= indent) above.pop();
    const class_id = idFor(name, classes.map((c) => c.class_id));
    classes.push({
      class_id, name, color: color ?? freeColor([...typed, ...classes.map((c) => c.color)]), parent_id: above.at(-1)?.id ?? null,
      geometry_kinds: kinds.length ? kinds : ["box"], attributes: [], skeleton: kinds.includes("skeleton") ? presetFor(name).template : null,
    });
    above.push({ indent, id: class_id });
  }
  return classes;
}

/** "Traffic light, polygon mask" -> its name and its kinds. */
function nameAndKinds(text: string): { name: string; kinds: string[] } {
  const [head = "", ...rest] = text.split(",");
  const parts = head.trim().split(/\s+/);
  const kinds: string[] = [];
  for (const word of rest.join(" ").trim().split(/\s+/).filter(Boolean)) {
    const kind = SPOKEN[word.toLowerCase()] ?? word.toLowerCase();
    if (isGeometryKind(kind)) kinds.push(kind);
    else parts.push(word);
  }
  while (parts.length > 1 && PLAIN_KINDS.has(parts.at(-1)!.toLowerCase())) kinds.unshift(parts.pop()!.toLowerCase());
  return { name: parts.join(" "), kinds: [...new Set(kinds)] };
}

/** "Weather: clear, rain, fog" asks for a choice; a name alone asks yes or no. */
export function parseAttributes(text: string): Attribute[] {
  const found: Attribute[] = [];
  for (const line of text.split("\n")) {
    const [name = "", list = ""] = line.split(":").map((part) => part.trim());
    if (!name) continue;
    const options = list.split(",").map((o) => o.trim()).filter(Boolean).reduce<AttributeOption[]>((all, o) => [...all, { option_id: idFor(o, all.map((x) => x.option_id)), name: o }], []);
    found.push(newAttribute(name, found.map((a) => a.attribute_id), options));
  }
  return found;
}

export function newAttribute(name: string, taken: readonly string[], options: readonly AttributeOption[] = []): Attribute {
  return {
    attribute_id: idFor(name, taken), name, kind: options.length ? "choice" : "boolean", options,
    is_required: false, minimum: null, maximum: null, default: null, condition: null,
  };
}

/** Every class is asked the same attributes; they can be told apart later in the editor. */
export function quickOntology(classText: string, attributeText: string, questionText: string): Ontology {
  const attributes = parseAttributes(attributeText);
  return { classes: parseClasses(classText).map((c) => ({ ...c, attributes })), questions: parseAttributes(questionText) };
}
