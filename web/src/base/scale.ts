// SPDX-License-Identifier: GPL-3.0-or-later
// Axes: from values to places between 0 and 1, by the scale that the sweep's file gives the parameter.
import {Column, Sheet, VALUE} from "../sweep/sheet";
import {short} from "./text";

export interface Axis {
  column: Column;
  kind: "linear" | "log" | "words";
  low: number;
  high: number;
  cut: number; // values outside of what is shown
  place: (value: number) => number; // 0: low; 1: high; outside, or NaN where it has none
  value: (place: number) => number;
  ticks: {at: number; text: string}[];
}

export function isLog(spec: any, name: string): boolean {
  let at = spec?.parameters;
  const parts = name.replace(/^params\./, "").split(".");
  for (const part of parts) at = at?.[part] ?? at?.parameters?.[part];
  return typeof at?.distribution === "string" && /log/.test(at.distribution);
}

function nice(low: number, high: number, n: number): number[] {
  const raw = (high - low) / n,
    size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((f) => f * size).find((s) => s >= raw)!;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9 && ticks.length < 50; tick += step)
    ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}

function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [],
    from = Math.floor(Math.log10(low)),
    to = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((to - from) / 6));
  for (let e = from; e <= to; e++)
    for (const f of to - from <= 2 ? [1, 2, 5] : [1])
      if ((e - from) % every === 0 && f * 10 ** e >= low * 0.999 && f * 10 ** e <= high * 1.001)
        ticks.push(f * 10 ** e);
  return ticks.length > 1 ? ticks : [low, high];
}

// robust: Tukey's fences, widened; what lies outside is counted, not lost.
export function axisOf(sheet: Sheet, column: Column, log: boolean, robust: boolean): Axis {
  if (column.words) {
    const order = column.words
      .map((_, i) => i)
      .sort((a, b) => {
        const x = column.words![a],
          y = column.words![b];
        return typeof x === "number" && typeof y === "number" ? x - y : 0;
      });
    const rank = new Map(order.map((at, i) => [at, i])),
      most = Math.max(1, order.length - 1);
    const one = order.length === 1;
    return {
      column,
      kind: "words",
      low: 0,
      high: most,
      cut: 0,
      value: (p) => p * most,
      place: (v) => (one ? 0.5 : (rank.get(v) ?? NaN) / most),
      ticks: order.map((at, i) => ({at: one ? 0.5 : i / most, text: column.texts[at]})),
    };
  }
  const all: number[] = [];
  for (let row = 0; row < sheet.n; row++)
    if (column.kinds[row] === VALUE && (!log || column.values[row] > 0))
      all.push(log ? Math.log10(column.values[row]) : column.values[row]);
  const sorted = Float64Array.from(all).sort();
  let low = sorted.length ? sorted[0] : 0,
    high = sorted.length ? sorted[sorted.length - 1] : 1,
    cut = 0;
  if (robust && sorted.length > 8) {
    const q1 = sorted[sorted.length >> 2],
      q3 = sorted[(sorted.length * 3) >> 2],
      fence = 1.5 * (q3 - q1) * 1.05;
    if (fence > 0) {
      const inside = sorted.filter((x) => x >= q1 - fence && x <= q3 + fence);
      cut = sorted.length - inside.length;
      low = inside[0];
      high = inside[inside.length - 1];
    }
  }
  if (!(high > low)) {
    low -= Math.abs(low) * 0.05 || 0.5;
    high += Math.abs(high) * 0.05 || 0.5;
  }
  const width = high - low,
    distinct = new Set<number>();
  let whole = true;
  for (let i = 0; i < sorted.length && (distinct.size <= 8 || whole); i++) {
    const value = log ? 10 ** sorted[i] : sorted[i];
    distinct.add(value);
    whole = whole && Number.isInteger(value);
  }
  const few =
    !log && distinct.size > 1 && distinct.size <= 8
      ? [...distinct].filter((v) => v >= low && v <= high)
      : null;
  const ticks =
    few ??
    (log ? logTicks(10 ** low, 10 ** high) : nice(low, high, 5).filter((v) => !whole || Number.isInteger(v)));
  return {
    column,
    kind: log ? "log" : "linear",
    low: log ? 10 ** low : low,
    high: log ? 10 ** high : high,
    cut,
    place: (v) => ((log ? (v > 0 ? Math.log10(v) : NaN) : v) - low) / width,
    value: (p) => (log ? 10 ** (low + p * width) : low + p * width),
    ticks: ticks.map((v) => ({at: ((log ? Math.log10(v) : v) - low) / width, text: short(v)})),
  };
}

const LIGHT = ["#002051", "#11366c", "#3c4d6e", "#62646f", "#7f7c75", "#9a9478", "#bbaf71"];
const DARK = ["#fdea45", "#e2cb5c", "#bbaf71", "#9a9478", "#7f7c75", "#62646f", "#3c4d6e"];

// Cividis, its contrasting end for the best.
export function shade(place: number, best: 0 | 1, dark: boolean): string {
  const colours = dark ? DARK : LIGHT;
  const bad = best === 0 ? place : 1 - place;
  return colours[Math.max(0, Math.min(colours.length - 1, Math.round(bad * (colours.length - 1))))];
}
