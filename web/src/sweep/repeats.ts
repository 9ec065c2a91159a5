// SPDX-License-Identifier: GPL-3.0-or-later
// Trials whose parameters are equal, but for seeds.
import {isSeed} from "../base/seed";
import {varying} from "./fields";
import {isComparable, objective} from "./measure";
import {Column, Sheet, VALUE} from "./sheet";

export const same = (c: Column, a: number, b: number): boolean =>
  c.kinds[a] === c.kinds[b] && (c.kinds[a] !== VALUE || c.values[a] === c.values[b]);

// The objectives of the trials whose parameters are those of the row, but for seeds.
export function repeats(s: Sheet, row: number): number[] {
  const column = objective.value!,
    rest = varying.value.filter((c) => !isSeed(c.name)),
    found: number[] = [];
  for (let other = 0; other < s.n; other++)
    if (column.kinds[other] === VALUE && isComparable(s, other) && rest.every((c) => same(c, row, other)))
      found.push(column.values[other]);
  return found;
}

// Of a sample; sd is NaN of a single value.
export function meanOf(values: number[]): {mean: number; sd: number} {
  const mean = values.reduce((a, b) => a + b, 0) / values.length,
    sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1));
  return {mean, sd: values.length > 1 ? sd : NaN};
}
