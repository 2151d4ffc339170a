/** The languages that the interface speaks: English, and each `LANGUAGE.json` beside this file. */
import type { Translations } from "../engine/text";

const KEY = "goldsmith.language";
const tables = import.meta.glob<Translations>("./*.json", { import: "default" });

export const languages: readonly string[] = ["en", ...Object.keys(tables).map((path) => path.slice(2, -".json".length))];

/** What was chosen on this computer, or the first of the browser's languages that there is. */
export function chosenLanguage(storage: Pick<Storage, "getItem">, preferred: readonly string[]): string {
  const wanted = [storage.getItem(KEY), ...preferred.map((tag) => tag.split("-")[0]!)];
  return wanted.find((language) => language !== null && languages.includes(language)) ?? "en";
}

/** Takes effect when the page is loaded again. */
export function chooseLanguage(storage: Pick<Storage, "setItem">, language: string): void {
  storage.setItem(KEY, language);
}

/** Its table; null for English. A table that cannot be loaded leaves the interface English. */
export async function translationsOf(language: string): Promise<Translations | null> {
  try {
    return (await tables[`./${language}.json`]?.()) ?? null;
  } catch {
    return null;
  }
}
