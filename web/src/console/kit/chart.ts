/** Geometry of line charts: scales, round axis steps, paths. */

export interface Series {
  readonly name: string;
  readonly tone: string;
  /** Points in the order of x; a null y breaks nothing, it is left out. */
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
}

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

/** Round steps that cover the values. */
export function scaleOf(values: readonly number[], wanted = 4, least?: number, most?: number): Scale {
  const found = values.filter(Number.isFinite);
  let from = least ?? Math.min(...(found.length ? found : [0]));
  let to = most ?? Math.max(...(found.length ? found : [1]));
  if (to <= from) to = from + (Math.abs(from) || 1);
  const step = roundStep((to - from) / wanted);
  if (least === undefined) from = Math.floor(from / step) * step;
  if (most === undefined) to = Math.ceil(to / step - 1e-9) * step;
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-6; i++) ticks.push(Number((i * step).toPrecision(12)));
  return { from, to, ticks };
}

function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

export const place = (scale: Scale, value: number, size: number): number => ((value - scale.from) / (scale.to - scale.from)) * size;

export function pathOf(series: Series, x: Scale, y: Scale, width: number, height: number): string {
  return series.points
    .flatMap((p) => (p.y === null ? [] : [`${place(x, p.x, width).toFixed(1)} ${(height - place(y, p.y, height)).toFixed(1)}`]))
    .map((point, i) => `${i === 0 ? "M" : "L"}${point}`)
    .join("");
}

/** Of each series, the point nearest to an x. */
export function nearest(series: readonly Series[], x: number): { readonly series: Series; readonly x: number; readonly y: number }[] {
  return series.flatMap((one) => {
    let best: { x: number; y: number } | null = null;
    for (const p of one.points) if (p.y !== null && (best === null || Math.abs(p.x - x) < Math.abs(best.x - x))) best = { x: p.x, y: p.y };
    return best ? [{ series: one, ...best }] : [];
  });
}
