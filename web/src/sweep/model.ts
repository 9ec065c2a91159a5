// SPDX-License-Identifier: GPL-3.0-or-later
// What the page of a sweep shows: one filter, one set of brushes, one hovered and one selected trial for all of its views.
import {computed, signal} from "@preact/signals";
import {Fact, follow, get} from "../base/api";
import {filterOf} from "./filter";
import {cell, Column, MISSING, NAN, rowOf, Sheet, sheetOf, sheetWith, stateOf, VALUE, varies} from "./sheet";
import {show, where} from "../base/where";

export interface Range {
  low: number;
  high: number;
} // of values; of a category, [low, high] are indices

export const sheet = signal<Sheet | null>(null);
export const sweep = signal<any>(null);
export const slots = signal<{busy: number; all: number; away: number} | null>(null);
export const trouble = signal<string>("");
export const hovered = signal<number>(-1); // number of a trial

export const goal = computed<"minimize" | "maximize">(() => sweep.value?.metric?.goal ?? "minimize");
export const filterText = computed(() => where.value.query.f ?? "");
export const selected = computed(() =>
  where.value.query.sel === undefined ? -1 : Number(where.value.query.sel),
);
export const colourBy = computed(() => where.value.query.c ?? "objective");

// `b=params.lr:1e-3~1e-2,params.depth:3~4`: the brushes, in values.
export const brushes = computed<Map<string, Range>>(() => {
  const found = new Map<string, Range>();
  for (const part of (where.value.query.b ?? "").split(";")) {
    const match = /^(.+):([^:~]+)~([^:~]+)$/.exec(part);
    if (match) found.set(match[1], {low: Number(match[2]), high: Number(match[3])});
  }
  return found;
});

export function brush(name: string, range: Range | null, undo = true): void {
  const next = new Map(brushes.value);
  if (range) next.set(name, range);
  else next.delete(name);
  show(
    {
      b: [...next]
        .map(([n, r]) => `${n}:${Number(r.low.toPrecision(6))}~${Number(r.high.toPrecision(6))}`)
        .join(";"),
    },
    undo,
  );
}

// Brushes while they are drawn, before they are part of the address.
export const drawing = signal<{name: string; range: Range} | null>(null);

export const filter = computed(() => (sheet.value ? filterOf(sheet.value, filterText.value) : null));

function brushTests(s: Sheet): ((row: number) => boolean)[] {
  const all = new Map(brushes.value),
    now = drawing.value;
  if (now) all.set(now.name, now.range);
  return [...all].flatMap(([name, {low, high}]) => {
    const column = s.columns.get(name);
    return column
      ? [
          (row: number) =>
            column.kinds[row] === VALUE && column.values[row] >= low && column.values[row] <= high,
        ]
      : [];
  });
}

export const shown = computed<Uint8Array>(() => {
  const s = sheet.value;
  if (!s) return new Uint8Array(0);
  const mask = new Uint8Array(s.n),
    test = filter.value!.test,
    tests = brushTests(s);
  for (let row = 0; row < s.n; row++) mask[row] = test(row) && tests.every((t) => t(row)) ? 1 : 0;
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
export const objective = computed<Column | undefined>(() => sheet.value?.columns.get("objective"));

// -1: a is better
export function better(a: number, b: number): number {
  return goal.value === "maximize" ? b - a : a - b;
}

// Rows by their objective, best first; failed ones and those without a number come last.
export function ranked(rows: number[]): number[] {
  const column = objective.value,
    s = sheet.value;
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
export const sort = computed<Sort>(() => {
  const text = where.value.query.sort ?? "";
  if (!text) return {name: "number", down: true};
  return {name: text.replace(/^-/, ""), down: text[0] === "-"};
});

// No value, NaN and failed trials are last in both directions.
export function sorted(rows: number[], by: Sort): number[] {
  const s = sheet.value,
    column = s?.columns.get(by.name);
  if (!s || !column) return rows;
  const sign = by.down ? -1 : 1,
    measured = by.name === "objective" || by.name.startsWith("metrics.");
  const rank = new Uint8Array(s.n);
  for (const row of rows) {
    const kind = column.kinds[row];
    rank[row] =
      kind === MISSING
        ? 4
        : kind === NAN
          ? 3
          : kind !== VALUE
            ? 2
            : measured && stateOf(s, row) === "failed"
              ? 1
              : 0;
  }
  const order = column.words
    ? column.texts.map((text, i) => ({text, i})).sort((a, b) => (a.text < b.text ? -1 : 1))
    : [];
  const place = new Map(order.map(({i}, at) => [i, at]));
  const value = (row: number) => (column.words ? place.get(column.values[row])! : column.values[row]);
  return rows.sort((a, b) => rank[a] - rank[b] || (rank[a] >= 2 ? 0 : sign * (value(a) - value(b))) || a - b);
}

export const labelOf = (row: number): string => {
  const s = sheet.value!;
  return cell(s.columns.get("number"), row);
};
export const rowOfTrial = (number: number): number => (sheet.value ? rowOf(sheet.value, number) : -1);

async function agentsRead(): Promise<void> {
  const answer = await get("agents");
  let busy = 0,
    all = 0,
    away = 0;
  for (const agent of answer.agents ?? []) {
    if (agent.state !== "up") {
      away++;
      continue;
    }
    for (const slot of agent.slots ?? []) {
      all++;
      if (slot.trial) busy++;
    }
  }
  slots.value = {busy, all, away};
}

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
      agentsRead(),
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
      void agentsRead().catch(() => {});
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
