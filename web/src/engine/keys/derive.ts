/**
 * A preset of another tool's keys over goldsmith's actions. What the other tool has a key for keeps that key; the rest keep
 * goldsmith's where they are free, and otherwise get a chord of two presses, so that nothing is ever without a key.
 */
import { pressesOf } from "./chord";
import { type Layer, type Preset, type Scope, layers, overlap } from "./keymap";

export interface PeerTable {
  readonly id: string;
  readonly name: string;
  /** First press of the chords given to what is left over; claimed by nothing else. */
  readonly leader: string;
  /** Our first presses that are a key of its own there, and what stands in for them. */
  readonly moves?: Readonly<Record<string, string>>;
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** Where an action of this id lives; ids begin with the layer they are for. */
export function scopeOfId(id: string): Scope {
  const head = id.slice(0, id.indexOf("."));
  if ((layers as readonly string[]).includes(head)) return head as Layer;
  if (head === "review") return "review";
  return head === "help" || head === "app" ? "any" : "label";
}

const LAST_RESORT = "abcdefghijklmnopqrstuvwxyz0123456789,.;'[]-=/\\`";

export function derivedPreset(goldsmith: Preset, peer: PeerTable): Preset {
  const taken: { chord: string; scope: Scope }[] = [];
  const keys: Record<string, readonly string[]> = {};
  const give = (id: string, chords: readonly string[]): void => {
    keys[id] = chords;
    for (const chord of chords) taken.push({ chord, scope: scopeOfId(id) });
  };
  const isFree = (chord: string, id: string): boolean => taken.every((t) => !overlap(t.scope, scopeOfId(id)) || !hides(t.chord, chord));
  for (const [id, chords] of Object.entries(peer.keys)) give(id, chords);
  const left = Object.entries(goldsmith.keys).filter(([id]) => !(id in peer.keys));
  const unplaced: [string, readonly string[]][] = [];
  for (const [id, own] of left) {
    const chords = own.map((chord) => moved(chord, peer.moves));
    const free = chords.filter((chord) => isFree(chord, id));
    if (free.length) give(id, free);
    else unplaced.push([id, chords]);
  }
  for (const [id, chords] of unplaced) {
    const lasts = chords.map((chord) => pressesOf(chord).at(-1)!);
    const tries = [...lasts, ...lasts.filter((press) => press.length === 1).map((press) => `shift+${press}`), ...LAST_RESORT];
    give(id, [tries.map((press) => `${peer.leader} ${press}`).find((chord) => isFree(chord, id))!]);
  }
  return { id: peer.id, name: peer.name, keys };
}

/** A chord of two whose first press means something else there. */
function moved(chord: string, moves: PeerTable["moves"]): string {
  const [first, second] = pressesOf(chord);
  const instead = second === undefined ? undefined : moves?.[first!];
  return instead === undefined ? chord : `${instead} ${second}`;
}

/** Whether two chords cannot live beside each other: equal, or one is the first press of the other. */
function hides(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `);
}
