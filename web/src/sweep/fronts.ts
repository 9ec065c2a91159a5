// SPDX-License-Identifier: GPL-3.0-or-later
// Which trials no other one beats in several objectives, and how much they dominate together: as sweep/pareto.c does.
export interface Marks {
  n: number;
  m: number; // objectives
  gains: Float64Array; // n x m, higher is better
}

// Whether a is at least as good as b in each objective, and better in one.
function dominates(g: Marks, a: number, b: number): boolean {
  let above = false;
  for (let j = 0; j < g.m; j++) {
    const by = g.gains[a * g.m + j] - g.gains[b * g.m + j];
    if (by < 0) return false;
    if (by > 0) above = true;
  }
  return above;
}

// Adds a point to a front, which loses those that it beats; whether it is in the front.
function frontAdd(g: Marks, front: number[], i: number): boolean {
  for (const k of front) if (dominates(g, k, i)) return false;
  let kept = 0;
  for (const k of front) if (!dominates(g, i, k)) front[kept++] = k;
  front.length = kept;
  front.push(i);
  return true;
}

export function frontOf(g: Marks): number[] {
  const front: number[] = [];
  for (let i = 0; i < g.n; i++) frontAdd(g, front, i);
  return front;
}

// The front of two of the objectives alone, those with the highest gain in the first one first.
export function frontOfPair(g: Marks, one: number, two: number): number[] {
  const gains = new Float64Array(g.n * 2);
  for (let i = 0; i < g.n; i++) {
    gains[2 * i] = g.gains[i * g.m + one];
    gains[2 * i + 1] = g.gains[i * g.m + two];
  }
  return frontOf({n: g.n, m: 2, gains}).sort((a, b) => gains[2 * b] - gains[2 * a]);
}

// rows: gains over the reference, all above 0; the volume in their first m objectives. By slices along the last one,
// those that reach farthest first; in two objectives, by a staircase.
function volumeIn(rows: number[][], m: number): number {
  if (m === 1) return rows.reduce((most, row) => Math.max(most, row[0]), 0);
  const sorted = [...rows].sort((a, b) => b[m - 1] - a[m - 1]);
  let volume = 0,
    most = 0;
  for (let i = 0; i < sorted.length; i++) {
    const thick = sorted[i][m - 1] - (i + 1 < sorted.length ? sorted[i + 1][m - 1] : 0);
    if (m === 2) most = Math.max(most, sorted[i][0]);
    if (thick > 0) volume += thick * (m === 2 ? most : volumeIn(sorted.slice(0, i + 1), m - 1));
  }
  return volume;
}

// reference: m gains; a point that is not better in each objective adds nothing.
export function volumeOf(g: Marks, points: number[], reference: number[]): number {
  const rows = points
    .map((i) => reference.map((r, j) => g.gains[i * g.m + j] - r))
    .filter((row) => row.every((gain) => gain > 0));
  return rows.length ? volumeIn(rows, g.m) : 0;
}

// Points of a front for which a volume is computed, by the number of objectives: beyond, it takes longer than a moment.
const VOLUME_MOST = [0, 0, 100000, 3000, 300];
export const volumeFits = (g: Marks, n: number): boolean => n <= (VOLUME_MOST[g.m] ?? 0);

export interface Step {
  at: number; // points that had come
  front: number; // points of it
  volume: number;
}

// The volume as the points came, at about so many moments at which the front had changed. Large fronts of many
// objectives: at fewer.
export function volumesOf(g: Marks, reference: number[], steps = 100): Step[] {
  const front: number[] = [],
    found: Step[] = [],
    every = Math.max(1, Math.ceil(g.n / steps));
  let changed = false,
    last = -every,
    cost = 0;
  for (let i = 0; i < g.n; i++) {
    changed = frontAdd(g, front, i) || changed;
    const end = i === g.n - 1;
    if (!changed || (!end && (i - last < every || cost > 5e7))) continue;
    if (volumeFits(g, front.length)) {
      found.push({at: i + 1, front: front.length, volume: volumeOf(g, front, reference)});
      cost += front.length ** (g.m - 1);
    }
    changed = false;
    last = i;
  }
  return found;
}
