/**
 * The text of the interface: English in the source, another language by a table from English.
 * In templates the compiler finds it (`text/templates.mjs`); in code it is written msg`...`.
 */

export type Translations = Readonly<Record<string, string>>;

let translations: Translations = {};

/** Takes a language; before anything is shown, as nothing is told anew. */
export function useTranslations(table: Translations): void {
  translations = table;
}

/** A message with its values: {0} is the first. What has no translation stays English. */
export function tell(message: string, values: readonly unknown[] = []): string {
  const text = translations[message] ?? message;
  return values.length ? text.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? "")) : text;
}

/** msg`Undone: ${name}` is the message "Undone: {0}". */
export function msg(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return tell(parts.reduce((message, part, index) => `${message}{${index - 1}}${part}`), values);
}
