/** Curves of a training run as chart series. */
import type { CurvePoint } from "../../api/console-types";
import type { Series } from "../kit/chart";
import { words } from "../kit/format";
import { seriesTone } from "../kit/tones";

export function lossSeries(curves: readonly CurvePoint[]): Series[] {
  const names = [...new Set(curves.flatMap((p) => Object.keys(p.losses)))];
  return names.map((name, i) => ({ name: words(name), tone: seriesTone(i), points: curves.map((p) => ({ x: p.epoch, y: p.losses[name] ?? null })) }));
}

export function apSeries(curves: readonly CurvePoint[]): Series[] {
  return [{ name: "validation AP50", tone: seriesTone(2), points: curves.map((p) => ({ x: p.epoch, y: p.validation_ap50 })) }];
}
