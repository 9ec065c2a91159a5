// SPDX-License-Identifier: GPL-3.0-or-later
// Trials as a file.
import {csv, download, Twin} from "../base/chart";
import {sweep} from "./model";
import {plain, Sheet} from "./sheet";

export const exported = (s: Sheet, names: string[], rows: number[]): Twin => ({
  columns: names,
  rows: rows.map((row) => names.map((name) => plain(s.columns.get(name)!, row))),
});

export const save = (s: Sheet, names: string[], rows: number[]): void =>
  download(`${sweep.value.name || sweep.value.id}.csv`, csv(exported(s, names, rows)), "text/csv");
