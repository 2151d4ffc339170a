/** The kinds of settings: what values each takes, and how a kept value is read. Pure, so that one table can define everything. */

interface Common {
  readonly name: string;
  /** Under which heading the panel shows it; null for settings that live elsewhere. */
  readonly group: string | null;
  /** Id of its action in the key map, and the beginning of the ids of further ones. */
  readonly action: string;
}

export interface Switch extends Common {
  readonly kind: "switch";
  readonly initial: boolean;
}

export interface Range extends Common {
  readonly kind: "range";
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** What a key press changes. */
  readonly step: number;
  /** The finest difference. */
  readonly grain: number;
  /** How a value is shown, such as "40 %". */
  readonly shown: (value: number) => string;
}

export interface Choice<K extends string = string> extends Common {
  readonly kind: "choice";
  readonly initial: NoInfer<K>;
  readonly options: Readonly<Record<K, string>>;
}

export type Definition = Switch | Range | Choice;
export type ValueOf<D> = D extends Switch ? boolean : D extends Range ? number : D extends Choice<infer K> ? K : never;

export function choice<K extends string>(definition: Omit<Choice<K>, "kind">): Choice<K> {
  return { kind: "choice", ...definition };
}

export function range(definition: Omit<Range, "kind">): Range {
  return { kind: "range", ...definition };
}

export function onOff(definition: Omit<Switch, "kind">): Switch {
  return { kind: "switch", ...definition };
}

/** A value as the definition allows it; its initial value when it is none of its kind. */
export function fitting(definition: Definition, value: unknown): boolean | number | string {
  switch (definition.kind) {
    case "switch":
      return typeof value === "boolean" ? value : definition.initial;
    case "range": {
      if (typeof value !== "number" || !Number.isFinite(value)) return definition.initial;
      const { min, max, grain } = definition;
      const near = min + Math.round((value - min) / grain) * grain;
      return Math.round(Math.min(max, Math.max(min, near)) * 1000) / 1000;
    }
    case "choice":
      return typeof value === "string" && Object.hasOwn(definition.options, value) ? value : definition.initial;
  }
}

/** The value after or before, round and round for choices and switches. */
export function stepped(definition: Definition, value: unknown, by: 1 | -1): boolean | number | string {
  switch (definition.kind) {
    case "switch":
      return value !== true;
    case "range":
      return fitting(definition, (value as number) + by * definition.step);
    case "choice": {
      const keys = Object.keys(definition.options);
      return keys[(keys.indexOf(value as string) + by + keys.length) % keys.length]!;
    }
  }
}
