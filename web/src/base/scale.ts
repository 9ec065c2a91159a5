// SPDX-License-Identifier: GPL-3.0-or-later
// Axes: from values to places between 0 and 1, by the scale that the sweep's file gives the parameter.
import {signal} from "@preact/signals";
import {Column, isMetric, Sheet, stateOf, TIMES, VALUE} from "../sweep/sheet";
import {short} from "./text";

export type Scale = "linear" | "log" | "symlog" | "rank";
export const SCALES: Scale[] = ["linear", "log", "symlog", "rank"];

export interface Tick {
  at: number;
  text: string;
  words?: number[]; // the categories that it stands for
}

export interface Axis {
  column: Column;
  kind: Scale | "words";
  low: number;
  high: number;
  cut: number; // values outside of what is shown
  place: (value: number) => number; // 0: low; 1: high; outside, or NaN where it has none
  value: (place: number) => number;
  ticks: Tick[];
}

export function specOf(spec: any, name: string): any {
  let at = spec?.parameters;
  const parts = name.replace(/^params\./, "").split(".");
  if (at?.[parts.join(".")]) return at[parts.join(".")];
  for (const part of parts) at = at?.[part] ?? at?.parameters?.[part];
  return at;
}

export function isLog(spec: any, name: string): boolean {
  const found = name.startsWith("params.") ? specOf(spec, name) : undefined;
  return typeof found?.distribution === "string" && /log/.test(found.distribution);
}

export function nice(low: number, high: number, n: number): number[] {
  const raw = (high - low) / n,
    size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((f) => f * size).find((s) => s >= raw)!;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9 && ticks.length < 50; tick += step)
    ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}

export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [],
    from = Math.floor(Math.log10(low)),
    to = Math.ceil(Math.log10(high));
  if (!Number.isFinite(to - from)) return [low, high];
  const every = Math.max(1, Math.ceil((to - from) / 6));
  for (let e = from; e <= to; e++)
    for (const f of to - from <= 2 ? [1, 2, 5] : [1])
      if ((e - from) % every === 0 && f * 10 ** e >= low * 0.999 && f * 10 ** e <= high * 1.001)
        ticks.push(f * 10 ** e);
  return ticks.length > 1 ? ticks : nice(low, high, 4);
}

const MOST_WORDS = 30;

// order: of the sweep's file. Many categories: the most frequent ones, then all others in one place.
function wordsAxis(sheet: Sheet, column: Column, order: unknown[]): Axis {
  const words = column.words!,
    counts = new Uint32Array(words.length),
    given = new Map(order.map((value, i) => [JSON.stringify(value), i]));
  for (let row = 0; row < sheet.n; row++) if (column.kinds[row] === VALUE) counts[column.values[row]]++;
  const rank = (i: number) => given.get(JSON.stringify(words[i])) ?? order.length;
  let all = words.map((_, i) => i);
  const many = all.length > MOST_WORDS;
  if (many) all.sort((a, b) => counts[b] - counts[a] || a - b);
  else
    all.sort((a, b) => {
      const [x, y] = [words[a], words[b]];
      if (typeof x === "number" && typeof y === "number") return x - y;
      return rank(a) - rank(b) || a - b;
    });
  const others = many ? all.slice(MOST_WORDS - 1) : [];
  if (many) all = all.slice(0, MOST_WORDS - 1);
  const n = all.length + (many ? 1 : 0),
    at = (i: number) => (n === 1 ? 0.5 : i / (n - 1)),
    places = new Map(all.map((word, i) => [word, at(i)]));
  const ticks: Tick[] = all.map((word, i) => ({at: at(i), text: column.texts[word], words: [word]}));
  if (many) ticks.push({at: 1, text: `other (${others.length})`, words: others});
  for (const other of others) places.set(other, 1);
  return {
    column,
    kind: "words",
    low: 0,
    high: Math.max(1, n - 1),
    cut: 0,
    value: (p) => Math.round(p * (n - 1)),
    place: (v) => places.get(v) ?? NaN,
    ticks,
  };
}

// Of the sorted values: the share that is smaller.
function rankOf(sorted: Float64Array, value: number): number {
  let low = 0,
    high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return sorted.length > 1 ? low / (sorted.length - 1) : 0.5;
}

function rankAxis(column: Column, sorted: Float64Array): Axis {
  const last = Math.max(0, sorted.length - 1),
    value = (p: number) => sorted[Math.round(Math.max(0, Math.min(1, p)) * last)] ?? 0;
  return {
    column,
    kind: "rank",
    low: value(0),
    high: value(1),
    cut: 0,
    value,
    place: (v) => (v === v ? rankOf(sorted, v) : NaN),
    ticks: [...new Set([0, 0.25, 0.5, 0.75, 1].map(value))].map((v) => ({
      at: rankOf(sorted, v),
      text: short(v),
    })),
  };
}

// A scale as a function and its inverse. Symlog is linear around 0, up to `one`.
function bend(kind: Scale, one: number): [(v: number) => number, (w: number) => number] {
  if (kind === "log") return [(v) => (v > 0 ? Math.log10(v) : NaN), (w) => 10 ** w];
  if (kind === "symlog")
    return [
      (v) => Math.sign(v) * Math.log10(1 + Math.abs(v) / one),
      (w) => Math.sign(w) * one * (10 ** Math.abs(w) - 1),
    ];
  return [(v) => v, (w) => w];
}

// What is outside of the usual range is cut: nothing, or that at either end, or, where the values have a goal, that at
// the end which is worse. The best of all is always seen.
export type Robust = boolean | "minimize" | "maximize";

const CUT_MOST = 0.1; // of the values: more of them are no outliers

// Tukey's fences, widened: [low, high] of those inside.
function fenced(sorted: Float64Array, robust: Robust): [number, number] {
  const n = sorted.length,
    q1 = sorted[n >> 2],
    q3 = sorted[(n * 3) >> 2],
    fence = 1.5 * (q3 - q1) * 1.05,
    least = robust === "minimize" ? sorted[0] : q1 - fence,
    most = robust === "maximize" ? sorted[n - 1] : q3 + fence,
    inside = fence > 0 ? sorted.filter((x) => x >= least && x <= most) : sorted,
    shown = n - inside.length > n * CUT_MOST ? sorted : inside;
  return [shown[0], shown[shown.length - 1]];
}

// listed: the values are those that the sweep's file names, so each has a tick. Measured ones have round ticks.
function ticksOf(kind: Scale, low: number, high: number, values: Float64Array, listed: boolean): number[] {
  if (kind === "log") return logTicks(low, high);
  if (kind === "symlog") {
    const most = Math.max(Math.abs(low), Math.abs(high)),
      powers = logTicks(most / 1e4, most);
    return [...powers.map((v) => -v), 0, ...powers].filter((v) => v >= low && v <= high);
  }
  const whole = values.every(Number.isInteger),
    distinct = listed || (whole && high - low <= 8) ? new Set(values) : null;
  if (distinct && distinct.size > 1 && distinct.size <= 9)
    return [...distinct].filter((v) => v >= low && v <= high);
  return nice(low, high, 5).filter((v) => !whole || Number.isInteger(v));
}

const known = new WeakMap<Column, {state: Column | undefined; axes: Map<string, Axis>}>();

// robust: what lies outside of the usual range is counted, not lost. order: of a category's values. While neither the
// column nor a state is another, it is the same axis.
export function axisOf(
  sheet: Sheet,
  column: Column,
  scale: Scale | boolean,
  robust: Robust,
  order: unknown[] = [],
): Axis {
  const state = isMetric(column.name) ? sheet.columns.get("state") : undefined,
    key = JSON.stringify([scale, robust, order]);
  let of = known.get(column);
  if (!of || of.state !== state) known.set(column, (of = {state, axes: new Map()}));
  const axis = of.axes.get(key) ?? axisMade(sheet, column, scale, robust, order);
  of.axes.set(key, axis);
  return axis;
}

function axisMade(
  sheet: Sheet,
  column: Column,
  scale: Scale | boolean,
  robust: Robust,
  order: unknown[],
): Axis {
  if (column.words) return wordsAxis(sheet, column, order);
  const kind: Scale = scale === true ? "log" : scale === false ? "linear" : scale,
    of = (row: number) => column.kinds[row] === VALUE && (kind !== "log" || column.values[row] > 0),
    measured = isMetric(column.name),
    all: number[] = [];
  // What failed trials reached is no part of the range, unless there is nothing else.
  for (let row = 0; row < sheet.n; row++)
    if (of(row) && !(measured && stateOf(sheet, row) === "failed")) all.push(column.values[row]);
  if (!all.length) for (let row = 0; row < sheet.n; row++) if (of(row)) all.push(column.values[row]);
  const values = Float64Array.from(all).sort();
  if (kind === "rank") return rankAxis(column, values);
  const sizes =
      kind === "symlog"
        ? values
            .map(Math.abs)
            .filter((x) => x > 0)
            .sort()
        : values,
    [to, from] = bend(
      kind,
      Math.max(sizes[Math.floor(sizes.length / 10)] || 1, (sizes[sizes.length - 1] || 1) / 1e12),
    ),
    bent = values.map(to);
  let low = bent.length ? bent[0] : 0,
    high = bent.length ? bent[bent.length - 1] : 1;
  if (robust && bent.length > 8) [low, high] = fenced(bent, robust);
  const cut = bent.length ? bent.reduce((n, x) => n + (x < low || x > high ? 1 : 0), 0) : 0;
  if (!(high > low)) {
    const wide = TIMES.includes(column.name) ? 1 : Math.abs(low) * 0.05 || 0.5;
    low -= wide;
    high += wide;
  }
  const width = high - low,
    place = (v: number) => (to(v) - low) / width;
  return {
    column,
    kind,
    low: from(low),
    high: from(high),
    cut,
    place,
    value: (p) => from(low + p * width),
    ticks: ticksOf(kind, from(low), from(high), values, order.length > 0).map((v) => ({
      at: place(v),
      text: short(v),
    })),
  };
}

export const flipped = (axis: Axis): Axis => ({
  ...axis,
  place: (v) => 1 - axis.place(v),
  value: (p) => axis.value(1 - p),
  ticks: axis.ticks.map((t) => ({...t, at: 1 - t.at})),
});

// From dark to bright. Of each the half that can be seen on the page is used.
const PALETTES: Record<string, string[]> = {
  cividis: "002051 11366c 3c4d6e 62646f 7f7c75 9a9478 bbaf71 e2cb5c fdea45".split(" "),
  viridis: "440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725".split(" "),
};
export const SHADES = 6,
  palette = signal("cividis"); // as the address says

// The contrasting end for the best.
export function shade(place: number, best: 0 | 1, dark: boolean, name = palette.value): string {
  const all = PALETTES[name],
    bad = Math.max(0, Math.min(SHADES - 1, Math.round((best === 0 ? place : 1 - place) * (SHADES - 1))));
  return "#" + all[dark ? all.length - 1 - bad : bad];
}

// The ends of PuOr, for what has a sign, that can be seen on the page.
export const signed = (value: number, dark: boolean): string =>
  value < 0 ? (dark ? "#b2abd2" : "#5e3c99") : dark ? "#fdb863" : "#e66101";

// Okabe and Ito's, as far as they can be told apart on the page.
const LIGHT_WORDS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
const DARK_WORDS = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00"];
export const wordColours = (dark: boolean): string[] => (dark ? DARK_WORDS : LIGHT_WORDS);
