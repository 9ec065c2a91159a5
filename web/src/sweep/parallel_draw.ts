// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of parallel coordinates. Above LINES of them, what lies between two axes is counted in cells, and each cell
// is one segment, as dark as it has lines: all of them count, and few are drawn.
import {Axis} from "../base/scale";
import {MISSING, VALUE} from "./sheet";

export const TOP = 44,
  HEIGHT = 310,
  LANES = 46,
  GAP = 88,
  SIDE = 64,
  BOTTOM = HEIGHT - LANES,
  LINES = 2000;

export interface Picture {
  axes: Axis[];
  xs: number[];
  ys: Float32Array[]; // of each axis and row; NaN: in a lane
}

// A value's height; NaN where it is not a place on the axis: it has none, is not a number, or is not above 0 on a log one.
export function heights(axis: Axis, n: number): Float32Array {
  const ys = new Float32Array(n).fill(NaN),
    {kinds, values} = axis.column;
  for (let row = 0; row < n; row++) {
    if (kinds[row] !== VALUE) continue;
    const place = axis.place(values[row]);
    ys[row] = BOTTOM - Math.max(-0.03, Math.min(1.03, place)) * (BOTTOM - TOP);
  }
  return ys;
}

// How many of the rows are in each lane of the axis.
export function laneCounts(axis: Axis, ys: Float32Array, mask: Uint8Array): {odd: number; missing: number} {
  let odd = 0,
    missing = 0;
  for (let row = 0; row < mask.length; row++) {
    if (!mask[row] || ys[row] === ys[row]) continue;
    if (axis.column.kinds[row] === MISSING) missing++;
    else odd++;
  }
  return {odd, missing};
}

export function linesDraw(
  c: CanvasRenderingContext2D,
  rows: number[],
  p: Picture,
  from: number,
  to: number,
): void {
  c.beginPath();
  for (const row of rows) {
    let pen = false;
    for (let i = from; i <= to; i++) {
      const y = p.ys[i][row];
      if (y !== y) pen = false;
      else {
        if (pen) c.lineTo(p.xs[i], y);
        else c.moveTo(p.xs[i], y);
        pen = true;
      }
    }
  }
  c.stroke();
}

const cellOf = (y: number, bins: number): number =>
  Math.max(0, Math.min(bins - 1, Math.floor(((y - TOP) / (BOTTOM - TOP)) * bins)));

// Between axes i and i + 1: the group that most lines of a cell have, and how many there are.
function pairDraw(
  c: CanvasRenderingContext2D,
  groups: {colour: string; rows: number[]}[],
  p: Picture,
  i: number,
  bins: number,
  alpha: number,
): void {
  const cells = bins * bins,
    counts = new Uint32Array(cells * groups.length),
    totals = new Uint32Array(cells),
    [left, right] = [p.ys[i], p.ys[i + 1]];
  groups.forEach(({rows}, g) => {
    for (const row of rows) {
      const a = left[row],
        b = right[row];
      if (a !== a || b !== b) continue;
      const cell = cellOf(a, bins) * bins + cellOf(b, bins);
      counts[g * cells + cell]++;
      totals[cell]++;
    }
  });
  const most = totals.reduce((m, n) => Math.max(m, n), 1),
    paths = new Map<number, number[]>();
  for (let cell = 0; cell < cells; cell++) {
    if (!totals[cell]) continue;
    let best = 0;
    for (let g = 1; g < groups.length; g++)
      if (counts[g * cells + cell] > counts[best * cells + cell]) best = g;
    const weight = Math.min(3, Math.floor((4 * Math.log1p(totals[cell])) / Math.log1p(most + 1))),
      key = weight * groups.length + best;
    if (!paths.has(key)) paths.set(key, []);
    paths.get(key)!.push(cell);
  }
  const y = (at: number) => TOP + ((at + 0.5) / bins) * (BOTTOM - TOP);
  for (const key of [...paths.keys()].sort((a, b) => a - b)) {
    c.globalAlpha = alpha * [0.05, 0.12, 0.25, 0.5][Math.floor(key / groups.length)];
    c.strokeStyle = groups[key % groups.length].colour;
    c.beginPath();
    for (const cell of paths.get(key)!) {
      c.moveTo(p.xs[i], y(Math.floor(cell / bins)));
      c.lineTo(p.xs[i + 1], y(cell % bins));
    }
    c.stroke();
  }
  c.globalAlpha = 1;
}

// Groups are drawn in their order, the last one on top. coarse: it must be quick, as it is drawn anew at once. best: those
// that stay lines, above the cells.
export function groupsDraw(
  c: CanvasRenderingContext2D,
  groups: {colour: string; rows: number[]}[],
  p: Picture,
  from: number,
  to: number,
  coarse: boolean,
  alpha = 1,
  best: () => {colour: string; rows: number[]}[] = () => [],
): void {
  const n = groups.reduce((sum, {rows}) => sum + rows.length, 0);
  c.lineWidth = 1;
  if (n > (coarse ? LINES / 4 : LINES)) {
    for (let i = from; i < to; i++) pairDraw(c, groups, p, i, coarse ? 32 : 64, alpha);
    c.globalAlpha = 0.35;
    for (const {colour, rows} of coarse ? [] : best()) {
      c.strokeStyle = colour;
      linesDraw(c, rows, p, from, to);
    }
    c.globalAlpha = 1;
    return;
  }
  c.globalAlpha = alpha * (n > 300 ? 0.35 : 0.7);
  for (const {colour, rows} of groups) {
    c.strokeStyle = colour;
    linesDraw(c, rows, p, from, to);
  }
  c.globalAlpha = 1;
}
