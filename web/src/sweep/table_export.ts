// SPDX-License-Identifier: GPL-3.0-or-later
// Trials as a file: values as they are, times as ISO 8601 has them.
import {csv, download, Twin, Value} from "../base/chart";
import {sweep} from "./model";
import {MISSING, Sheet, TIMES, valueOf} from "./sheet";

export function exported(s: Sheet, names: string[], rows: number[]): Twin {
  const value = (name: string, row: number): Value => {
    const c = s.columns.get(name)!;
    if (c.kinds[row] === MISSING) return null;
    if (TIMES.includes(name)) return new Date(c.values[row] * 1000).toISOString();
    const exact = valueOf(c, row);
    return typeof exact === "object" ? JSON.stringify(exact) : (exact as Value);
  };
  return {columns: names, rows: rows.map((row) => names.map((name) => value(name, row)))};
}

export const save = (s: Sheet, names: string[], rows: number[]): void =>
  download(`${sweep.value.name || sweep.value.id}.csv`, csv(exported(s, names, rows)), "text/csv");
