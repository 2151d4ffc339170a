/** What the items grid shows, kept in the address so that it can be sent to a colleague. */
import type { Query } from "../../api/http";
import type { Router } from "../../shell/router.svelte";
import { msg } from "../../engine/text";

export const SORTS = [
  { value: "created", name: msg`Oldest first` },
  { value: "-created", name: msg`Newest first` },
  { value: "name", name: msg`Name` },
  { value: "posterior", name: msg`Least certain first` },
  { value: "-objects", name: msg`Most objects first` },
  { value: "-updated", name: msg`Last changed first` },
] as const;

export const STATES = ["open", "resolving", "review", "done", "idle", "cancelled"] as const;

const FIELDS = ["state", "class_id", "batch", "text", "posterior_min", "posterior_max", "has_gold", "sort"] as const;
export type FilterField = (typeof FIELDS)[number];

export class ItemFilter {
  constructor(
    private readonly router: Router,
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

  clear(): void {
    this.router.setQuery(Object.fromEntries(FIELDS.filter((f) => f !== "sort").map((f) => [f, null])));
    this.changed();
  }

  get isOn(): boolean {
    return FIELDS.some((f) => f !== "sort" && this.get(f) !== "");
  }

  get query(): Query {
    return { ...Object.fromEntries(FIELDS.map((f) => [f, this.get(f)])), sort: this.get("sort") || "created" };
  }
}

/** A share between 0 and 1 typed as per cent; nothing for nonsense. */
export function shareOf(percent: string): string {
  const n = Number(percent.replace(",", "."));
  return percent.trim() === "" || !Number.isFinite(n) || n < 0 || n > 100 ? "" : String(Math.round(n * 100) / 10_000);
}
