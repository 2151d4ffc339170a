/** Ids made in the browser: time-sortable and, by 70 random bits, never the same twice. */

const ALPHABET = "0123456789abcdefghijklmnopqrstuv";

export type MakeId = () => string;

/** `prefix_` and 24 base32hex characters: 10 of time (50 bits of milliseconds), 14 random. */
export function idMaker(prefix: string, now: () => number, random: () => number): MakeId {
  return () => {
    let time = "";
    for (let rest = now(), i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32]! + time;
    let tail = "";
    for (let i = 0; i < 14; i++) tail += ALPHABET[Math.floor(random() * 32)]!;
    return `${prefix}_${time}${tail}`;
  };
}
