/** The language first, then the page: text is told once. */
import { chosenLanguage, translationsOf } from "./text/languages";
import { useTranslations } from "./engine/text";

const table = await translationsOf(chosenLanguage(localStorage, navigator.languages));
if (table) useTranslations(table);
await import("./start");
