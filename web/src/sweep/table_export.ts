// SPDX-License-Identifier: GPL-3.0-or-later
// Trials as a file: values as they are, times as ISO 8601 has them.
import {csv, download, Twin, Value} from "../base/chart";
import {sweep} from "./model";
import {plain, Sheet, TIMES, VALUE} from "./sheet";

export function exported(s: Sheet, names: string[], rows: number[]): Twin {
  const value = (name: string, row: number): Value => {
    const c = s.columns.get(name)!;
    return TIMES.includes(name) && c.kinds[row] === VALUE
      ? new Date(c.values[row] * 1000).toISOString()
      : plain(c, row);
  };
  return {columns: names, rows: rows.map((row) => names.map((name) => value(name, row)))};
}

export const save = (s: Sheet, names: string[], rows: number[]): void =>
  download(`${sweep.value.name || sweep.value.id}.csv`, csv(exported(s, names, rows)), "text/csv");
