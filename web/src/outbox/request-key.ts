/** One key for each answer; by it the server knows a repeat. */
import { idMaker } from "../engine/ids";

export function secureRandom(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}

export const newRequestKey = idMaker("req", Date.now, secureRandom);
