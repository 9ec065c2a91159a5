// SPDX-License-Identifier: GPL-3.0-or-later
// A metric over one parameter: where the trials are, what is usual in each part of its range, and whether the best ones
// are at its edge.
import {Axis, axisOf, Scale, specOf} from "../base/scale";
import {Column, Sheet, VALUE} from "./sheet";

interface Bin {
  from: number; // places on the axis
  to: number;
  n: number;
  low: number; // quartiles and median
  median: number;
  high: number;
}

export interface Slice {
  axis: Axis; // of the parameter, with the bounds of the sweep's file in it
  pad: number; // room beside its ends, for values that are as wide as their part of it
  bounds: number[];
  rows: number[]; // that have both values
  missing: number; // that have the metric's alone
  bins: Bin[];
  edge: string; // "": the best are not at an edge
}

const BINS = 12,
  EDGE = 0.05, // of the range
  EDGE_SHARE = 0.25; // of the best, at least

// What the sweep's file says of a parameter's range; none of lists and of distributions without an end.
export function boundsOf(spec: any, name: string): number[] {
  const p = specOf(spec, name),
    low = p?.min,
    high = p?.max;
  if (typeof low !== "number" || typeof high !== "number" || !(low < high)) return [];
  const exponents = /^(q_|inv_)?log_uniform$/.test(p.distribution ?? "");
  return exponents ? [Math.exp(low), Math.exp(high)] : [low, high];
}

// The axis of the column, reaching over the bounds.
export function axisWithin(s: Sheet, column: Column, scale: Scale, bounds: number[], order: unknown[]): Axis {
  if (column.words || !bounds.length) return axisOf(s, column, scale, false, order);
  const n = s.n + bounds.length,
    values = new Float64Array(n),
    kinds = new Uint8Array(n);
  values.set(column.values);
  kinds.set(column.kinds);
  values.set(bounds, s.n);
  kinds.fill(VALUE, s.n);
  return {...axisOf({...s, n}, {...column, values, kinds}, scale, false, order), column};
}

const quantile = (sorted: Float64Array, q: number): number => {
  const at = q * (sorted.length - 1),
    i = Math.floor(at),
    next = sorted[Math.min(i + 1, sorted.length - 1)];
  return sorted[i] + (at - i) * (next - sorted[i]);
};

function binsOf(axis: Axis, rows: number[], y: Column): Bin[] {
  const x = axis.column,
    distinct = new Set(rows.map((row) => x.values[row])),
    ticks = [...new Set([...distinct].map((v) => axis.place(v)))]
      .filter((p) => p === p)
      .sort((a, b) => a - b),
    each = axis.kind === "words" || ticks.length <= BINS,
    half = each ? Math.min(0.5 / BINS, padOf(axis) * 0.6) : 0,
    found: number[][] = Array.from({length: each ? ticks.length : BINS}, () => []),
    at = new Map(ticks.map((p, i) => [p, i]));
  for (const row of rows) {
    const place = axis.place(x.values[row]),
      bin = each ? at.get(place)! : Math.max(0, Math.min(BINS - 1, Math.floor(place * BINS)));
    found[bin]?.push(y.values[row]);
  }
  return found
    .map((values, i) => {
      const sorted = Float64Array.from(values).sort(),
        [from, to] = each ? [ticks[i] - half, ticks[i] + half] : [i / BINS, (i + 1) / BINS];
      return {
        from,
        to,
        n: values.length,
        low: quantile(sorted, 0.25),
        median: quantile(sorted, 0.5),
        high: quantile(sorted, 0.75),
      };
    })
    .filter((bin) => bin.n > 0);
}

// best: rows with values of the parameter, the best tenth of all.
function edgeOf(axis: Axis, bounds: number[], best: number[]): string {
  if (!bounds.length || best.length < 5) return "";
  const places = best.map((row) => axis.place(axis.column.values[row])),
    ends = bounds.map(axis.place),
    wide = ends[1] - ends[0];
  if (new Set(axis.column.values.filter((v) => v === v)).size <= 4) return "";
  for (const [i, name] of ["lower", "upper"].entries()) {
    const near = places.filter((p) => Math.abs(p - ends[i]) <= EDGE * wide).length;
    if (near >= EDGE_SHARE * best.length)
      return `${Math.round((100 * near) / best.length)} % of the best 10 % are at the ${name} end: widen it?`;
  }
  return "";
}

// Few values: half of the least distance between two of them on the axis, which is the room of each; 0 of many.
export function padOf(axis: Axis): number {
  const places = new Set<number>();
  if (axis.kind === "words") for (const tick of axis.ticks) places.add(tick.at);
  else
    for (const value of axis.column.values) {
      const place = axis.place(value);
      if (place === place) places.add(place);
      if (places.size > BINS) return 0;
    }
  const all = [...places].sort((x, y) => x - y),
    gaps = all.slice(1).map((p, i) => p - all[i]);
  return gaps.length ? Math.min(...gaps) / 2 : 0.5;
}

// Where in the room of its value a trial is drawn, so that it does not hide the others: always at the same place.
export const beside = (row: number, pad: number): number =>
  pad ? ((Math.imul(row + 1, 0x9e3779b1) >>> 0) / 2 ** 32 - 0.5) * pad * 0.9 : 0;

// rows: those that are shown and have a value of the metric. finished: of these the finished ones, the best first: the
// others ended early, so their values are not compared.
export function sliceOf(axis: Axis, bounds: number[], rows: number[], finished: number[], y: Column): Slice {
  const has = (row: number) =>
      axis.column.kinds[row] === VALUE &&
      axis.place(axis.column.values[row]) === axis.place(axis.column.values[row]),
    mine = rows.filter(has),
    best = finished.slice(0, Math.ceil(finished.length / 10)).filter(has);
  return {
    axis,
    pad: padOf(axis),
    bounds,
    rows: mine,
    missing: rows.length - mine.length,
    bins: binsOf(axis, finished.filter(has), y),
    edge: edgeOf(axis, bounds, best),
  };
}
