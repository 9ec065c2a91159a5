// SPDX-License-Identifier: GPL-3.0-or-later
// The trials of a sweep, column by column, as the controller sends them; rows are in the order of their numbers.
import {iso, safe, word} from "../base/text";
import {Whole} from "../base/whole";

export const VALUE = 0,
  NAN = 1,
  PLUS = 2,
  MINUS = 3,
  MISSING = 4;
export const TIMES = ["created", "started", "ended"]; // columns of seconds since 1970

export interface Column {
  name: string;
  label: string;
  words: unknown[] | null; // of a category: values are indices
  texts: string[]; // of the words, as they are shown
  raw: string[]; // and as they are compared
  values: Float64Array;
  kinds: Uint8Array; // VALUE …
  exact: Map<number, Whole>; // of rows whose number has more digits than `values` holds
}

export interface Sheet {
  seq: number;
  of: number;
  n: number;
  columns: Map<string, Column>;
}

type Cell = number | Whole | string | null;
interface Sent {
  name: string;
  words?: unknown[];
  values: Cell[];
}
interface Answer {
  seq: number;
  of: number;
  n: number;
  columns: Sent[];
}

// Whether it is of a metric: its last value, the sweep's own one, at a rung or reduced in another way.
export const isMetric = (name: string): boolean => /^(objective$|(metrics|rung|reduce)\.)/.test(name);

export const label = (name: string): string => safe(name.replace(/^(params|metrics)\./, ""));

function kindOf(value: Cell): number {
  return value === null
    ? MISSING
    : typeof value === "number" || value instanceof Whole
      ? VALUE
      : value === "NaN"
        ? NAN
        : value === "Infinity"
          ? PLUS
          : MINUS;
}

function put(column: Column, row: number, value: Cell): void {
  const kind = kindOf(value);
  column.kinds[row] = kind;
  column.exact.delete(row);
  if (value instanceof Whole) column.exact.set(row, value);
  column.values[row] =
    kind === VALUE ? Number(value) : kind === PLUS ? Infinity : kind === MINUS ? -Infinity : NaN;
}

const rawOf = (value: unknown): string =>
  value === true
    ? "True"
    : value === false
      ? "False"
      : typeof value === "string"
        ? value
        : JSON.stringify(value);

export function columnNew(name: string, words: unknown[] | null, n: number): Column {
  return {
    name,
    label: label(name),
    words,
    texts: (words ?? []).map(word),
    raw: (words ?? []).map(rawOf),
    values: new Float64Array(n).fill(NaN),
    kinds: new Uint8Array(n).fill(MISSING),
    exact: new Map(),
  };
}

const TEXTS = ["tags", "reason", "cause", "agent"]; // they have words even where no trial has one

export function sheetOf(answer: Answer): Sheet {
  const columns = new Map<string, Column>();
  for (const sent of answer.columns) {
    const words = sent.words ?? (TEXTS.includes(sent.name) ? [] : null),
      column = columnNew(sent.name, words, answer.n);
    sent.values.forEach((value, row) => put(column, row, value));
    columns.set(sent.name, column);
  }
  return {seq: answer.seq, of: answer.of, n: answer.n, columns};
}

function grow(column: Column, n: number): Column {
  const grown = {
    ...column,
    values: new Float64Array(n).fill(NaN),
    kinds: new Uint8Array(n).fill(MISSING),
    exact: new Map(column.exact),
  };
  grown.values.set(column.values);
  grown.kinds.set(column.kinds);
  return grown;
}

// A value as another column's: a number that comes into a category, and the other way round.
function wordIndex(column: Column, value: unknown): number {
  const text = JSON.stringify(value);
  let at = column.words!.findIndex((w) => JSON.stringify(w) === text);
  if (at < 0) {
    at = column.words!.push(value) - 1;
    column.texts.push(word(value));
    column.raw.push(rawOf(value));
  }
  return at;
}

// The sheet with these rows changed or added. null: it cannot be told from them alone.
export function sheetWith(sheet: Sheet, answer: Answer): Sheet | null {
  const numbers = sheet.columns.get("number"),
    sent = answer.columns.find((c) => c.name === "number");
  if (!numbers || !sent) return sheet.n === 0 && answer.n ? null : sheet;
  const rows: number[] = [];
  let n = sheet.n;
  for (const number of sent.values as number[]) {
    const row = rowOf(sheet, number);
    rows.push(row >= 0 ? row : n++);
  }
  const known = sheet.n ? numbers.values[sheet.n - 1] : -1,
    added = (sent.values as number[]).filter((number) => rowOf(sheet, number) < 0);
  if (added.some((number, i) => number <= (i ? added[i - 1] : known))) return null; // rows are in the order of numbers
  // The sheet that is shown stays as it is. A column of which nothing is another is the same one, so that what is made of
  // it is made once.
  const columns = new Map(sheet.columns),
    sentOf = new Map(answer.columns.map((one) => [one.name, one])),
    fresh = new Set<Column>(),
    own = (column: Column): Column => {
      if (fresh.has(column)) return column;
      const copy = grow(column, n);
      fresh.add(copy);
      columns.set(column.name, copy);
      return copy;
    };
  for (const column of sheet.columns.values()) {
    const one = sentOf.get(column.name);
    if (n > sheet.n) own(column);
    if (!one || one.values.every((value) => value === null))
      for (const row of rows)
        if (row < sheet.n && column.kinds[row] !== MISSING) {
          const mine = own(columns.get(column.name)!);
          mine.kinds[row] = MISSING;
          mine.values[row] = NaN;
        }
  }
  for (const one of answer.columns) {
    let column = columns.get(one.name);
    // Of a few rows, a category may have no value, or numbers alone.
    if (column && one.values.every((value) => value === null)) continue;
    if (column && one.words && !column.words) {
      if (column.kinds.some((kind) => kind !== MISSING)) return null; // numbers that are categories from now on
      column = undefined;
    }
    if (!column) {
      column = columnNew(one.name, one.words ? [] : null, n);
      fresh.add(column);
      columns.set(one.name, column);
    }
    one.values.forEach((value, i) => {
      const said = value !== null && one.words ? one.words[value as number] : value,
        next = value === null || !column!.words ? value : wordIndex(column!, said),
        kind = kindOf(next),
        row = rows[i];
      if (column!.kinds[row] === kind && (kind !== VALUE || column!.values[row] === next)) return;
      put((column = own(column!)), row, next);
    });
  }
  return {seq: answer.seq, of: answer.of, n, columns};
}

export function rowOf(sheet: Sheet, number: number): number {
  const values = sheet.columns.get("number")?.values;
  if (!values) return -1;
  if (values[number] === number) return number;
  let low = 0,
    high = sheet.n - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (values[middle] === number) return middle;
    if (values[middle] < number) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

// Of a sheet that has the newest trials alone: one that is not in it.
export const isOlder = (sheet: Sheet | null, number: number): boolean =>
  !!sheet &&
  sheet.n < sheet.of &&
  rowOf(sheet, number) < 0 &&
  number < sheet.columns.get("number")!.values[sheet.n - 1];

export function cell(column: Column | undefined, row: number, full = false): string {
  if (!column || column.kinds[row] === MISSING) return word(null);
  if (column.words) return column.texts[column.values[row]];
  return full ? String(valueOf(column, row)) : word(column.values[row]);
}

// A value that is not missing: a word, or a number with all its digits.
export const valueOf = (column: Column, row: number): unknown =>
  column.words ? column.words[column.values[row]] : (column.exact.get(row) ?? column.values[row]);

// The same in a table or a file, where times are as ISO 8601 has them.
export function plain(column: Column, row: number): string | number | boolean | null {
  if (column.kinds[row] === MISSING) return null;
  const value = valueOf(column, row);
  if (TIMES.includes(column.name) && column.kinds[row] === VALUE) return iso(column.values[row]);
  return typeof value === "object" ? JSON.stringify(value) : (value as string);
}

export const everyRow = (sheet: Sheet): number[] => Array.from({length: sheet.n}, (_, row) => row);

export const stateOf = (sheet: Sheet, row: number): string => {
  const column = sheet.columns.get("state");
  return column?.words ? String(column.words[column.values[row]]) : "";
};

export const tagsOf = (sheet: Sheet, row: number): string[] => {
  const column = sheet.columns.get("tags");
  return column?.words && column.kinds[row] === VALUE ? column.raw[column.values[row]].split(",") : [];
};

export function varies(column: Column, n: number): boolean {
  for (let row = 1; row < n; row++)
    if (
      column.kinds[row] !== column.kinds[0] ||
      (column.kinds[row] === VALUE && column.values[row] !== column.values[0])
    )
      return true;
  return false;
}
