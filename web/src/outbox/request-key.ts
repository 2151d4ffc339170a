/** One key for each answer; by it the server knows a repeat. */
import { idMaker } from "../engine/ids";

export function secureRandom(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}

export const newRequestKey = idMaker("req", Date.now, secureRandom);

/** The name of one open workbench, by which the server knows its drafts. */
export const newWriter = idMaker("wrt", Date.now, secureRandom);
