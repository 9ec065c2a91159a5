// SPDX-License-Identifier: GPL-3.0-or-later
// Axes that grow with each trial that ends, so that a pause of the sweep takes no room on them.
import type {Axis} from "../base/scale";
import {Column, columnNew, everyRow, Sheet, VALUE} from "./sheet";

export const SO_FAR = ["order", "spent"];

// Of those that have ended, when this one did: how many there were, or the slot-hours that they had used.
export function soFar(s: Sheet, name: string): Column {
  const found = columnNew(name, null, s.n),
    ended = s.columns.get("ended"),
    took = s.columns.get("duration");
  let sum = 0;
  for (const row of everyRow(s)
    .filter((row) => ended?.kinds[row] === VALUE)
    .sort((a, b) => ended!.values[a] - ended!.values[b])) {
    const more = name === "order" ? 1 : took!.values[row] / 3600;
    if (!(more >= 0)) continue;
    found.kinds[row] = VALUE;
    found.values[row] = sum += more;
  }
  return found;
}

// Where a moment is, over times and over what had ended by then.
export function momentAt(s: Sheet, {column, place}: Axis, time: number): number {
  if (column.name === "started" || column.name === "ended") return place(time);
  if (!SO_FAR.includes(column.name)) return NaN;
  const ended = s.columns.get("ended");
  return Math.max(
    0,
    place(column.values.reduce((n, v, row) => (ended!.values[row] <= time && v > n ? v : n), 0)),
  );
}
