/** What the items grid shows, kept in the address so that it can be sent to a colleague. */
import { queryText } from "../../api/lead";
import { msg } from "../../engine/text";
import type { Attribute, Ontology } from "../../engine/types";
import type { Router } from "../../shell/router.svelte";

export const SORTS = [
  { value: "created", name: msg`Oldest first` },
  { value: "-created", name: msg`Newest first` },
  { value: "name", name: msg`Name` },
  { value: "posterior", name: msg`Least certain first` },
  { value: "-objects", name: msg`Most objects first` },
  { value: "objects", name: msg`Fewest objects first` },
  { value: "-updated", name: msg`Last changed first` },
] as const;

export const STATES = ["open", "resolving", "review", "done", "idle", "cancelled"] as const;

const FIELDS = [
  "state", "class_id", "batch", "text", "posterior_min", "posterior_max", "has_gold", "geometry", "flag", "objects_min", "objects_max", "member", "metadata", "deleted", "sort",
] as const;
export type FilterField = (typeof FIELDS)[number];

/** An attribute of the objects of a class, or a question about the whole item (no class), and the value it has. */
export type WantedValue = readonly [classId: string | null, attributeId: string, value: string | boolean | number | readonly [number, number]];

export class ItemFilter {
  constructor(
    private readonly router: Pick<Router, "query" | "setQuery">,
    private readonly changed: () => void,
  ) {}

  get(field: FilterField): string {
    return this.router.query.get(field) ?? "";
  }

  set(field: FilterField, value: string): void {
    if (value === this.get(field)) return;
    this.router.setQuery({ [field]: value });
    this.changed();
  }

  get values(): readonly WantedValue[] {
    return readValues(this.router.query.get("values") ?? "");
  }

  setValues(values: readonly WantedValue[]): void {
    this.router.setQuery({ values: values.length ? JSON.stringify(values) : null });
    this.changed();
  }

  addValue(value: WantedValue): void {
    const text = JSON.stringify(value);
    if (!this.values.some((each) => JSON.stringify(each) === text)) this.setValues([...this.values, value]);
  }

  clear(): void {
    this.router.setQuery({ ...Object.fromEntries(FIELDS.filter((f) => f !== "sort").map((f) => [f, null])), values: null });
    this.changed();
  }

  /** Takes the filters and the order of a slice in place of those at hand. */
  take(query: string): void {
    const from = new URLSearchParams(query);
    const values = from.getAll("value").flatMap((text) => readValues(`[${text}]`));
    this.router.setQuery({ ...Object.fromEntries(FIELDS.map((f) => [f, from.get(f)])), values: values.length ? JSON.stringify(values) : null });
    this.changed();
  }

  get isOn(): boolean {
    return this.count > 0;
  }

  /** How many filters are set. */
  get count(): number {
    return FIELDS.filter((f) => f !== "sort" && this.get(f) !== "").length + this.values.length;
  }

  /** The filters alone, in the words of the API. */
  get filterText(): string {
    const fields = Object.fromEntries(FIELDS.filter((f) => f !== "sort").map((f) => [f, this.get(f)]));
    return queryText({ ...fields, value: this.values.map((v) => JSON.stringify(v)) });
  }

  /** With the order. */
  get queryText(): string {
    const filters = this.filterText;
    return `${filters}${filters && "&"}sort=${this.get("sort") || "created"}`;
  }
}

export function readValues(text: string): WantedValue[] {
  if (text === "") return [];
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isWanted) : [];
  } catch {
    return [];
  }
}

function isWanted(value: unknown): value is WantedValue {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [classId, attributeId, wanted] = value as unknown[];
  const isRange = Array.isArray(wanted) && wanted.length === 2 && wanted.every((n) => typeof n === "number");
  return (classId === null || typeof classId === "string") && typeof attributeId === "string" && (isRange || ["string", "number", "boolean"].includes(typeof wanted));
}

/** A share between 0 and 1 typed as per cent; nothing for nonsense. */
export function shareOf(percent: string): string {
  const n = Number(percent.replace(",", "."));
  return percent.trim() === "" || !Number.isFinite(n) || n < 0 || n > 100 ? "" : String(Math.round(n * 100) / 10_000);
}

/** A whole number from 0 on; nothing for nonsense. */
export function countOf(text: string): string {
  const n = Number(text);
  return text.trim() === "" || !Number.isInteger(n) || n < 0 || n > 1_000_000 ? "" : String(n);
}

/** Something that can be asked of objects or items, by a name that tells whose it is. */
export interface Askable {
  readonly key: string;
  readonly name: string;
  readonly classId: string | null;
  readonly attribute: Attribute;
}

/** All attributes and questions; those of the chosen class alone where there is one. */
export function askables(ontology: Ontology, classId: string): Askable[] {
  const of = (id: string | null, name: string, attributes: readonly Attribute[]): Askable[] =>
    attributes.map((attribute) => ({ key: JSON.stringify([id, attribute.attribute_id]), name: name ? `${name}: ${attribute.name}` : attribute.name, classId: id, attribute }));
  const classes = ontology.classes.filter((c) => classId === "" || c.class_id === classId);
  return [...of(null, "", ontology.questions), ...classes.flatMap((c) => of(c.class_id, c.name, c.attributes))];
}

export function valueName(attribute: Attribute, value: WantedValue[2]): string {
  if (typeof value === "boolean") return value ? msg`yes` : msg`no`;
  if (typeof value === "string") return attribute.options.find((o) => o.option_id === value)?.name ?? value;
  return typeof value === "number" ? String(value) : `${value[0]} – ${value[1]}`;
}

/** What a person typed or chose as a value of an attribute; null for nothing. */
export function valueFrom(attribute: Attribute, text: string, until = ""): WantedValue[2] | null {
  if (attribute.kind === "boolean") return text === "" ? null : text === "true";
  if (attribute.kind !== "number") return text.trim() === "" ? null : text;
  const [low, high] = [text, until].map((t) => (t.trim() === "" ? null : Number(t.replace(",", "."))));
  if ([low, high].some((n) => n !== null && !Number.isFinite(n)) || (low === null && high === null)) return null;
  return low !== null && low === high ? low! : [low ?? -1e9, high ?? 1e9];
}

