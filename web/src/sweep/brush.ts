// SPDX-License-Identifier: GPL-3.0-or-later
// Ranges of columns that somebody has brushed, in values: `b=params.lr:1e-3~1e-2|0.05~0.1;params.optimizer:=adamw|sgd`.
import {computed, signal} from "@preact/signals";
import {safe} from "../base/text";
import {decoded, inAddress, show, where} from "../base/where";
import {quoted} from "./filter";
import {sheet} from "./model";
import {Column, label, Sheet, TIMES, VALUE} from "./sheet";

export interface Range {
  low: number;
  high: number;
}
// Of one column: ranges of numbers, or categories (with `not`: all others).
export interface Brush {
  ranges: Range[];
  words: string[] | null;
  not: boolean;
}

// A category's value in the address: a text as it is, unless it would read as another value.
export function keyOf(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

const digits = (name: string, x: number): string =>
  String(Number(x.toPrecision(TIMES.includes(name) ? 13 : 6)));

function brushPrint(name: string, {ranges, words, not}: Brush): string {
  return words
    ? `${inAddress(name)}:${not ? "!" : "="}${words.map(inAddress).join("|")}`
    : `${inAddress(name)}:${ranges.map((r) => digits(name, r.low) + "~" + digits(name, r.high)).join("|")}`;
}

function brushRead(text: string): [string, Brush] | null {
  const at = text.indexOf(":"),
    name = decoded(text.slice(0, at)),
    rest = text.slice(at + 1);
  if (at < 1 || !rest) return null;
  if (rest[0] === "=" || rest[0] === "!")
    return [name, {ranges: [], words: rest.slice(1).split("|").map(decoded), not: rest[0] === "!"}];
  const ranges = rest.split("|").map((part) => {
    const [low, high, more] = part.split("~");
    return {low: low ? Number(low) : NaN, high: more === undefined && high ? Number(high) : NaN};
  });
  return ranges.some((r) => Number.isNaN(r.low) || Number.isNaN(r.high))
    ? null
    : [name, {ranges, words: null, not: false}];
}

const fits = (s: Sheet, name: string, brush: Brush): boolean => {
  const column = s.columns.get(name);
  return !!column && !column.words === !brush.words;
};

const brushText = computed(() => where.value.query.b ?? "");
// `!` before them all: what they leave out.
export const inverted = computed(() => brushText.value[0] === "!");
const brushesRead = computed(() => {
  const found = new Map<string, Brush>(),
    wrong: string[] = [],
    s = sheet.value;
  for (const part of brushText.value.replace(/^!/, "").split(";").filter(Boolean)) {
    const read = brushRead(part);
    if (!read || (s && !fits(s, ...read))) wrong.push(`brush ${safe(read ? label(read[0]) : part)}`);
    else found.set(...read);
  }
  return {found, wrong};
});
export const brushes = computed<Map<string, Brush>>(() => brushesRead.value.found);
export const brushesWrong = computed(() => brushesRead.value.wrong);

function brushesShow(next: Map<string, Brush>, not: boolean, undo: boolean): void {
  const text = [...next].map((part) => brushPrint(...part)).join(";");
  show({b: (text && not ? "!" : "") + text}, undo);
}

export function brush(name: string, one: Brush | null, undo = true): void {
  const next = new Map(brushes.value);
  if (one && (one.words ? one.words.length || one.not : one.ranges.length)) next.set(name, one);
  else next.delete(name);
  brushesShow(next, inverted.value, undo);
}
export const brushSeveral = (several: Map<string, Brush>): void =>
  brushesShow(new Map([...brushes.value, ...several]), inverted.value, true);
export const invert = (): void => brushesShow(brushes.value, !inverted.value, true);

// The brushes as a filter: what is shown is the same.
function brushFilter(s: Sheet, name: string, {ranges, words, not}: Brush): string {
  const column = s.columns.get(name)!,
    as = quoted(name);
  if (words) {
    const list = column
      .words!.map((w, i) => ({key: keyOf(w), text: column.raw[i]}))
      .filter(({key}) => words.includes(key))
      .map(({text}) => quoted(text));
    return not
      ? `has:${as}${list.length ? ` -${as}:${list.join(",")}` : ""}`
      : `${as}:${list.join(",") || '""'}`;
  }
  const one = ranges.map((r) => `${as}>=${digits(name, r.low)} ${as}<=${digits(name, r.high)}`);
  return one.length > 1 ? `(${one.join(" OR ")})` : one[0];
}
export const brushesAsFilter = computed(() => {
  const s = sheet.value,
    text = s ? [...brushes.value].map((part) => brushFilter(s, ...part)).join(" ") : "";
  return text && inverted.value ? `-(${text})` : text;
});

// Brushes while they are drawn, before they are part of the address.
export const drawing = signal<Map<string, Brush> | null>(null);
export const active = computed(() =>
  drawing.value ? new Map([...brushes.value, ...drawing.value]) : brushes.value,
);

export function brushTest(column: Column, {ranges, words, not}: Brush): (row: number) => boolean {
  if (words) {
    const on = column.words!.map((w) => words.includes(keyOf(w)) !== not);
    return (row) => column.kinds[row] === VALUE && on[column.values[row]];
  }
  const {kinds, values} = column;
  return (row) => {
    if (kinds[row] !== VALUE) return false;
    for (const r of ranges) if (values[row] >= r.low && values[row] <= r.high) return true;
    return false;
  };
}
