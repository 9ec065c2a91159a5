// SPDX-License-Identifier: GPL-3.0-or-later
// The range of y of what is shown. What lies far outside of the rest is cut and counted, unless all is asked for.
import type {Area, Line, Side} from "./draw";

export function spread(
  lines: Line[],
  areas: Area[],
  x: Side,
  log: boolean,
  all: boolean,
): {low: number; high: number; cut: number; most: number; least: number} {
  const values: number[] = [];
  const take = (v: number) => {
    if (Number.isFinite(v) && (!log || v > 0)) values.push(v);
  };
  for (const {x: xs, y: ys} of lines)
    for (let i = 0; i < xs.length; i++) if (xs[i] >= x.low && xs[i] <= x.high) take(ys[i]);
  for (const a of areas)
    for (let i = 0; i < a.x.length; i++) {
      take(a.low[i]);
      take(a.high[i]);
    }
  const sorted = Float64Array.from(values).sort(),
    n = sorted.length;
  if (!n) return {low: log ? 0.1 : 0, high: 1, cut: 0, most: 1, least: 0};
  let low = sorted[0],
    high = sorted[n - 1],
    cut = 0;
  const q1 = sorted[n >> 2],
    q3 = sorted[(n * 3) >> 2],
    fence = 30 * (q3 - q1);
  if (!all && !log && n > 8 && fence > 0 && (low < q1 - fence || high > q3 + fence)) {
    const inside = sorted.filter((v) => v >= q1 - fence && v <= q3 + fence);
    low = inside[0];
    high = inside[inside.length - 1];
    const own = lines.filter((l) => l.own);
    if (own.length && own.length < lines.length) {
      const wanted = spread(own, [], x, log, all);
      low = Math.min(low, wanted.low);
      high = Math.max(high, wanted.high);
    }
    cut = sorted.reduce((sum, v) => sum + (v < low || v > high ? 1 : 0), 0);
  }
  if (!(high > low)) {
    const more = Math.abs(low) * 0.05 || 0.5;
    [low, high] = log ? [low / 1.2, high * 1.2] : [low - more, high + more];
  } else if (log) {
    const more = (high / low) ** 0.04;
    [low, high] = [low / more, high * more];
  } else {
    const more = (high - low) * 0.04;
    [low, high] = [low - more, high + more];
  }
  return {low, high, cut, most: sorted[n - 1], least: sorted[0]};
}
