// SPDX-License-Identifier: GPL-3.0-or-later
// Several objectives: what is measured of them, and the front of all trials.
import {computed} from "@preact/signals";
import {safe} from "../base/text";
import {frontOf, Marks, volumeFits, volumeOf} from "./fronts";
import {sheet, sweep} from "./model";
import {everyRow, Sheet, stateOf, VALUE} from "./sheet";

export interface Goal {
  name: string;
  goal: string;
}

export const objectives = (): Goal[] => sweep.value?.metrics ?? [];
export const up = (g: Goal): boolean => g.goal === "maximize";
export const titleOf = (g: Goal): string => `${safe(g.name)} ${up(g) ? "↑" : "↓"}`;

// The trials of these rows that finished or were stopped, and have a value of each objective.
export function measured(s: Sheet, goals: Goal[], of: number[]): {rows: number[]; marks: Marks} {
  const columns = goals.map((g) => s.columns.get("metrics." + g.name)),
    rows = of.filter(
      (row) =>
        /^(finished|stopped)$/.test(stateOf(s, row)) && columns.every((c) => c && c.kinds[row] === VALUE),
    ),
    gains = new Float64Array(rows.length * goals.length);
  rows.forEach((row, i) =>
    columns.forEach((c, j) => {
      gains[i * goals.length + j] = up(goals[j]) ? c!.values[row] : -c!.values[row];
    }),
  );
  return {rows, marks: {n: rows.length, m: goals.length, gains}};
}

// The worst of all measured trials, in each objective: as besom best has it.
export function worst({n, m, gains}: Marks): number[] {
  return Array.from({length: m}, (_, j) => {
    let least = Infinity;
    for (let i = 0; i < n; i++) least = Math.min(least, gains[i * m + j]);
    return least;
  });
}

// Of all trials, whatever is shown; null where there is one objective. volume: NaN where it takes too long.
export const front = computed<{n: number; volume: number} | null>(() => {
  const s = sheet.value,
    goals = objectives();
  if (!s || goals.length < 2) return null;
  const {marks} = measured(s, goals, everyRow(s)),
    best = frontOf(marks);
  return {
    n: best.length,
    volume: volumeFits(marks, best.length) ? volumeOf(marks, best, worst(marks)) : NaN,
  };
});
