// SPDX-License-Identifier: GPL-3.0-or-later
// What a trial is judged by, and which one is better.
import {computed} from "@preact/signals";
import {where} from "../base/where";
import {reduceAsked, sheet, sweep} from "./model";
import {Column, everyRow, Sheet, stateOf, VALUE} from "./sheet";

export const goal = computed<"minimize" | "maximize">(() => sweep.value?.metric?.goal ?? "minimize");
export const arrow = computed(() => (goal.value === "maximize" ? "↑" : "↓"));

// The sweep's metric at the bands of early_terminate, ascending.
export const rungOf = (column: Column): string => column.name.replace(/^rung\./, "");
export const rungs = computed<Column[]>(() =>
  sheet.value
    ? [...sheet.value.columns.values()]
        .filter((c) => c.name.startsWith("rung."))
        .sort((a, b) => Number(rungOf(a)) - Number(rungOf(b)))
    : [],
);

// What a trial is judged by: its objective, or with `r=` the metric reduced in another way: its last value, its value at
// a rung, or what the controller makes of all its points.
export const lastName = computed(() => {
  const name = "metrics." + sweep.value?.metric?.name;
  return sweep.value?.metric?.reduce !== "last" && sheet.value?.columns.has(name) ? name : "";
});
export const measureName = computed(() => {
  const wish = where.value.query.r ?? "",
    name = wish === "last" ? lastName.value : wish.startsWith("rung.") ? wish : "reduce." + reduceAsked.value;
  return sheet.value?.columns.has(name) ? name : "objective";
});
export const objective = computed<Column | undefined>(() => sheet.value?.columns.get(measureName.value));

// Whether it is the sweep's metric, in one way or another.
export const isMeasure = (name: string): boolean =>
  name === "objective" || name === lastName.value || /^(rung|reduce)\./.test(name);

// -1: a is better
export function better(a: number, b: number): number {
  return goal.value === "maximize" ? b - a : a - b;
}

interface Ranking {
  state: Column | undefined;
  goal: string;
  rows: number[];
}
const rankings = new WeakMap<Column, Ranking>(); // of all rows, until a value or a state is another

// Rows by their objective, best first, without failed ones and those that have no number. They come in ascending order.
export function ranked(rows: number[], column = objective.value): number[] {
  const s = sheet.value;
  if (!column || !s) return rows;
  const state = s.columns.get("state"),
    sign = goal.value === "maximize" ? -1 : 1,
    given = new Uint8Array(s.n);
  let all = rankings.get(column);
  if (!all || all.state !== state || all.goal !== goal.value) {
    const list: number[] = [];
    for (let row = 0; row < s.n; row++)
      if (column.kinds[row] === VALUE && stateOf(s, row) !== "failed") list.push(row);
    list.sort((a, b) => sign * (column.values[a] - column.values[b]));
    rankings.set(column, (all = {state, goal: goal.value, rows: list}));
  }
  for (const row of rows) given[row] = 1;
  return all.rows.filter((row) => given[row]);
}

// Of all trials; undefined: none has a number.
export const bestRow = computed<number | undefined>(() =>
  objective.value ? ranked(everyRow(sheet.value!))[0] : undefined,
);

// Whether the value of a row can be averaged with others: at the end of the trial, or all at one rung. A trial that was
// stopped early has another value than one that went on.
export const isComparable = (s: Sheet, row: number): boolean =>
  measureName.value.startsWith("rung.") ? stateOf(s, row) !== "failed" : stateOf(s, row) === "finished";
