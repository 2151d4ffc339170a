/** A browser's own description of itself in two words, such as "Firefox on Linux". */
import { msg } from "../../engine/text";
const BROWSERS: readonly [RegExp, string][] = [[/Edg\//, msg`Edge`], [/OPR\//, msg`Opera`], [/Firefox\//, msg`Firefox`], [/Chrom(e|ium)\//, msg`Chrome`], [/Safari\//, msg`Safari`], [/python|httpx|curl/i, "a program"]];
const SYSTEMS: readonly [RegExp, string][] = [[/Android/, msg`Android`], [/iPhone|iPad/, "iOS"], [/Windows/, msg`Windows`], [/Mac OS X/, "macOS"], [/CrOS/, "ChromeOS"], [/Linux/, msg`Linux`]];

export function browserName(userAgent: string): string {
  const found = (names: readonly [RegExp, string][]): string | undefined => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  return [found(BROWSERS), found(SYSTEMS)].filter(Boolean).join(" on ") || userAgent.slice(0, 60) || "unknown";
}
