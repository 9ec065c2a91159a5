// SPDX-License-Identifier: GPL-3.0-or-later
// What the page of a sweep shows: one filter, one set of brushes, one hovered and one selected trial for all of its views.
import {computed, signal} from "@preact/signals";
import {Fact, follow, get} from "../base/api";
import {look, isDark} from "../base/parts";
import {Axis, axisOf, isLog, Robust, Scale, SCALES, shade, specOf, wordColours} from "../base/scale";
import {count, safe, short, STATES} from "../base/text";
import {filterOf, quoted} from "./filter";
import {
  cell,
  Column,
  label,
  MISSING,
  NAN,
  rowOf,
  Sheet,
  sheetOf,
  sheetWith,
  stateOf,
  VALUE,
  varies,
} from "./sheet";
import {show, where} from "../base/where";

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

export const sheet = signal<Sheet | null>(null);
export const sweep = signal<any>(null);
export const specText = computed(() => JSON.stringify(sweep.value?.spec ?? null)); // it may be edited
export const trouble = signal<string>("");
export const hovered = signal<number>(-1); // number of a trial

export const goal = computed<"minimize" | "maximize">(() => sweep.value?.metric?.goal ?? "minimize");
export const arrow = computed(() => (goal.value === "maximize" ? "↑" : "↓"));
export const filterText = computed(() => where.value.query.f ?? "");
export const selected = computed(() =>
  /^\d+$/.test(where.value.query.sel ?? "") ? Number(where.value.query.sel) : -1,
);
export const colourBy = computed(() => where.value.query.c ?? ""); // "": each view's usual

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

const TIMES = ["created", "started", "ended"];
const digits = (name: string, x: number): string =>
  String(Number(x.toPrecision(TIMES.includes(name) ? 13 : 6)));
export const inAddress = (text: string): string =>
  text.replace(/[%;|~:,!=]/g, (c) => "%" + c.charCodeAt(0).toString(16));

// A list of names in the address.
export const listed = (text: string | undefined): string[] =>
  (text ?? "").split(",").filter(Boolean).map(decoded);

function brushPrint(name: string, {ranges, words, not}: Brush): string {
  return words
    ? `${inAddress(name)}:${not ? "!" : "="}${words.map(inAddress).join("|")}`
    : `${inAddress(name)}:${ranges.map((r) => digits(name, r.low) + "~" + digits(name, r.high)).join("|")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
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

// `b=params.lr:1e-3~1e-2|0.05~0.1;params.optimizer:=adamw|sgd`: the brushes, in values. `!` before them all: what they
// leave out.
const brushText = computed(() => where.value.query.b ?? "");
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
export function keep(): void {
  const had = filterText.value.trim(),
    both = / OR /.test(had) ? `(${had})` : had;
  show({f: `${both} ${brushesAsFilter.value}`.trim(), b: ""});
}

// Brushes while they are drawn, before they are part of the address.
export const drawing = signal<Map<string, Brush> | null>(null);
export const active = computed(() =>
  drawing.value ? new Map([...brushes.value, ...drawing.value]) : brushes.value,
);

export const filter = computed(() =>
  sheet.value ? filterOf(sheet.value, filterText.value, sweep.value?.metric?.name) : null,
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

// Of the filter alone; the brushes narrow it, and what is drawn of one does so many times a second.
const filtered = computed<Uint8Array>(() => {
  const s = sheet.value,
    mask = new Uint8Array(s?.n ?? 0),
    test = filter.value?.test;
  for (let row = 0; row < mask.length; row++) mask[row] = test!(row) ? 1 : 0;
  return mask;
});
export const shown = computed<Uint8Array>(() => {
  const s = sheet.value,
    not = inverted.value,
    all = [...active.value];
  if (!s || !all.length) return filtered.value;
  const tests = all.map(([name, one]) => brushTest(s.columns.get(name)!, one)),
    mask = filtered.value.slice();
  for (let row = 0; row < s.n; row++) if (mask[row] && tests.every((t) => t(row)) === not) mask[row] = 0;
  return mask;
});
export const shownCount = computed(() => shown.value.reduce((sum, one) => sum + one, 0));

export const params = computed<Column[]>(() =>
  sheet.value ? [...sheet.value.columns.values()].filter((c) => c.name.startsWith("params.")) : [],
);
export const varying = computed<Column[]>(() =>
  sheet.value && sheet.value.n > 1 ? params.value.filter((c) => varies(c, sheet.value!.n)) : params.value,
);
export const metrics = computed<Column[]>(() =>
  sheet.value ? [...sheet.value.columns.values()].filter((c) => c.name.startsWith("metrics.")) : [],
);
// What a trial is judged by: its objective, or (`r=last`) the last value of that metric.
export const lastName = computed(() => {
  const name = "metrics." + sweep.value?.metric?.name;
  return sweep.value?.metric?.reduce !== "last" && sheet.value?.columns.has(name) ? name : "";
});
export const measureName = computed(() =>
  where.value.query.r === "last" && lastName.value ? lastName.value : "objective",
);
export const objective = computed<Column | undefined>(() => sheet.value?.columns.get(measureName.value));

const TITLES: Record<string, string> = {number: "#", duration: "time", reason: "why"};
// The name of a column, the same everywhere.
export function title(name: string): string {
  const metric = safe(sweep.value?.metric?.name ?? "objective");
  if (name === "objective") return `${metric} ${arrow.value}`;
  return name === lastName.value ? `${metric} ${arrow.value} (last)` : (TITLES[name] ?? label(name));
}

export const scaleOf = (name: string): Scale => (isLog(sweep.value?.spec, name) ? "log" : "linear");
export const orderOf = (name: string): unknown[] => {
  const values = name.startsWith("params.") ? specOf(sweep.value?.spec, name)?.values : undefined;
  return Array.isArray(values) ? values : [];
};
// How an axis of this column is cut: never at the good end of what has a goal.
export function robustOf(name: string): Robust {
  if (name === "objective" || name === lastName.value) return goal.value;
  const one = (sweep.value?.metrics ?? []).find((m: {name: string}) => "metrics." + m.name === name);
  return one?.goal ?? (name === "metrics." + sweep.value?.metric?.name ? goal.value : true);
}
export const axis = (s: Sheet, name: string, scale: Scale, robust: Robust): Axis =>
  axisOf(s, s.columns.get(name)!, scale, robust, orderOf(name));

export interface Colouring {
  name: string;
  of: (row: number) => string;
  legend: {colour: string; text: string}[];
}

function byWords(s: Sheet, column: Column, dark: boolean): Colouring {
  const colours = wordColours(dark),
    counts = new Map<number, number>();
  for (let row = 0; row < s.n; row++)
    if (column.kinds[row] === VALUE)
      counts.set(column.values[row], (counts.get(column.values[row]) ?? 0) + 1);
  const order = orderOf(column.name).map((v) => JSON.stringify(v)),
    rank = (i: number) =>
      (order.indexOf(JSON.stringify(column.words![i])) + order.length + 1) % (order.length + 1),
    most = [...counts.keys()]
      .sort((a, b) => counts.get(b)! - counts.get(a)! || a - b)
      .slice(0, colours.length),
    given = new Map(most.sort((a, b) => rank(a) - rank(b) || a - b).map((word, i) => [word, colours[i]])),
    others = counts.size - most.length;
  const legend = [...given].map(([word, colour]) => ({colour, text: column.texts[word]}));
  if (others) legend.push({colour: "", text: `${count(others)} others`});
  return {
    name: column.name,
    of: (row) => (column.kinds[row] === VALUE ? (given.get(column.values[row]) ?? "") : ""),
    legend,
  };
}

// The best first, each a share of all: an outlier does not take the whole scale.
function byRank(s: Sheet, column: Column, dark: boolean): Colouring {
  const places = new Float32Array(s.n).fill(NaN),
    best = ranked(
      Array.from({length: s.n}, (_, row) => row),
      column,
    );
  best.forEach((row, i) => {
    places[row] = i / Math.max(1, best.length - 1);
  });
  const at = (p: number) => short(column.values[best[Math.round(p * (best.length - 1))]]);
  return {
    name: column.name,
    of: (row) => (places[row] === places[row] ? shade(places[row], 0, dark) : ""),
    legend: best.length
      ? [0, 0.5, 1].map((p) => ({colour: shade(p, 0, dark), text: `${at(p)}${p === 0 ? " best" : ""}`}))
      : [],
  };
}

// The colour of each trial; "" is grey. usual: of a view, where the address names none.
export function colouring(s: Sheet, css: (name: string) => string, usual: string): Colouring {
  void look.value;
  const dark = isDark(),
    wish = colourBy.value || usual,
    name = wish === "state" || s.columns.has(wish) ? wish : usual,
    column = s.columns.get(name);
  if (name === "state" || !column) {
    const states = STATES.filter((state) => sweep.value?.counts?.[state]),
      colours = new Map(STATES.map((state) => [state, css("s-" + state) || css("s-failed")]));
    return {
      name: "state",
      of: (row) => colours.get(stateOf(s, row)) ?? "",
      legend: states.map((state) => ({colour: colours.get(state)!, text: state})),
    };
  }
  if (column.words) return byWords(s, column, dark);
  if (name === "objective" || name === lastName.value) return byRank(s, column, dark);
  const a = axisOf(s, column, scaleOf(name), robustOf(name));
  return {
    name,
    of: (row) => (column.kinds[row] === VALUE ? shade(a.place(column.values[row]), 0, dark) : ""),
    legend: [0, 0.5, 1].map((p) => ({colour: shade(p, 0, dark), text: short(a.value(p))})),
  };
}

// -1: a is better
export function better(a: number, b: number): number {
  return goal.value === "maximize" ? b - a : a - b;
}

// Rows by their objective, best first; failed ones and those without a number come last.
export function ranked(rows: number[], column = objective.value): number[] {
  const s = sheet.value;
  if (!column || !s) return rows;
  return rows
    .filter((row) => column.kinds[row] === VALUE && stateOf(s, row) !== "failed")
    .sort((a, b) => better(column.values[a], column.values[b]));
}

export function shownRows(): number[] {
  const rows: number[] = [],
    mask = shown.value;
  for (let row = 0; row < mask.length; row++) if (mask[row]) rows.push(row);
  return rows;
}

export interface Sort {
  name: string;
  down: boolean;
}
export const sort = computed<Sort[]>(() => {
  const found = (where.value.query.sort ?? "")
    .split(",")
    .filter(Boolean)
    .map((text) => ({name: decoded(text.replace(/^-/, "")), down: text[0] === "-"}))
    .filter(({name}) => !sheet.value || sheet.value.columns.has(name));
  return found.length ? found : [{name: "number", down: true}];
});

// No value, NaN and failed trials are last in both directions.
function compare(s: Sheet, {name, down}: Sort): (a: number, b: number) => number {
  const column = s.columns.get(name)!,
    {kinds, values} = column,
    measured = name === "objective" || name.startsWith("metrics."),
    state = s.columns.get("state"),
    failed = state?.words?.indexOf("failed") ?? -1;
  const rank = new Uint8Array(s.n);
  for (let row = 0; row < s.n; row++) {
    const kind = kinds[row];
    if (kind !== VALUE) rank[row] = kind === MISSING ? 4 : kind === NAN ? 3 : 2;
    else rank[row] = measured && state!.values[row] === failed ? 1 : 0;
  }
  const keys = values.slice();
  if (column.words) {
    const order = column.texts.map((_, i) => i).sort((a, b) => (column.texts[a] < column.texts[b] ? -1 : 1)),
      place = new Float64Array(order.length);
    order.forEach((i, at) => (place[i] = at));
    for (let row = 0; row < s.n; row++) if (kinds[row] === VALUE) keys[row] = place[values[row]];
  }
  const sign = down ? -1 : 1;
  return (a, b) => rank[a] - rank[b] || (rank[a] >= 2 ? 0 : sign * (keys[a] - keys[b]));
}

export function sorted(rows: number[], by: Sort[]): number[] {
  const s = sheet.value;
  if (!s) return rows;
  const all = by.filter(({name}) => s.columns.has(name)).map((one) => compare(s, one));
  return rows.sort((a, b) => {
    for (const one of all) {
      const order = one(a, b);
      if (order) return order;
    }
    return a - b;
  });
}

// Trials that are chosen, to compare them or to act on them: in the address while they are few.
const PICKED_MAX = 100;
const pickedMany = signal<Set<number> | null>(null);
export const picked = computed<Set<number>>(() => {
  const text = where.value.query.cmp ?? "";
  if (!text) return pickedMany.value ?? new Set();
  return new Set(
    text
      .split(",")
      .filter((n) => /^\d+$/.test(n))
      .map(Number),
  );
});
export function pick(numbers: Iterable<number>): void {
  const next = new Set(numbers);
  pickedMany.value = next.size > PICKED_MAX ? next : null;
  show({cmp: next.size > PICKED_MAX ? "" : [...next].join(",")}, false);
}
export function pickTurn(number: number): void {
  const next = new Set(picked.value);
  if (!next.delete(number)) next.add(number);
  pick(next);
}

// What the address asks for, and cannot be given.
export const ignored = computed<string[]>(() => {
  const s = sheet.value,
    q = where.value.query;
  if (!s) return [];
  const names = (text: string | undefined, what: string) =>
    (text ?? "")
      .split(",")
      .map((n) => decoded(n.replace(/^-/, "").replace(/:.*$/, "")))
      .filter((n) => n && !s.columns.has(n))
      .map((n) => `${what} ${safe(label(n))}`);
  return [
    ...brushesRead.value.wrong,
    ...names(q.ax, "axis"),
    ...names(q.cols, "column"),
    ...names(q.sort, "sort by"),
    ...names(q.scale, "scale of"),
    ...(q.scale ?? "")
      .split(",")
      .filter((t) => t && !SCALES.includes(t.replace(/^.*:/, "") as Scale))
      .map((t) => `scale ${safe(t)}`),
    ...(q.c && q.c !== "state" && !s.columns.has(q.c) ? [`colour ${safe(label(q.c))}`] : []),
    ...(q.x && !XS.includes(q.x) ? [`x ${safe(q.x)}`] : []),
    ...(q.sel && (selected.value < 0 || rowOf(s, selected.value) < 0) ? [`trial ${safe(q.sel)}`] : []),
    ...(q.r && !(q.r === "last" && lastName.value) ? [`reduce ${safe(q.r)}`] : []),
  ];
});
export const XS = ["started", "ended", "number", "spent", "duration"];

export const labelOf = (row: number): string => {
  const s = sheet.value!;
  return cell(s.columns.get("number"), row);
};
export const rowOfTrial = (number: number): number => (sheet.value ? rowOf(sheet.value, number) : -1);

let changed = new Set<number>(),
  asking = false,
  whole = false;

async function catchUp(id: string): Promise<void> {
  if (asking || (!changed.size && !whole)) return;
  asking = true;
  const numbers = [...changed],
    everything = whole || numbers.length > 500;
  changed = new Set();
  whole = false;
  try {
    const [head, answer] = await Promise.all([
      get(`sweeps/${id}`),
      numbers.length || everything
        ? get(`sweeps/${id}/columns` + (everything ? "" : `?trials=${numbers.join(",")}`))
        : null,
    ]);
    if (sweep.value?.id === id) {
      const next =
        answer === null ? sheet.value : everything ? sheetOf(answer) : sheetWith(sheet.value!, answer);
      sweep.value = head;
      if (next) sheet.value = next;
      else whole = true;
    }
    trouble.value = "";
  } catch (error) {
    for (const number of numbers) changed.add(number);
    trouble.value = (error as Error).message;
  }
  asking = false;
  if (whole || changed.size) setTimeout(() => void catchUp(id), 1000);
}

// Loads the sweep and follows it; returns what ends that.
export function open(id: string): () => void {
  let stop = () => {},
    gone = false;
  sheet.value = sweep.value = null;
  trouble.value = "";
  changed = new Set();
  const load = async () => {
    try {
      const head = await get(`sweeps/${id}`);
      if (gone) return;
      sweep.value = head;
      const answer = await get(`sweeps/${head.id}/columns`);
      if (gone) return;
      sheet.value = sheetOf(answer);
      trouble.value = "";
      stop = follow((facts: Fact[]) => {
        let mine = false;
        for (const fact of facts)
          if (fact.sweep === head.id || fact.kind === "reset") {
            mine = true;
            whole ||= fact.kind === "reset";
            if (fact.trial !== undefined) changed.add(fact.trial);
            if (fact.kind.startsWith("sweep_")) whole = true;
          }
        if (mine) void catchUp(head.id);
      }, answer.seq);
    } catch (error) {
      trouble.value = (error as Error).message;
      if (!gone && (error as any).status === 0) setTimeout(load, 2000);
    }
  };
  void load();
  return () => {
    gone = true;
    stop();
  };
}
